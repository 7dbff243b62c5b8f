//! Batched reads of categories.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::entity::Model;
use super::listing::CategoryListing;
use super::repo;
use crate::cache::{Cached, Listed, digest};
use crate::db::{Connection, NodeKind, Window};
use crate::error::Result;
use crate::graphql::{Batch, Kind, Page, Reads, Shown};

/// A category by id.
pub struct CategoryById;

impl Batch for CategoryById {
    type Key = Uuid;
    type Value = Arc<Model>;
    const NAME: &'static str = "CategoryById";

    fn show(node: Option<&Self::Value>, shown: &Shown) {
        shown.one(Kind::Category, node.map(|node| node.id));
    }

    fn peek(reads: &Reads, key: &Uuid) -> Option<Self::Value> {
        reads.peek(*key)
    }

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
        reads.nodes(keys).await
    }
}

impl Cached for Model {
    const KIND: NodeKind = NodeKind::Category;
    const SCHEMA: u8 = 1;
    const NAME: &'static str = CategoryById::NAME;

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

/// A category by slug.
pub struct CategoryBySlug;

impl Batch for CategoryBySlug {
    type Key = String;
    type Value = Arc<Model>;
    const NAME: &'static str = "CategoryBySlug";

    fn show(node: Option<&Self::Value>, shown: &Shown) {
        shown.one(Kind::Category, node.map(|node| node.id));
    }

    async fn load(reads: &Reads, keys: &[String]) -> Result<HashMap<String, Arc<Model>>> {
        repo::by_slugs(&reads.reader(Self::NAME), keys).await
    }
}

/// The categories directly below a category, in their order, by the id of the one above.
pub struct ChildrenByCategory;

/// The key of [`ChildrenByCategory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChildrenOf(pub Uuid);

impl Batch for ChildrenByCategory {
    type Key = ChildrenOf;
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "ChildrenByCategory";

    fn show(page: Option<&Self::Value>, shown: &Shown) {
        let nodes = page.into_iter().flat_map(|page| &page.nodes);
        shown.list(Kind::Category, nodes.map(|node| node.id));
    }

    async fn load(reads: &Reads, keys: &[ChildrenOf]) -> Result<HashMap<ChildrenOf, Self::Value>> {
        reads.lists(keys).await
    }
}

impl Listed for ChildrenOf {
    type Node = Model;
    const NAME: &'static str = ChildrenByCategory::NAME;
    const KINDS: &'static [NodeKind] = &[NodeKind::Category];

    fn digest(&self) -> Option<u128> {
        Some(self.0.as_u128())
    }

    async fn read(db: &Connection, keys: &[Self]) -> Result<HashMap<Self, Page<Arc<Model>>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = repo::children(db, &ids).await?;
        Ok(found.into_iter().map(|(id, children)| (Self(id), Page::whole(children))).collect())
    }
}

/// The categories above a category, root first, by the id of the one below.
pub struct AncestorsByCategory;

/// The key of [`AncestorsByCategory`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AncestorsOf(pub Uuid);

impl Batch for AncestorsByCategory {
    type Key = AncestorsOf;
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "AncestorsByCategory";

    fn show(page: Option<&Self::Value>, shown: &Shown) {
        let nodes = page.into_iter().flat_map(|page| &page.nodes);
        shown.list(Kind::Category, nodes.map(|node| node.id));
    }

    async fn load(reads: &Reads, keys: &[AncestorsOf]) -> Result<HashMap<AncestorsOf, Self::Value>> {
        reads.lists(keys).await
    }
}

impl Listed for AncestorsOf {
    type Node = Model;
    const NAME: &'static str = AncestorsByCategory::NAME;
    const KINDS: &'static [NodeKind] = &[NodeKind::Category];

    fn digest(&self) -> Option<u128> {
        Some(self.0.as_u128())
    }

    async fn read(db: &Connection, keys: &[Self]) -> Result<HashMap<Self, Page<Arc<Model>>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = repo::ancestors(db, &ids).await?;
        Ok(found.into_iter().map(|(id, ancestors)| (Self(id), Page::whole(ancestors))).collect())
    }
}

/// A page of a list of categories.
pub struct CategoryPage;

/// The key of [`CategoryPage`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CategoryPageKey(pub CategoryListing, pub Window);

impl Batch for CategoryPage {
    type Key = CategoryPageKey;
    type Value = Page<Arc<Model>>;
    const NAME: &'static str = "CategoryPage";

    fn show(page: Option<&Self::Value>, shown: &Shown) {
        let nodes = page.into_iter().flat_map(|page| &page.nodes);
        shown.list(Kind::Category, nodes.map(|node| node.id));
    }

    async fn load(reads: &Reads, keys: &[CategoryPageKey]) -> Result<HashMap<CategoryPageKey, Self::Value>> {
        reads.lists(keys).await
    }
}

impl Listed for CategoryPageKey {
    type Node = Model;
    const NAME: &'static str = CategoryPage::NAME;
    const KINDS: &'static [NodeKind] = &[NodeKind::Category];

    fn digest(&self) -> Option<u128> {
        let Self(listing, window) = self;
        window.is_first().then(|| digest(&[&[u8::from(listing.roots_only)], &window.size.to_be_bytes()]))
    }

    async fn read(db: &Connection, keys: &[Self]) -> Result<HashMap<Self, Page<Arc<Model>>>> {
        let mut pages = HashMap::with_capacity(keys.len());
        for key in keys {
            pages.insert(key.clone(), repo::page(db, key.0, &key.1).await?);
        }
        Ok(pages)
    }
}

/// How many categories a list has, by how many are counted at most.
pub struct CategoryCount;

impl Batch for CategoryCount {
    type Key = (CategoryListing, Option<u32>);
    type Value = u32;
    const NAME: &'static str = "CategoryCount";

    fn show(_: Option<&u32>, shown: &Shown) {
        shown.list(Kind::Category, std::iter::empty());
    }

    async fn load(reads: &Reads, keys: &[Self::Key]) -> Result<HashMap<Self::Key, u32>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for (listing, most) in keys {
            counts.insert((*listing, *most), repo::count(&reads.reader(Self::NAME), *listing, *most).await?);
        }
        Ok(counts)
    }
}
