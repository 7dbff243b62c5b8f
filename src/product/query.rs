//! The root fields that read products, and the lists of products under other nodes.

use std::sync::Arc;

use async_graphql::{Context, ID, Lookahead, Object};

use super::input::{ProductOrder, ProductWhere};
use super::listing::{ProductListing, ProductParent};
use super::loader::{Depth, ProductById, ProductPage, ProductPageKey};
use super::object::{Product, depth};
use super::search::Search;
use crate::error::{Error, Result};
use crate::graphql::{Connection, ContextExt, Kind, Now, Page, PageArguments, PageSize, Weight};

#[derive(Default)]
pub struct ProductQuery;

#[Object]
impl ProductQuery {
    /// One product, by `id` or by `slug`: give one of them. Null when there is no such product, or it is not for you.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: Option<ID>,
        #[graphql(desc = "The name in addresses.")] slug: Option<String>,
    ) -> Option<Result<Now<Product>>> {
        let request = ctx.request();
        let depth = depth(ctx.look_ahead());
        let product = match (id, slug) {
            (Some(id), None) => match request.shared.ids.expect(Kind::Product, &id) {
                Ok(id) => Product::fetch(request, ProductById::key(id, depth)).await,
                Err(error) => Err(error),
            },
            (None, Some(slug)) => Product::fetch_by_slug(request, slug, depth).await,
            _ => Err(Error::bad_input("product takes either id or slug")),
        };
        if let Ok(Some(product)) = &product {
            request.shared.cache.viewed(product.node().row.id);
        }
        Some(product.transpose()?.map(Now))
    }

    /// All products that you may see, page by page.
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
        connection(ctx, None, search, condition, order_by, PageArguments { first, after, last, before }).await
    }
}

/// A page of products under a parent, or of the whole shop.
pub async fn connection(
    ctx: &Context<'_>,
    parent: Option<ProductParent>,
    search: Option<String>,
    condition: Option<ProductWhere>,
    order_by: Option<ProductOrder>,
    page: PageArguments,
) -> Result<Connection<ProductListing>> {
    let request = ctx.request();
    let search = Search::resolve(request, search.as_deref()).await?;
    let (sort, descending) = ProductOrder::resolve(order_by.as_ref(), search.as_deref())?;
    let filter = Arc::new(ProductWhere::resolve(condition.as_ref(), &request.shared.ids)?);
    let listing = ProductListing { parent, filter, search, sort, descending, visible: request.viewer.into() };
    let window = page.window(ctx, &listing)?;
    let selected = ctx.look_ahead();
    if !["nodes", "edges", "pageInfo"].iter().any(|field| selected.field(field).exists()) {
        // Counts and facets need no page.
        return Ok(Connection::new(listing, Page::empty()));
    }
    let depth = page_depth(selected);
    let key = ProductPageKey { listing, window, depth };
    let page = request.load::<ProductPage>(key.clone()).await?.unwrap_or_else(Page::empty);
    Ok(Connection::new(key.listing, page.filter_map(|node| Product::hand_out(node, request.viewer))))
}

fn page_depth(connection: Lookahead<'_>) -> Depth {
    depth(connection.field("nodes")).and(depth(connection.field("edges").field("node")))
}
