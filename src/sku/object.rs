//! The GraphQL type `Sku`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, ServerResult, SimpleObject, Value};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use uuid::Uuid;

use super::loader::{DetailsBySku, SkuById};
use super::repo::{SkuDetails, SkuNode};
use crate::auth::{Guarded, Viewer, guard};
use crate::error::{Error, Result};
use crate::graphql::{
    AssumedSize, AtHand, Below, BigInt, ContextExt, DateTime, Kind, MaxAge, Money, Now, RequestContext, Selected,
    plain_id,
};
use crate::product::{DetailsByProduct, Product, ProductById, ProductNode, depth};
use crate::stock::{Stock, StockByProduct};

/// One variant of a product that can be bought, such as the shirt in blue and size M.
#[derive(Clone)]
pub struct Sku {
    product: Product,
    node: Arc<SkuNode>,
}

impl Sku {
    /// A sku of a product that was handed out.
    pub fn of(product: Product, node: Arc<SkuNode>) -> Self {
        Self { product, node }
    }

    /// Looks the sku up; `None` when there is no such sku or it is not for this viewer.
    pub async fn fetch(request: &RequestContext, id: Uuid) -> Result<Option<Self>> {
        let Some((product, node)) = request.load::<SkuById>(id).await? else { return Ok(None) };
        Ok(Self::hand_out(product, node, request.viewer))
    }

    /// Archived skus are for staff alone, as is a sku whose product is.
    fn hand_out(product: Arc<ProductNode>, node: Arc<SkuNode>, viewer: Viewer) -> Option<Self> {
        let product = Product::hand_out(product, viewer)?;
        let is_visible = guard::may_see(viewer, Guarded::Sku { is_archived: node.archived });
        is_visible.then_some(Self { product, node })
    }

    /// Whether a field is among the details of a sku.
    pub fn is_detail(field: &str) -> bool {
        matches!(field, "code" | "attributes" | "createdAt" | "updatedAt")
    }

    /// Whether a field needs the details of the product.
    pub fn asks_product_for_details(field: &str) -> bool {
        field == "selectedOptions"
    }

    fn title_text(&self) -> String {
        self.node.option_values.0.join(" / ")
    }

    async fn details(&self, request: &RequestContext) -> Result<Arc<SkuDetails>> {
        if let Some(details) = &self.node.details {
            return Ok(details.clone());
        }
        let details = request.load::<DetailsBySku>(self.node.id).await?;
        details.ok_or_else(|| Error::gone("sku", self.node.id))
    }
}

/// One variant of a product that can be bought, such as the shirt in blue and size M.
#[Object(directive = MaxAge::apply(60))]
impl Sku {
    /// The global id.
    pub async fn id(&self) -> ID {
        plain_id(Kind::Sku, self.node.id)
    }

    /// The code by which warehouse and till know it; null when it has none. Unique within its product.
    async fn code(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.details(ctx.request()).await?.code.clone())
    }

    /// What it is called among the variants of its product: its option values, such as `Blue / M`.
    async fn title(&self) -> String {
        self.title_text()
    }

    /// The value that it has for each option of the product, in the product's order.
    #[graphql(directive = AssumedSize::apply(3))]
    async fn selected_options(&self, ctx: &Context<'_>) -> Result<Vec<SelectedOption>> {
        let product = self.product.details(ctx.request()).await?;
        let selected = product.options.0.iter().zip(&self.node.option_values.0);
        Ok(selected.map(|(option, value)| SelectedOption { name: option.name.clone(), value: value.clone() }).collect())
    }

    /// Facts about this variant, such as its weight, in the order in which they are shown.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<SkuAttribute>> {
        let details = self.details(ctx.request()).await?;
        let attributes = details.attributes.0.iter();
        Ok(attributes
            .map(|attribute| SkuAttribute { name: attribute.name.clone(), value: attribute.value.clone() })
            .collect())
    }

    /// What it costs, in the currency of its store.
    async fn price(&self) -> Result<Now<Money>> {
        Ok(Now(Money::new(self.node.price, self.product.currency()?)))
    }

    /// What it cost before, for a price struck through; null when it is not reduced.
    async fn compare_at_price(&self) -> Result<Option<Now<Money>>> {
        let Some(before) = self.node.compare_at_price else { return Ok(None) };
        Ok(Some(Now(Money::new(before, self.product.currency()?))))
    }

    /// The product that this is a variant of; null when it was withdrawn a moment ago.
    async fn product(&self, ctx: &Context<'_>) -> Option<Result<Product>> {
        let depth = depth(ctx.look_ahead());
        if depth.skus && self.product.node().skus.is_none() {
            return Product::fetch(ctx.request(), ProductById::key(self.product.node().row.id, depth))
                .await
                .transpose();
        }
        Some(Ok(self.product.clone()))
    }

    /// Whether it is no longer sold. Such a sku is not among those of its product and counts for none of its prices; it exists for staff only.
    async fn archived(&self) -> bool {
        self.node.archived
    }

    /// How many pieces there are. May lag behind the last sale by a moment.
    async fn stock(&self, ctx: &Context<'_>) -> Result<Now<Stock>> {
        Stock::fetch(ctx.request(), self.product.clone(), self.node.clone()).await.map(Now)
    }

    /// Raised by every change of this sku. Give it back in `skuUpdate` to be told when someone else was faster.
    async fn version(&self) -> BigInt {
        BigInt(self.node.version)
    }

    /// When it was created.
    async fn created_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime(self.details(ctx.request()).await?.created_at))
    }

    /// When it was last changed.
    async fn updated_at(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime(self.details(ctx.request()).await?.updated_at))
    }
}

impl AtHand for Sku {
    fn part(&self, field: &str, below: Below<'_>) -> Option<ServerResult<Value>> {
        match field {
            "id" => below.text(plain_id(Kind::Sku, self.node.id)),
            "title" => below.text(self.title_text()),
            "price" => below.object(&Money::new(self.node.price, self.product.currency().ok()?)),
            "stock" => below.object(&Stock::here(below.request(), &self.product, &self.node)?),
            _ => None,
        }
    }

    fn is_at_hand(field: &str, below: Selected<'_>) -> bool {
        match field {
            "stock" => below.is_at_hand::<Stock>(),
            field => field != "product",
        }
    }

    fn ahead<'r>(
        skus: &mut dyn Iterator<Item = &Self>,
        selected: Selected<'_>,
        request: &'r RequestContext,
    ) -> Option<BoxFuture<'r, ()>> {
        let wants_stock = selected.has("stock");
        let wants_details = selected.any(&|name, _| Self::is_detail(name));
        let wants_product_details = selected.any(&|name, _| Self::asks_product_for_details(name));
        if !(wants_stock || wants_details || wants_product_details) {
            return None;
        }
        let (mut stock, mut without_details, mut products_without_details) = (vec![], vec![], vec![]);
        for Self { product, node: sku } in skus {
            let product = product.node();
            stock.extend(wants_stock.then_some(product.row.id));
            without_details.extend((wants_details && sku.details.is_none()).then_some(sku.id));
            let lacks_details = wants_product_details && product.details.is_none();
            products_without_details.extend(lacks_details.then_some(product.row.id));
        }
        let mut loads = [
            request.ahead::<StockByProduct>(stock),
            request.ahead::<DetailsBySku>(without_details),
            request.ahead::<DetailsByProduct>(products_without_details),
        ]
        .into_iter()
        .flatten()
        .peekable();
        loads.peek()?;
        Some(join_all(loads).map(drop).boxed())
    }
}

/// The value that a variant has for one option of its product.
#[derive(SimpleObject)]
#[graphql(directive = MaxAge::apply(60))]
pub struct SelectedOption {
    /// The option, such as `Size`.
    name: String,
    /// The value, such as `M`.
    value: String,
}

/// A fact about a variant.
#[derive(SimpleObject)]
#[graphql(directive = MaxAge::apply(60))]
pub struct SkuAttribute {
    /// What the fact is about, such as `Weight`.
    name: String,
    /// The fact, such as `200 g`.
    value: String,
}
