//! The GraphQL type `Store`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, ServerResult, Value};
use uuid::Uuid;

use super::entity::Model;
use super::loader::{StoreById, StoreBySlug};
use crate::error::{Error, Result};
use crate::graphql::{
    AtHand, Below, BigInt, Connection, CurrencyCode, DateTime, Kind, MaxAge, PageArguments, PageSize, RequestContext,
    Selected, Weight, currency, plain_id,
};
use crate::product::{ProductListing, ProductOrder, ProductParent, ProductWhere, product_connection};
use crate::refusal::is_slug;

/// Who sells products, all of them in one currency.
#[derive(Clone)]
pub struct Store {
    row: Arc<Model>,
}

impl Store {
    pub fn with_row(row: Arc<Model>) -> Self {
        Self { row }
    }

    /// Looks the store up; `None` when there is no such store.
    pub async fn fetch(request: &RequestContext, id: Uuid) -> Result<Option<Self>> {
        Ok(request.load::<StoreById>(id).await?.map(Self::with_row))
    }

    /// Looks the store up by its slug.
    pub async fn fetch_by_slug(request: &RequestContext, slug: String) -> Result<Option<Self>> {
        if !is_slug(&slug) {
            return Ok(None);
        }
        Ok(request.load::<StoreBySlug>(slug).await?.map(Self::with_row))
    }

    /// The store of a product, which always has one.
    pub async fn of_product(request: &RequestContext, store_id: Uuid) -> Result<Self> {
        let store = Self::fetch(request, store_id).await?;
        store.ok_or_else(|| Error::internal(anyhow::anyhow!("a product is of store {store_id}, which does not exist")))
    }

    pub fn row(&self) -> &Model {
        &self.row
    }
}

/// Who sells products, all of them in one currency.
#[Object(directive = MaxAge::apply(60))]
impl Store {
    /// The global id.
    pub async fn id(&self) -> ID {
        plain_id(Kind::Store, self.row.id)
    }

    /// The name in addresses, unique over all stores.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// The name that is shown.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What there is to say about it; empty when nothing was written. May hold HTML: sanitise it before showing.
    async fn description(&self) -> &str {
        &self.row.description
    }

    /// The currency of all its prices. It never changes.
    async fn currency_code(&self) -> Result<CurrencyCode> {
        currency(&self.row.currency_code).map(CurrencyCode)
    }

    /// The products that it sells and you may see, page by page.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    #[graphql(directive = PageSize::apply())]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only products that have all these words, at most 20 and 200 characters. A blank text is as none.",
            directive = Weight::apply(20)
        )]
        search: Option<String>,
        #[graphql(desc = "Which products; all when left out.", name = "where")] condition: Option<ProductWhere>,
        #[graphql(desc = "In which order; left out, newest first, or best first with `search`.")] order_by: Option<
            ProductOrder,
        >,
        #[graphql(desc = "The page size, from the start of the list or after `after`. Default 20, at most 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only products after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size, from the end of the list or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "Only products before this cursor.")] before: Option<String>,
    ) -> Result<Connection<ProductListing>> {
        let parent = ProductParent::Store(self.row.id);
        product_connection(ctx, Some(parent), search, condition, order_by, PageArguments { first, after, last, before })
            .await
    }

    /// Raised by every change of the store itself. Give it back in `storeUpdate` to be told when someone else was faster.
    async fn version(&self) -> BigInt {
        BigInt(self.row.version)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When the store itself, not one of its products, was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }
}

impl AtHand for Store {
    fn part(&self, field: &str, below: Below<'_>) -> Option<ServerResult<Value>> {
        match field {
            "id" => below.text(plain_id(Kind::Store, self.row.id)),
            "slug" => below.text(&self.row.slug),
            "name" => below.text(&self.row.name),
            _ => None,
        }
    }

    fn is_at_hand(field: &str, _: Selected<'_>) -> bool {
        field != "products"
    }
}
