//! The GraphQL type `OrderItem`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use super::item::Model;
use super::loader::OrderItemById;
use super::object::Order;
use crate::auth::Guarded;
use crate::error::{Error, Result};
use crate::graphql::{ContextExt, Kind, MaxAge, Money, Owned, RequestContext};
use crate::sku::Sku;

/// One line of an order: what was bought, under the name and at the price of that day. Exists for whom its order does.
#[derive(Clone)]
pub struct OrderItem {
    order: Order,
    row: Arc<Model>,
}

impl OrderItem {
    /// An item of an order that was handed out.
    pub fn of(order: Order, row: Arc<Model>) -> Self {
        Self { order, row }
    }

    /// Looks the item up; `None` when there is no such item or its order is not for this viewer.
    pub async fn fetch(request: &RequestContext, key: Owned) -> Result<Option<Self>> {
        if !request.may_see(Guarded::Order { user: key.user }) {
            return Ok(None);
        }
        let Some(row) = request.load::<OrderItemById>(key).await? else { return Ok(None) };
        let order = Order::fetch(request, Owned { user: row.user_id, id: row.order_id }).await?;
        Ok(order.map(|order| Self { order, row }))
    }
}

/// One line of an order: what was bought, under the name and at the price of that day. Exists for whoever ordered, when they are logged in, and
/// for staff.
#[Object(directive = MaxAge::apply(0))]
impl OrderItem {
    /// The global id.
    pub async fn id(&self, ctx: &Context<'_>) -> ID {
        let key = Owned { user: self.row.user_id, id: self.row.id };
        ctx.request().shared.ids.owned(Kind::OrderItem, key)
    }

    /// The order that it is a line of.
    async fn order(&self) -> Order {
        self.order.clone()
    }

    /// What the product was called when it was ordered.
    async fn product_name(&self) -> &str {
        &self.row.product_name
    }

    /// The variant in words as it was called when it was ordered, such as `Small / Red`; empty when there was nothing to choose.
    async fn sku_label(&self) -> &str {
        &self.row.sku_label
    }

    /// How many pieces were ordered, at least 1.
    async fn quantity(&self) -> i32 {
        self.row.quantity
    }

    /// What one piece cost when it was ordered.
    async fn unit_price(&self) -> Result<Money> {
        Ok(Money::new(self.row.unit_price, self.order.currency()?))
    }

    /// What all its pieces cost together: `quantity` times `unitPrice`.
    async fn total(&self) -> Result<Money> {
        let total = self.row.unit_price.checked_mul(i64::from(self.row.quantity));
        let total =
            total.ok_or_else(|| Error::internal(anyhow::anyhow!("the total of an order item is over 64 bits")))?;
        Ok(Money::new(total, self.order.currency()?))
    }

    /// The sku as it is sold today; null when it is gone or withdrawn.
    async fn sku(&self, ctx: &Context<'_>) -> Option<Result<Sku>> {
        Sku::fetch(ctx.request(), self.row.sku_id?).await.transpose()
    }
}
