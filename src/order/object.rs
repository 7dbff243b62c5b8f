//! The GraphQL type `Order`.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use iso_currency::Currency;

use super::entity::{Model, OrderStatus};
use super::item_object::OrderItem;
use super::loader::{OrderById, OrderItemsByOrder};
use crate::auth::{Guarded, Viewer, guard};
use crate::error::Result;
use crate::graphql::{
    AssumedSize, AtHand, BigInt, ContextExt, DateTime, Kind, MaxAge, Money, Now, Owned, RequestContext, Selected,
    currency,
};
use crate::user::User;

/// Something that a person ordered. Exists for that person and for staff.
#[derive(Clone)]
pub struct Order {
    row: Arc<Model>,
}

impl Order {
    pub fn hand_out(row: Arc<Model>, viewer: Viewer) -> Option<Self> {
        guard::may_see(viewer, Guarded::Order { user: row.user_id }).then_some(Self { row })
    }

    /// Looks the order up; `None` when there is no such order or it is not for this viewer.
    pub async fn fetch(request: &RequestContext, key: Owned) -> Result<Option<Self>> {
        if !request.may_see(Guarded::Order { user: key.user }) {
            return Ok(None);
        }
        let row = request.load::<OrderById>(key).await?;
        Ok(row.and_then(|row| Self::hand_out(row, request.viewer)))
    }

    pub fn row(&self) -> &Model {
        &self.row
    }

    pub fn currency(&self) -> Result<Currency> {
        currency(&self.row.currency_code)
    }

    fn key(&self) -> Owned {
        Owned { user: self.row.user_id, id: self.row.id }
    }
}

/// Something that a person ordered. Exists for that person, when they are logged in, and for staff.
#[Object(directive = MaxAge::apply(0))]
impl Order {
    /// The global id.
    pub async fn id(&self, ctx: &Context<'_>) -> ID {
        ctx.request().shared.ids.owned(Kind::Order, self.key())
    }

    /// How far it has come.
    async fn status(&self) -> Status {
        self.row.status.into()
    }

    /// What all its items cost together, as it was agreed.
    async fn total(&self) -> Result<Now<Money>> {
        Ok(Now(Money::new(self.row.total, self.currency()?)))
    }

    /// Who ordered; null when that user was deleted.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User>> {
        User::fetch(ctx.request(), self.row.user_id).await.transpose()
    }

    /// What was ordered, all of it, in the order in which it is shown.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn items(&self, ctx: &Context<'_>) -> Result<Vec<OrderItem>> {
        let rows = ctx.request().load::<OrderItemsByOrder>(self.key()).await?.unwrap_or_default();
        Ok(rows.into_iter().map(|row| OrderItem::of(self.clone(), row)).collect())
    }

    /// When it was placed; a user's orders are sorted by this.
    async fn placed_at(&self) -> DateTime {
        DateTime(self.row.placed_at)
    }

    /// Raised by every change of the order.
    async fn version(&self) -> BigInt {
        BigInt(self.row.version)
    }

    /// When it was recorded here; later than `placedAt` for one that was brought over from elsewhere.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }
}

impl AtHand for Order {
    fn is_at_hand(field: &str, _: Selected<'_>) -> bool {
        !matches!(field, "user" | "items")
    }
}

/// How far an order has come.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "OrderStatus")]
pub enum Status {
    /// Placed, and not paid yet.
    Pending,
    /// Paid, and not sent yet.
    Paid,
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Called off.
    Cancelled,
}

impl From<OrderStatus> for Status {
    fn from(status: OrderStatus) -> Self {
        match status {
            OrderStatus::Pending => Self::Pending,
            OrderStatus::Paid => Self::Paid,
            OrderStatus::Shipped => Self::Shipped,
            OrderStatus::Delivered => Self::Delivered,
            OrderStatus::Cancelled => Self::Cancelled,
        }
    }
}
