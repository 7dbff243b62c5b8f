//! Batched reads of stores.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::entity::Model;
use super::listing::StoreListing;
use super::repo;
use crate::db::{Routing, Window};
use crate::error::Result;
use crate::graphql::{Batch, Page};

/// A store by id.
pub struct StoreById;

impl Batch for StoreById {
    type Key = Uuid;
    type Value = Arc<Model>;
    const NAME: &'static str = "StoreById";

    async fn load(routing: &Routing, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
        repo::by_ids(&routing.reader(Self::NAME), keys).await
    }
}

/// A store by slug.
pub struct StoreBySlug;

impl Batch for StoreBySlug {
    type Key = String;
    type Value = Arc<Model>;
    const NAME: &'static str = "StoreBySlug";

    async fn load(routing: &Routing, keys: &[String]) -> Result<HashMap<String, Arc<Model>>> {
        repo::by_slugs(&routing.reader(Self::NAME), keys).await
    }
}

/// A page of the list of stores.
pub struct StorePage;

impl Batch for StorePage {
    type Key = Window;
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "StorePage";

    async fn load(routing: &Routing, keys: &[Window]) -> Result<HashMap<Window, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        for window in keys {
            pages.insert(window.clone(), repo::page(&routing.reader(Self::NAME), window).await?);
        }
        Ok(pages)
    }
}

/// How many stores there are.
pub struct StoreCount;

impl Batch for StoreCount {
    type Key = StoreListing;
    type Value = u32;
    const NAME: &'static str = "StoreCount";

    async fn load(routing: &Routing, keys: &[StoreListing]) -> Result<HashMap<StoreListing, u32>> {
        let count = repo::count(&routing.reader(Self::NAME)).await?;
        Ok(keys.iter().map(|key| (*key, count)).collect())
    }
}
