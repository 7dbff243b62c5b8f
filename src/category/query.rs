//! The root fields that read categories.

use async_graphql::{Context, ID, Object};

use super::listing::CategoryListing;
use super::loader::{CategoryPage, CategoryPageKey};
use super::object::Category;
use crate::error::{Error, Result};
use crate::graphql::{Connection, ContextExt, Kind, Page, PageArguments, PageSize};

#[derive(Default)]
pub struct CategoryQuery;

#[Object]
impl CategoryQuery {
    /// One category, by `id` or by `slug`: give one of them. Null when there is no such category.
    async fn category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: Option<ID>,
        #[graphql(desc = "The name in addresses.")] slug: Option<String>,
    ) -> Option<Result<Category>> {
        let request = ctx.request();
        match (id, slug) {
            (Some(id), None) => match request.shared.ids.expect(Kind::Category, &id) {
                Ok(id) => Category::fetch(request, id).await,
                Err(error) => Err(error),
            },
            (None, Some(slug)) => Category::fetch_by_slug(request, slug).await,
            _ => Err(Error::bad_input("category takes either id or slug")),
        }
        .transpose()
    }

    /// Categories by position, page by page. With `rootsOnly` this is the first level of a menu, whose `children` are the next;
    /// without, it is every category of every level, ordered by the place that each has among its own siblings.
    #[graphql(directive = PageSize::apply())]
    async fn categories(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The page size, from the start of the list or after `after`. Default 20, at most 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only categories after this cursor.")] after: Option<String>,
        #[graphql(desc = "The page size, from the end of the list or before `before`. At most 100.")] last: Option<i32>,
        #[graphql(desc = "Only categories before this cursor.")] before: Option<String>,
        #[graphql(default = false, desc = "Whether only the roots of the tree are listed.")] roots_only: bool,
    ) -> Result<Connection<CategoryListing>> {
        let listing = CategoryListing { roots_only };
        let window = PageArguments { first, after, last, before }.window(ctx, &listing)?;
        let page =
            ctx.request().load::<CategoryPage>(CategoryPageKey(listing, window)).await?.unwrap_or_else(Page::empty);
        Ok(Connection::new(listing, page.filter_map(|row| Some(Category::with_row(row)))))
    }
}
