//! The GraphQL type `Stock`.

use std::sync::Arc;

use async_graphql::{Object, ServerResult, Value};
use uuid::Uuid;

use super::loader::StockByProduct;
use super::repo::{StockNode, StockRow};
use crate::error::Result;
use crate::graphql::{AtHand, Below, BigInt, DateTime, MaxAge, RequestContext, Selected};
use crate::product::Product;
use crate::sku::{Sku, SkuById, SkuNode};

/// How many pieces of a sku there are. May lag behind the last sale by a moment.
pub struct Stock {
    product: Product,
    sku: Arc<SkuNode>,
    /// `None` when it was never counted.
    row: Option<StockRow>,
}

impl Stock {
    /// Looks up the stock of a sku of a product that was handed out.
    pub async fn fetch(request: &RequestContext, product: Product, sku: Arc<SkuNode>) -> Result<Self> {
        let stock = request.load::<StockByProduct>(product.node().row.id).await?;
        Ok(Self::of(product, sku, stock.as_deref()))
    }

    /// The same without waiting; `None` when it has to be read first, or cannot be.
    pub fn here(request: &RequestContext, product: &Product, sku: &Arc<SkuNode>) -> Option<Self> {
        let stock = request.here::<StockByProduct>(&product.node().row.id)?.ok()?;
        Some(Self::of(product.clone(), sku.clone(), stock.as_deref()))
    }

    fn of(product: Product, sku: Arc<SkuNode>, stock: Option<&StockNode>) -> Self {
        let row = stock.and_then(|stock| stock.of_sku(sku.id).cloned());
        Self { product, sku, row }
    }

    /// Looks up a sku and its stock; `None` when there is no such sku or its product is not for this viewer.
    pub async fn fetch_by_sku(request: &RequestContext, sku: Uuid) -> Result<Option<Self>> {
        let Some((product, sku)) = request.load::<SkuById>(sku).await? else { return Ok(None) };
        let Some(product) = Product::hand_out(product, request.viewer) else { return Ok(None) };
        Self::fetch(request, product, sku).await.map(Some)
    }

    fn quantity_or_none(&self) -> i32 {
        self.row.as_ref().map_or(0, |row| row.quantity)
    }
}

/// How many pieces of a sku there are. May lag behind the last sale by a moment.
#[Object(directive = MaxAge::apply(0))]
impl Stock {
    /// What there is this much of.
    async fn sku(&self) -> Sku {
        Sku::of(self.product.clone(), self.sku.clone())
    }

    /// The number of pieces, from 0 to 1,000,000,000; 0 when it was never counted.
    async fn quantity(&self) -> i32 {
        self.quantity_or_none()
    }

    /// Whether there is at least one piece.
    async fn is_available(&self) -> bool {
        self.quantity_or_none() > 0
    }

    /// Raised by every change of this stock; `"0"` when it was never counted. Give it back in `stockSet` to be told when someone
    /// else was faster.
    async fn version(&self) -> BigInt {
        BigInt(self.row.as_ref().map_or(0, |row| row.version))
    }

    /// When it was last changed; null when it was never counted.
    async fn updated_at(&self) -> Option<DateTime> {
        self.row.as_ref().map(|row| DateTime(row.updated_at))
    }
}

impl AtHand for Stock {
    fn part(&self, field: &str, below: Below<'_>) -> Option<ServerResult<Value>> {
        match field {
            "quantity" => below.scalar(self.quantity_or_none()),
            "isAvailable" => below.scalar(self.quantity_or_none() > 0),
            _ => None,
        }
    }

    fn is_at_hand(field: &str, _: Selected<'_>) -> bool {
        field != "sku"
    }
}
