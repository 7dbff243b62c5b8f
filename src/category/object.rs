//! The GraphQL type `Category`.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, ServerResult, Value};
use uuid::Uuid;

use super::entity::Model;
use super::loader::{AncestorsByCategory, AncestorsOf, CategoryById, CategoryBySlug, ChildrenByCategory, ChildrenOf};
use crate::error::Result;
use crate::graphql::{
    AssumedSize, AtHand, Below, BigInt, Connection, ContextExt, DateTime, Kind, MaxAge, PageArguments, PageSize,
    RequestContext, Selected, Weight, plain_id,
};
use crate::product::{ProductListing, ProductOrder, ProductParent, ProductWhere, product_connection};
use crate::refusal::is_slug;

/// A place in the tree that products are filed under. The tree has at most ten levels.
#[derive(Clone)]
pub struct Category {
    row: Arc<Model>,
}

impl Category {
    pub fn with_row(row: Arc<Model>) -> Self {
        Self { row }
    }

    /// Looks the category up; `None` when there is no such category.
    pub async fn fetch(request: &RequestContext, id: Uuid) -> Result<Option<Self>> {
        Ok(request.load::<CategoryById>(id).await?.map(Self::with_row))
    }

    /// Looks the category up by its slug.
    pub async fn fetch_by_slug(request: &RequestContext, slug: String) -> Result<Option<Self>> {
        if !is_slug(&slug) {
            return Ok(None);
        }
        Ok(request.load::<CategoryBySlug>(slug).await?.map(Self::with_row))
    }

    pub fn row(&self) -> &Model {
        &self.row
    }
}

/// A place in the tree that products are filed under. The tree has at most ten levels.
#[Object(directive = MaxAge::apply(60))]
impl Category {
    /// The global id.
    pub async fn id(&self) -> ID {
        plain_id(Kind::Category, self.row.id)
    }

    /// The name in addresses, unique over all categories.
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

    /// The place among the categories of the same parent: lower numbers come first. Two can have the same.
    async fn position(&self) -> i32 {
        self.row.position
    }

    /// The category directly above; null for a root of the tree.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Category>> {
        Category::fetch(ctx.request(), self.row.parent_id?).await.transpose()
    }

    /// The categories directly below, by position. Empty when there are none.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let children = ctx.request().load::<ChildrenByCategory>(ChildrenOf(self.row.id)).await?;
        Ok(children.map_or_else(Vec::new, |page| page.nodes).into_iter().map(Category::with_row).collect())
    }

    /// All categories above, from the root of the tree down to the parent: what a breadcrumb shows. Empty for a root.
    #[graphql(directive = AssumedSize::apply(10))]
    async fn ancestors(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        if self.row.parent_id.is_none() {
            return Ok(Vec::new());
        }
        let ancestors = ctx.request().load::<AncestorsByCategory>(AncestorsOf(self.row.id)).await?;
        Ok(ancestors.map_or_else(Vec::new, |page| page.nodes).into_iter().map(Category::with_row).collect())
    }

    /// The products filed here that you may see, page by page.
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
        #[graphql(default = true, desc = "Whether products of the categories below are listed as well.")]
        include_descendants: bool,
    ) -> Result<Connection<ProductListing>> {
        let parent = ProductParent::Category { id: self.row.id, with_descendants: include_descendants };
        product_connection(ctx, Some(parent), search, condition, order_by, PageArguments { first, after, last, before })
            .await
    }

    /// Raised by every change of the category itself. Give it back in `categoryUpdate` to be told when someone else was faster.
    async fn version(&self) -> BigInt {
        BigInt(self.row.version)
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When the category itself, not what is below it, was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }
}

impl AtHand for Category {
    fn part(&self, field: &str, below: Below<'_>) -> Option<ServerResult<Value>> {
        match field {
            "id" => below.text(plain_id(Kind::Category, self.row.id)),
            "slug" => below.text(&self.row.slug),
            "name" => below.text(&self.row.name),
            _ => None,
        }
    }

    fn is_at_hand(field: &str, _: Selected<'_>) -> bool {
        !matches!(field, "parent" | "children" | "ancestors" | "products")
    }
}
