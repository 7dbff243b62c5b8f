//! The root fields that read users.

use async_graphql::{Context, ID, Object};

use super::listing::UserListing;
use super::loader::UserPage;
use super::object::User;
use crate::auth::{Guarded, guard};
use crate::error::{Error, Result};
use crate::graphql::{Connection, ContextExt, Kind, Page, PageArguments, PageSize};

#[derive(Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// One user, by `id` or by `email`: give one of them. Null when there is no such user, and for everyone but that user and staff.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: Option<ID>,
        #[graphql(desc = "The e-mail address, upper and lower case alike.")] email: Option<String>,
    ) -> Option<Result<User>> {
        let request = ctx.request();
        match (id, email) {
            (Some(id), None) => match request.shared.ids.expect(Kind::User, &id) {
                Ok(id) => User::fetch(request, id).await,
                Err(error) => Err(error),
            },
            (None, Some(email)) => User::fetch_by_email(request, &email).await,
            _ => Err(Error::bad_input("user takes either id or email")),
        }
        .transpose()
    }

    /// All users, page by page, newest first. Staff only: for everyone else null, with the error `UNAUTHENTICATED`, or `FORBIDDEN` where the
    /// session is of someone else.
    #[graphql(directive = PageSize::apply())]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size, from the start of the list or after `after`. Default 20, at most 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only users after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size, from the end of the list or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "Only users before this cursor.")] before: Option<String>,
    ) -> Option<Result<Connection<UserListing>>> {
        Some(connection(ctx, PageArguments { first, after, last, before }).await)
    }
}

async fn connection(ctx: &Context<'_>, page: PageArguments) -> Result<Connection<UserListing>> {
    let request = ctx.request();
    guard::check_sight(request.viewer, Guarded::Users)?;
    let window = page.window(ctx, &UserListing)?;
    let page = request.load::<UserPage>(window).await?.unwrap_or_else(Page::empty);
    Ok(Connection::new(UserListing, page.filter_map(|row| User::hand_out(row, request.viewer))))
}
