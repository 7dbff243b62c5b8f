//! Batched reads of products.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::listing::{ProductListing, ProductParent, Visible};
use super::node::{ProductDetails, ProductNode};
use super::repo;
use super::search::Search;
use crate::cache::{Beside, Both, Cached, Listed, Paired, digest};
use crate::db::{Connection, NodeKind, Window};
use crate::error::Result;
use crate::graphql::{Batch, Kind, Page, Reads, Shown};
use crate::stock::StockNode;

/// A product by id, with as much below it as is wanted.
pub struct ProductById;

/// What is wanted of a product beside its own row. Without a cache one statement brings all of it to a single product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Depth {
    /// What a card does not show.
    pub details: bool,
    pub skus: bool,
    /// What a card does not show of each sku.
    pub sku_details: bool,
    /// The stock of each sku.
    pub stock: bool,
    /// The version of that, without which it can't be cached.
    pub stock_version: bool,
    pub store: bool,
    pub category: bool,
}

impl Depth {
    /// What is cached as one.
    pub const NODE: Self = Self {
        details: true,
        skus: true,
        sku_details: true,
        stock: false,
        stock_version: false,
        store: false,
        category: false,
    };

    /// The same, and what is cached apart from it but read with it.
    const NODE_AND_STOCK: Self = Self { stock: true, stock_version: true, ..Self::NODE };

    /// What comes with many products in one statement: to look up a store for each row costs more than a second statement for the stores.
    fn of_many(self) -> Self {
        Self { store: false, category: false, ..self }
    }

    pub fn and(self, other: Self) -> Self {
        Self {
            details: self.details || other.details,
            skus: self.skus || other.skus,
            sku_details: self.sku_details || other.sku_details,
            stock: self.stock || other.stock,
            stock_version: self.stock_version || other.stock_version,
            store: self.store || other.store,
            category: self.category || other.category,
        }
    }
}

/// The key of [`ProductById`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProductKey {
    id: Uuid,
    depth: Depth,
}

impl ProductById {
    pub fn key(id: Uuid, depth: Depth) -> ProductKey {
        ProductKey { id, depth }
    }
}

impl Batch for ProductById {
    type Key = ProductKey;
    type Value = Arc<ProductNode>;
    const NAME: &'static str = "ProductById";

    fn show(node: Option<&Self::Value>, shown: &Shown) {
        shown.one(Kind::Product, node.filter(|node| node.is_public()).map(|node| node.row.id));
    }

    fn peek(reads: &Reads, key: &ProductKey) -> Option<Self::Value> {
        reads.peek(key.id)
    }

    /// Nodes are cached whole. Without a cache they are read in one statement: what one field wants below a product is read for all.
    async fn load(reads: &Reads, keys: &[ProductKey]) -> Result<HashMap<ProductKey, Arc<ProductNode>>> {
        let mut ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let depth = keys.iter().map(|key| key.depth).fold(Depth::default(), Depth::and);
        let found = if reads.cache.is_on() {
            nodes(reads, &ids, depth).await?
        } else {
            let depth = if ids.len() > 1 { depth.of_many() } else { depth };
            repo::by_ids(&reads.reader(Self::NAME), &ids, depth, &reads.beside).await?
        };
        Ok(keys.iter().filter_map(|key| Some((*key, found.get(&key.id)?.clone()))).collect())
    }
}

impl Cached for ProductNode {
    const KIND: NodeKind = NodeKind::Product;
    const SCHEMA: u8 = 3;
    const NAME: &'static str = ProductById::NAME;

    fn id(&self) -> Uuid {
        self.row.id
    }

    fn version(&self) -> i64 {
        self.row.version
    }

    async fn read(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Self>>> {
        repo::by_ids(db, ids, Depth::NODE, &Beside::default()).await
    }
}

impl Paired<StockNode> for ProductNode {
    async fn read_both(db: &Connection, ids: &[Uuid]) -> Result<Both<Self, StockNode>> {
        let beside = Beside::default();
        let products = repo::by_ids(db, ids, Depth::NODE_AND_STOCK, &beside).await?;
        let stock = products.keys().filter_map(|id| Some((*id, beside.find::<StockNode>(*id)?.0))).collect();
        Ok((products, stock))
    }
}

/// A product by slug, with as much below it as is wanted.
pub struct ProductBySlug;

impl Batch for ProductBySlug {
    type Key = (String, Depth);
    type Value = Arc<ProductNode>;
    const NAME: &'static str = "ProductBySlug";

    fn show(node: Option<&Self::Value>, shown: &Shown) {
        shown.one(Kind::Product, node.filter(|node| node.is_public()).map(|node| node.row.id));
    }

    /// With a cache only the ids are read by slug. Where the node that is cached has another slug, one of the two has changed a moment ago,
    /// and the node is read as well.
    async fn load(reads: &Reads, keys: &[(String, Depth)]) -> Result<HashMap<(String, Depth), Arc<ProductNode>>> {
        let mut slugs: Vec<String> = keys.iter().map(|(slug, _)| slug.clone()).collect();
        let depth = keys.iter().map(|(_, depth)| *depth).fold(Depth::default(), Depth::and);
        let db = reads.reader(Self::NAME);
        let mut found = HashMap::with_capacity(keys.len());
        if reads.cache.is_on() {
            let ids = repo::ids_by_slugs(&db, &slugs).await?;
            let wanted: Vec<Uuid> = ids.values().copied().collect();
            let nodes = nodes(reads, &wanted, depth).await?;
            for (slug, id) in &ids {
                if let Some(node) = nodes.get(id).filter(|node| node.row.slug == *slug) {
                    found.insert(slug.clone(), node.clone());
                }
            }
            slugs.retain(|slug| ids.contains_key(slug) && !found.contains_key(slug));
        }
        if !slugs.is_empty() {
            let depth = match slugs.len() {
                _ if reads.cache.is_on() => Depth::NODE,
                1 => depth,
                _ => depth.of_many(),
            };
            found.extend(repo::by_slugs(&db, &slugs, depth, &reads.beside).await?);
        }
        Ok(keys.iter().filter_map(|key| Some((key.clone(), found.get(&key.0)?.clone()))).collect())
    }
}

/// What a card does not show of a product that was read without it, by the product's id.
pub struct DetailsByProduct;

impl Batch for DetailsByProduct {
    type Key = Uuid;
    type Value = Arc<ProductDetails>;
    const NAME: &'static str = "DetailsByProduct";

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<ProductDetails>>> {
        repo::details(&reads.reader(Self::NAME), keys).await
    }
}

/// Whole nodes through the cache, their stock asked for ahead where fields will want it.
async fn nodes(reads: &Reads, ids: &[Uuid], depth: Depth) -> Result<HashMap<Uuid, Arc<ProductNode>>> {
    if depth.stock { reads.nodes_with::<ProductNode, StockNode>(ids).await } else { reads.nodes(ids).await }
}

/// A page of a list of products.
pub struct ProductPage;

/// The key of [`ProductPage`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProductPageKey {
    pub listing: ProductListing,
    pub window: Window,
    pub depth: Depth,
}

impl ProductPageKey {
    /// First pages as shoppers see them are cached. There are too many texts to search for, and the cache has no ranks.
    fn is_cached(&self) -> bool {
        self.window.is_first() && self.listing.visible == Visible::ActiveOnly && self.listing.search.is_none()
    }

    /// What is read where nodes beside the products have a cache of their own. A page that is cached is read for others as well, who may
    /// want other details.
    fn depth_by_itself(&self) -> Depth {
        if self.is_cached() {
            return Depth { skus: self.depth.skus, ..Depth::NODE };
        }
        Depth { stock: false, ..self.depth.of_many() }
    }
}

impl Batch for ProductPage {
    type Key = ProductPageKey;
    type Value = Page<Arc<ProductNode>>;
    const NAME: &'static str = "ProductPage";

    fn show(page: Option<&Self::Value>, shown: &Shown) {
        let nodes = page.into_iter().flat_map(|page| &page.nodes).filter(|node| node.is_public());
        shown.list(Kind::Product, nodes.map(|node| node.row.id));
    }

    async fn load(reads: &Reads, keys: &[ProductPageKey]) -> Result<HashMap<ProductPageKey, Self::Value>> {
        if reads.cache.is_on() {
            return reads.lists(keys).await;
        }
        read_pages(&reads.reader(Self::NAME), keys, |key| key.depth.of_many(), &reads.beside).await
    }
}

/// The same page under many parents is one statement. `depth` says how much is read for a key.
async fn read_pages(
    db: &Connection,
    keys: &[ProductPageKey],
    depth: impl Fn(&ProductPageKey) -> Depth,
    beside: &Beside,
) -> Result<HashMap<ProductPageKey, Page<Arc<ProductNode>>>> {
    let mut pages = HashMap::with_capacity(keys.len());
    for group in group_by_parent(keys, |key| &key.listing, |key, listing| ProductPageKey { listing, ..key.clone() }) {
        let ProductPageKey { listing, window, .. } = &group.of;
        let mut found = repo::pages(db, listing, &group.parents, window, depth(&group.of), beside).await?;
        for (parent, key) in group.keys {
            pages.insert(key.clone(), found.remove(&parent).unwrap_or_else(Page::empty));
        }
    }
    Ok(pages)
}

impl Listed for ProductPageKey {
    type Node = ProductNode;
    const NAME: &'static str = ProductPage::NAME;
    /// Which products are in a category's list depends on the categories below it.
    const KINDS: &'static [NodeKind] = &[NodeKind::Product, NodeKind::Category];

    fn digest(&self) -> Option<u128> {
        self.is_cached().then(|| {
            let extent = [&self.window.size.to_be_bytes()[..], &[u8::from(self.depth.skus)]].concat();
            digest(&[&self.listing.identity(), &extent])
        })
    }

    async fn read(db: &Connection, keys: &[Self]) -> Result<HashMap<Self, Page<Arc<ProductNode>>>> {
        read_pages(db, keys, ProductPageKey::depth_by_itself, &Beside::default()).await
    }
}

/// How many products a list has, by how many are counted at most.
pub struct ProductCount;

impl Batch for ProductCount {
    type Key = (ProductListing, Option<u32>);
    type Value = u32;
    const NAME: &'static str = "ProductCount";

    fn show(_: Option<&u32>, shown: &Shown) {
        shown.list(Kind::Product, std::iter::empty());
    }

    async fn load(reads: &Reads, keys: &[Self::Key]) -> Result<HashMap<Self::Key, u32>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for group in group_by_parent(keys, |key| &key.0, |key, listing| (listing, key.1)) {
            let (listing, most) = &group.of;
            let found = repo::counts(&reads.reader(Self::NAME), listing, &group.parents, *most).await?;
            for (parent, key) in group.keys {
                counts.insert(key.clone(), found.get(&parent).copied().unwrap_or_default());
            }
        }
        Ok(counts)
    }
}

/// Products whose names match a text that is still being typed: more than are suggested, in no order.
pub struct SuggestedProducts;

/// A product whose name may be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    pub id: Uuid,
    pub name: String,
}

impl Batch for SuggestedProducts {
    type Key = Search;
    type Value = Vec<Suggested>;
    const NAME: &'static str = "SuggestedProducts";

    fn show(suggested: Option<&Self::Value>, shown: &Shown) {
        shown.list(Kind::Product, suggested.into_iter().flatten().map(|suggested| suggested.id));
    }

    async fn load(reads: &Reads, keys: &[Search]) -> Result<HashMap<Search, Vec<Suggested>>> {
        let mut suggested = HashMap::with_capacity(keys.len());
        for search in keys {
            suggested.insert(search.clone(), repo::suggested(&reads.reader(Self::NAME), search).await?);
        }
        Ok(suggested)
    }
}

/// Keys that differ in nothing but the parent of their list.
struct Group<'a, K> {
    /// The key that they share, under any of the parents.
    of: K,
    /// The parents, each once.
    parents: Vec<Uuid>,
    /// Each key under its parent.
    keys: Vec<(Uuid, &'a K)>,
}

fn group_by_parent<'a, K: Clone + Eq + std::hash::Hash>(
    keys: &'a [K],
    listing: impl Fn(&K) -> &ProductListing,
    with_listing: impl Fn(&K, ProductListing) -> K,
) -> impl Iterator<Item = Group<'a, K>> {
    let mut groups: HashMap<K, Group<'a, K>> = HashMap::new();
    for key in keys {
        let (parent, anonymous) = match listing(key).parent {
            None => (Uuid::nil(), None),
            Some(ProductParent::Store(id)) => (id, Some(ProductParent::Store(Uuid::nil()))),
            Some(ProductParent::Category { id, with_descendants }) => {
                (id, Some(ProductParent::Category { id: Uuid::nil(), with_descendants }))
            }
        };
        let shared = with_listing(key, ProductListing { parent: anonymous, ..listing(key).clone() });
        let group =
            groups.entry(shared.clone()).or_insert_with(|| Group { of: shared, parents: Vec::new(), keys: Vec::new() });
        group.parents.push(parent);
        group.keys.push((parent, key));
    }
    groups.into_values()
}
