//! The GraphQL type `Product`.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Lookahead, Object, SelectionField, ServerResult, SimpleObject, Value};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use iso_currency::Currency;

use super::entity::{self, ProductStatus};
use super::loader::{Depth, DetailsByProduct, ProductById, ProductBySlug, ProductKey};
use super::node::{ProductDetails, ProductNode};
use super::option::{ProductOption, SelectedOptionInput, whole_selection};
use crate::auth::{Guarded, Viewer, guard};
use crate::category::{Category, CategoryById};
use crate::error::{Error, Result};
use crate::graphql::{
    AssumedSize, AtHand, Below, BigInt, ContextExt, DateTime, Kind, MaxAge, Now, NowList, PriceRange, RequestContext,
    Selected, Url, Weight, currency, plain_id,
};
use crate::refusal::is_slug;
use crate::sku::{DetailsBySku, Sku, SkuNode, SkusByProduct};
use crate::stock::StockByProduct;
use crate::store::{Store, StoreById};

/// Something that the shop sells, in one or more variants. Drafts and archived products exist for staff only.
#[derive(Clone)]
pub struct Product {
    node: Arc<ProductNode>,
}

impl Product {
    pub fn hand_out(node: Arc<ProductNode>, viewer: Viewer) -> Option<Self> {
        let is_visible = guard::may_see(viewer, Guarded::Product { is_public: node.is_public() });
        is_visible.then_some(Self { node })
    }

    /// Looks the product up; `None` when there is no such product or it is not for this viewer.
    pub async fn fetch(request: &RequestContext, key: ProductKey) -> Result<Option<Self>> {
        let node = request.load::<ProductById>(key).await?;
        Ok(node.and_then(|node| Self::hand_out(node, request.viewer)))
    }

    /// Looks the product up by its slug.
    pub async fn fetch_by_slug(request: &RequestContext, slug: String, depth: Depth) -> Result<Option<Self>> {
        if !is_slug(&slug) {
            return Ok(None);
        }
        let node = request.load::<ProductBySlug>((slug, depth)).await?;
        Ok(node.and_then(|node| Self::hand_out(node, request.viewer)))
    }

    pub fn node(&self) -> &ProductNode {
        &self.node
    }

    /// What a card does not show.
    pub async fn details(&self, request: &RequestContext) -> Result<Arc<ProductDetails>> {
        if let Some(details) = &self.node.details {
            return Ok(details.clone());
        }
        let details = request.load::<DetailsByProduct>(self.node.row.id).await?;
        details.ok_or_else(|| Error::gone("product", self.node.row.id))
    }

    /// All its variants.
    pub async fn all_skus(&self, request: &RequestContext) -> Result<Cow<'_, [Arc<SkuNode>]>> {
        Ok(match &self.node.skus {
            Some(skus) => Cow::Borrowed(skus),
            None => Cow::Owned(request.load::<SkusByProduct>(self.node.row.id).await?.unwrap_or_default()),
        })
    }

    pub fn currency(&self) -> Result<Currency> {
        currency(&self.node.row.currency_code)
    }
}

/// What the selection below a product reads.
pub fn depth(product: Lookahead<'_>) -> Depth {
    depth_of(product.selection_fields().iter().flat_map(SelectionField::selection_set))
}

/// What these fields of a product read.
fn depth_of<'a>(fields: impl Iterator<Item = SelectionField<'a>>) -> Depth {
    let mut depth = Depth::default();
    for field in fields {
        match field.name() {
            "store" => depth.store = true,
            "category" => depth.category = true,
            "options" => {
                depth.details = true;
                let tells_availability = ProductOption::tells_availability(field);
                depth.skus |= tells_availability;
                depth.stock |= tells_availability;
            }
            list_or_one @ ("skus" | "skuByOptions") => {
                depth.skus = true;
                depth.details |= list_or_one == "skuByOptions";
                for field in field.selection_set() {
                    depth.stock |= field.name() == "stock";
                    depth.details |= Sku::asks_product_for_details(field.name());
                    depth.sku_details |= Sku::is_detail(field.name());
                    if field.name() == "product" {
                        depth = depth.and(depth_of(field.selection_set()));
                    }
                }
            }
            field => depth.details |= is_detail(field),
        }
    }
    depth
}

/// Whether a field is among the details of a product.
fn is_detail(field: &str) -> bool {
    matches!(field, "description" | "options" | "tags" | "images" | "seo")
}

/// Something that the shop sells, in one or more variants. Drafts and archived products exist for staff only.
#[Object(directive = MaxAge::apply(60))]
impl Product {
    /// The global id.
    pub async fn id(&self) -> ID {
        plain_id(Kind::Product, self.node.row.id)
    }

    /// The name in addresses, unique over all products.
    async fn slug(&self) -> &str {
        &self.node.row.slug
    }

    /// The name that is shown.
    async fn name(&self) -> &str {
        &self.node.row.name
    }

    /// What there is to say about it; empty when nothing was written. May hold HTML from an import: sanitise it before showing.
    async fn description(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.details(ctx.request()).await?.description.clone())
    }

    /// Who can see it.
    async fn status(&self) -> Status {
        self.node.row.status.into()
    }

    /// What a customer chooses, such as size and colour: up to three options. Empty when there is nothing to choose.
    #[graphql(directive = AssumedSize::apply(3))]
    async fn options(&self, ctx: &Context<'_>) -> Result<NowList<ProductOption>> {
        let details = self.details(ctx.request()).await?;
        Ok(NowList(ProductOption::all_of(self, &details)))
    }

    /// Free words that describe it.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(self.details(ctx.request()).await?.tags.0.clone())
    }

    /// Pictures, in the order in which they are shown.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn images(&self, ctx: &Context<'_>) -> Result<Vec<ProductImage>> {
        Ok(self.details(ctx.request()).await?.images.0.iter().cloned().map(Into::into).collect())
    }

    /// What search engines should show of it.
    async fn seo(&self, ctx: &Context<'_>) -> Result<ProductSeo> {
        Ok(self.details(ctx.request()).await?.seo.clone().into())
    }

    /// The lowest and the highest price of its skus; null when it has no skus yet.
    async fn price_range(&self) -> Result<Option<PriceRange>> {
        let (Some(min), Some(max)) = (self.node.row.min_price, self.node.row.max_price) else { return Ok(None) };
        Ok(Some(PriceRange::new(min, max, self.currency()?)))
    }

    /// Whether any of its skus has stock. May lag behind the last sale by a moment.
    async fn in_stock(&self) -> bool {
        self.node.row.in_stock
    }

    /// The store that sells it.
    async fn store(&self, ctx: &Context<'_>) -> Result<Now<Store>> {
        Store::of_product(ctx.request(), self.node.row.store_id).await.map(Now)
    }

    /// The category it belongs to; null when it is in none.
    async fn category(&self, ctx: &Context<'_>) -> Option<Result<Now<Category>>> {
        let category = Category::fetch(ctx.request(), self.node.row.category_id?).await.transpose()?;
        Some(category.map(Now))
    }

    /// All its variants that are sold, in the order in which they are shown: archived ones are left out.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn skus(&self, ctx: &Context<'_>) -> Result<NowList<Sku>> {
        let skus = self.all_skus(ctx.request()).await?;
        Ok(NowList(skus.iter().map(|sku| Sku::of(self.clone(), sku.clone())).collect()))
    }

    /// The variant with these values, one for each option of the product, in any order. Null when there is no such variant.
    async fn sku_by_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A value for each option; none for a product without options.")] options: Vec<
            SelectedOptionInput,
        >,
    ) -> Result<Option<Now<Sku>>> {
        let request = ctx.request();
        let values = whole_selection(&self.details(request).await?.options, &options)?;
        let skus = self.all_skus(request).await?;
        let sku = skus.iter().find(|sku| sku.option_values.0 == values);
        Ok(sku.map(|sku| Now(Sku::of(self.clone(), sku.clone()))))
    }

    /// Raised by every change of the product or its skus. Give it back in `productUpdate` to be told when someone else was faster.
    async fn version(&self) -> BigInt {
        BigInt(self.node.row.version)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.node.row.created_at)
    }

    /// When the product itself, not one of its skus, was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.node.row.updated_at)
    }
}

impl AtHand for Product {
    fn part(&self, field: &str, below: Below<'_>) -> Option<ServerResult<Value>> {
        let ProductNode { row, skus, .. } = &*self.node;
        match field {
            "id" => below.text(plain_id(Kind::Product, row.id)),
            "slug" => below.text(&row.slug),
            "name" => below.text(&row.name),
            "inStock" => below.scalar(row.in_stock),
            "store" => below.object(&Store::with_row(below.request().here::<StoreById>(&row.store_id)?.ok()??)),
            "category" => {
                let Some(id) = row.category_id else { return below.scalar(Value::Null) };
                let category = Category::with_row(below.request().here::<CategoryById>(&id)?.ok()??);
                below.object(&category)?.ok().map(Ok)
            }
            "skus" => {
                let skus: Vec<_> = skus.as_ref()?.iter().map(|sku| Sku::of(self.clone(), sku.clone())).collect();
                below.list(&skus)
            }
            _ => None,
        }
    }

    fn is_at_hand(field: &str, below: Selected<'_>) -> bool {
        match field {
            "store" => below.is_at_hand::<Store>(),
            "category" => below.is_at_hand::<Category>(),
            "skus" | "skuByOptions" => below.is_at_hand::<Sku>(),
            "options" => !ProductOption::selects_availability(below),
            _ => true,
        }
    }

    fn ahead<'r>(
        products: &mut dyn Iterator<Item = &Self>,
        selected: Selected<'_>,
        request: &'r RequestContext,
    ) -> Option<BoxFuture<'r, ()>> {
        let wants = |name: &str| selected.has(name);
        let (wants_store, wants_category, wants_one_sku) = (wants("store"), wants("category"), wants("skuByOptions"));
        let wants_skus = wants("skus") || wants_one_sku;
        let of_skus = |is: &dyn Fn(&str) -> bool| {
            wants_skus
                && selected
                    .any(&|name, below| matches!(name, "skus" | "skuByOptions") && below.any(&|name, _| is(name)))
        };
        let wants_stock = of_skus(&|name| name == "stock");
        let wants_sku_details = of_skus(&Sku::is_detail);
        let wants_details =
            wants_one_sku || selected.any(&|name, _| is_detail(name)) || of_skus(&Sku::asks_product_for_details);
        let (mut stores, mut categories, mut without_skus, mut stock) = (vec![], vec![], vec![], vec![]);
        let (mut without_details, mut skus_without_details) = (vec![], vec![]);
        for ProductNode { row, details, skus, .. } in products.map(Self::node) {
            without_details.extend((wants_details && details.is_none()).then_some(row.id));
            if wants_sku_details {
                let skus = skus.iter().flatten().filter(|sku| sku.details.is_none());
                skus_without_details.extend(skus.map(|sku| sku.id));
            }
            stores.extend(wants_store.then_some(row.store_id));
            categories.extend(row.category_id.filter(|_| wants_category));
            without_skus.extend((wants_skus && skus.is_none()).then_some(row.id));
            stock.extend(wants_stock.then_some(row.id));
        }
        let mut loads = [
            request.ahead::<StoreById>(stores),
            request.ahead::<CategoryById>(categories),
            request.ahead::<SkusByProduct>(without_skus),
            request.ahead::<StockByProduct>(stock),
            request.ahead::<DetailsByProduct>(without_details),
            request.ahead::<DetailsBySku>(skus_without_details),
        ]
        .into_iter()
        .flatten()
        .peekable();
        loads.peek()?;
        Some(join_all(loads).map(drop).boxed())
    }
}

/// Who can see a product.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "ProductStatus")]
pub enum Status {
    /// On sale, for everyone.
    Active,
    /// In preparation, for staff only.
    Draft,
    /// No longer sold, for staff only.
    Archived,
}

impl From<ProductStatus> for Status {
    fn from(status: ProductStatus) -> Self {
        match status {
            ProductStatus::Active => Self::Active,
            ProductStatus::Draft => Self::Draft,
            ProductStatus::Archived => Self::Archived,
        }
    }
}

impl From<Status> for ProductStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Draft => Self::Draft,
            Status::Archived => Self::Archived,
        }
    }
}

/// What search engines should show of a product.
#[derive(SimpleObject)]
#[graphql(directive = Weight::apply(0), directive = MaxAge::apply(60))]
pub struct ProductSeo {
    /// The title of its page; null when the product's name will do.
    title: Option<String>,
    /// The text below the title; null when nobody wrote one.
    description: Option<String>,
}

impl From<entity::Seo> for ProductSeo {
    fn from(entity::Seo { title, description }: entity::Seo) -> Self {
        Self { title, description }
    }
}

/// A picture of a product.
#[derive(SimpleObject)]
#[graphql(directive = MaxAge::apply(60))]
pub struct ProductImage {
    /// Where the picture is.
    url: Url,
    /// What is on the picture, for those who cannot see it; null when nobody wrote it.
    alt_text: Option<String>,
}

impl From<entity::ProductImage> for ProductImage {
    fn from(image: entity::ProductImage) -> Self {
        Self { url: Url(image.url), alt_text: image.alt_text }
    }
}
