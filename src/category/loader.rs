//! Batched reads of categories.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::entity::Model;
use super::listing::CategoryListing;
use super::repo;
use crate::db::{Routing, Window};
use crate::error::Result;
use crate::graphql::{Batch, Page};

/// A category by id.
pub struct CategoryById;

impl Batch for CategoryById {
    type Key = Uuid;
    type Value = Arc<Model>;
    const NAME: &'static str = "CategoryById";

    async fn load(routing: &Routing, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
        repo::by_ids(&routing.reader(Self::NAME), keys).await
    }
}

/// A category by slug.
pub struct CategoryBySlug;

impl Batch for CategoryBySlug {
    type Key = String;
    type Value = Arc<Model>;
    const NAME: &'static str = "CategoryBySlug";

    async fn load(routing: &Routing, keys: &[String]) -> Result<HashMap<String, Arc<Model>>> {
        repo::by_slugs(&routing.reader(Self::NAME), keys).await
    }
}

/// The categories directly below a category, in their order, by the id of the one above.
pub struct ChildrenByCategory;

impl Batch for ChildrenByCategory {
    type Key = Uuid;
    type Value = Vec<Arc<Model>>;
    const NAME: &'static str = "ChildrenByCategory";

    async fn load(routing: &Routing, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>> {
        repo::children(&routing.reader(Self::NAME), keys).await
    }
}

/// The categories above a category, root first, by the id of the one below.
pub struct AncestorsByCategory;

impl Batch for AncestorsByCategory {
    type Key = Uuid;
    type Value = Vec<Arc<Model>>;
    const NAME: &'static str = "AncestorsByCategory";

    async fn load(routing: &Routing, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>> {
        repo::ancestors(&routing.reader(Self::NAME), keys).await
    }
}

/// A page of a list of categories.
pub struct CategoryPage;

impl Batch for CategoryPage {
    type Key = (CategoryListing, Window);
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "CategoryPage";

    async fn load(routing: &Routing, keys: &[Self::Key]) -> Result<HashMap<Self::Key, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        for (listing, window) in keys {
            let page = repo::page(&routing.reader(Self::NAME), *listing, window).await?;
            pages.insert((*listing, window.clone()), page);
        }
        Ok(pages)
    }
}

/// How many categories a list has.
pub struct CategoryCount;

impl Batch for CategoryCount {
    type Key = CategoryListing;
    type Value = u32;
    const NAME: &'static str = "CategoryCount";

    async fn load(routing: &Routing, keys: &[CategoryListing]) -> Result<HashMap<CategoryListing, u32>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for listing in keys {
            counts.insert(*listing, repo::count(&routing.reader(Self::NAME), *listing).await?);
        }
        Ok(counts)
    }
}
