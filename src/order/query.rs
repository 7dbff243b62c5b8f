//! The list of orders under a user. Orders have no root fields: they are read from their user, or by id.

use async_graphql::Context;
use uuid::Uuid;

use super::listing::OrderListing;
use super::loader::{OrderPage, OrderPageKey};
use super::object::Order;
use crate::auth::Guarded;
use crate::error::Result;
use crate::graphql::{Connection, ContextExt, Page, PageArguments};

/// A page of the orders of a user.
pub async fn connection(ctx: &Context<'_>, user: Uuid, page: PageArguments) -> Result<Connection<OrderListing>> {
    let request = ctx.request();
    let listing = OrderListing { user };
    let window = page.window(ctx, &listing)?;
    let page = match request.may_see(Guarded::Order { user }) {
        true => request.load::<OrderPage>(OrderPageKey { user, window }).await?,
        false => None,
    };
    let page = page.unwrap_or_else(Page::empty);
    Ok(Connection::new(listing, page.filter_map(|row| Order::hand_out(row, request.viewer))))
}
