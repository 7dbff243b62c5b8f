//! Batched reads of stores.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::entity::Model;
use super::repo;
use crate::cache::{Cached, Listed, digest};
use crate::db::{Connection, NodeKind, Window};
use crate::error::Result;
use crate::graphql::{Batch, Kind, Page, Reads, Shown};

/// A store by id.
pub struct StoreById;

impl Batch for StoreById {
    type Key = Uuid;
    type Value = Arc<Model>;
    const NAME: &'static str = "StoreById";

    fn show(node: Option<&Self::Value>, shown: &Shown) {
        shown.one(Kind::Store, node.map(|node| node.id));
    }

    fn peek(reads: &Reads, key: &Uuid) -> Option<Self::Value> {
        reads.peek(*key)
    }

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
        reads.nodes(keys).await
    }
}

impl Cached for Model {
    const KIND: NodeKind = NodeKind::Store;
    const SCHEMA: u8 = 1;
    const NAME: &'static str = StoreById::NAME;

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    async fn read(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Self>>> {
        repo::by_ids(db, ids).await
    }
}

/// A store by slug.
pub struct StoreBySlug;

impl Batch for StoreBySlug {
    type Key = String;
    type Value = Arc<Model>;
    const NAME: &'static str = "StoreBySlug";

    fn show(node: Option<&Self::Value>, shown: &Shown) {
        shown.one(Kind::Store, node.map(|node| node.id));
    }

    async fn load(reads: &Reads, keys: &[String]) -> Result<HashMap<String, Arc<Model>>> {
        repo::by_slugs(&reads.reader(Self::NAME), keys).await
    }
}

/// A page of the list of stores.
pub struct StorePage;

/// The key of [`StorePage`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StorePageKey(pub Window);

impl Batch for StorePage {
    type Key = StorePageKey;
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "StorePage";

    fn show(page: Option<&Self::Value>, shown: &Shown) {
        let nodes = page.into_iter().flat_map(|page| &page.nodes);
        shown.list(Kind::Store, nodes.map(|node| node.id));
    }

    async fn load(reads: &Reads, keys: &[StorePageKey]) -> Result<HashMap<StorePageKey, Self::Value>> {
        reads.lists(keys).await
    }
}

impl Listed for StorePageKey {
    type Node = Model;
    const NAME: &'static str = StorePage::NAME;
    const KINDS: &'static [NodeKind] = &[NodeKind::Store];

    fn digest(&self) -> Option<u128> {
        self.0.is_first().then(|| digest(&[&self.0.size.to_be_bytes()]))
    }

    async fn read(db: &Connection, keys: &[Self]) -> Result<HashMap<Self, Page<Arc<Model>>>> {
        let mut pages = HashMap::with_capacity(keys.len());
        for key in keys {
            pages.insert(key.clone(), repo::page(db, &key.0).await?);
        }
        Ok(pages)
    }
}

/// How many stores there are, by how many are counted at most.
pub struct StoreCount;

impl Batch for StoreCount {
    type Key = Option<u32>;
    type Value = u32;
    const NAME: &'static str = "StoreCount";

    fn show(_: Option<&u32>, shown: &Shown) {
        shown.list(Kind::Store, std::iter::empty());
    }

    async fn load(reads: &Reads, keys: &[Option<u32>]) -> Result<HashMap<Option<u32>, u32>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for most in keys {
            counts.insert(*most, repo::count(&reads.reader(Self::NAME), *most).await?);
        }
        Ok(counts)
    }
}
