//! The root fields that read stores.

use async_graphql::{Context, ID, Object};

use super::listing::StoreListing;
use super::loader::{StorePage, StorePageKey};
use super::object::Store;
use crate::error::{Error, Result};
use crate::graphql::{Connection, ContextExt, Kind, Page, PageArguments, PageSize};

#[derive(Default)]
pub struct StoreQuery;

#[Object]
impl StoreQuery {
    /// One store, by `id` or by `slug`: give one of them. Null when there is no such store.
    async fn store(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: Option<ID>,
        #[graphql(desc = "The name in addresses.")] slug: Option<String>,
    ) -> Option<Result<Store>> {
        let request = ctx.request();
        match (id, slug) {
            (Some(id), None) => match request.shared.ids.expect(Kind::Store, &id) {
                Ok(id) => Store::fetch(request, id).await,
                Err(error) => Err(error),
            },
            (None, Some(slug)) => Store::fetch_by_slug(request, slug).await,
            _ => Err(Error::bad_input("store takes either id or slug")),
        }
        .transpose()
    }

    /// All stores, page by page, newest first.
    #[graphql(directive = PageSize::apply())]
    async fn stores(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size, from the start of the list or after `after`. Default 20, at most 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only stores after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size, from the end of the list or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "Only stores before this cursor.")] before: Option<String>,
    ) -> Result<Connection<StoreListing>> {
        let window = PageArguments { first, after, last, before }.window(ctx, &StoreListing)?;
        let page = ctx.request().load::<StorePage>(StorePageKey(window)).await?.unwrap_or_else(Page::empty);
        Ok(Connection::new(StoreListing, page.filter_map(|row| Some(Store::with_row(row)))))
    }
}
