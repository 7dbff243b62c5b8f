//! Batched reads of products.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::listing::{ProductListing, ProductParent};
use super::repo::{self, ProductNode};
use crate::db::{Routing, Window};
use crate::error::Result;
use crate::graphql::{Batch, Page};

/// A product by id, with or without its skus.
pub struct ProductById;

/// The key of [`ProductById`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProductKey {
    id: Uuid,
    with_skus: bool,
}

impl ProductById {
    pub fn key(id: Uuid, with_skus: bool) -> ProductKey {
        ProductKey { id, with_skus }
    }
}

impl Batch for ProductById {
    type Key = ProductKey;
    type Value = Arc<ProductNode>;
    const NAME: &'static str = "ProductById";

    /// One statement: when one field wants the skus, they are read for all.
    async fn load(routing: &Routing, keys: &[ProductKey]) -> Result<HashMap<ProductKey, Arc<ProductNode>>> {
        let mut ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let with_skus = keys.iter().any(|key| key.with_skus);
        let found = repo::by_ids(&routing.reader(Self::NAME), &ids, with_skus).await?;
        Ok(keys.iter().filter_map(|key| Some((*key, found.get(&key.id)?.clone()))).collect())
    }
}

/// A product by slug, with or without its skus.
pub struct ProductBySlug;

impl Batch for ProductBySlug {
    type Key = (String, bool);
    type Value = Arc<ProductNode>;
    const NAME: &'static str = "ProductBySlug";

    async fn load(routing: &Routing, keys: &[(String, bool)]) -> Result<HashMap<(String, bool), Arc<ProductNode>>> {
        let slugs: Vec<String> = keys.iter().map(|(slug, _)| slug.clone()).collect();
        let with_skus = keys.iter().any(|(_, with_skus)| *with_skus);
        let found = repo::by_slugs(&routing.reader(Self::NAME), &slugs, with_skus).await?;
        Ok(keys.iter().filter_map(|key| Some((key.clone(), found.get(&key.0)?.clone()))).collect())
    }
}

/// A page of a list of products.
pub struct ProductPage;

/// The key of [`ProductPage`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProductPageKey {
    pub listing: ProductListing,
    pub window: Window,
    pub with_skus: bool,
}

impl Batch for ProductPage {
    type Key = ProductPageKey;
    type Value = Page<Arc<ProductNode>>;
    const NAME: &'static str = "ProductPage";

    /// The same page under many parents is one statement.
    async fn load(routing: &Routing, keys: &[ProductPageKey]) -> Result<HashMap<ProductPageKey, Self::Value>> {
        let mut pages = HashMap::with_capacity(keys.len());
        for group in group_by_parent(keys, |key| &key.listing, |key, listing| ProductPageKey { listing, ..key.clone() })
        {
            let ProductPageKey { listing, window, with_skus } = &group.of;
            let db = routing.reader(Self::NAME);
            let mut found = repo::pages(&db, listing, &group.parents, window, *with_skus).await?;
            for (parent, key) in group.keys {
                pages.insert(key.clone(), found.remove(&parent).unwrap_or_else(Page::empty));
            }
        }
        Ok(pages)
    }
}

/// How many products a list has.
pub struct ProductCount;

impl Batch for ProductCount {
    type Key = ProductListing;
    type Value = u32;
    const NAME: &'static str = "ProductCount";

    async fn load(routing: &Routing, keys: &[ProductListing]) -> Result<HashMap<ProductListing, u32>> {
        let mut counts = HashMap::with_capacity(keys.len());
        for group in group_by_parent(keys, |key| key, |_, listing| listing) {
            let found = repo::counts(&routing.reader(Self::NAME), &group.of, &group.parents).await?;
            for (parent, key) in group.keys {
                counts.insert(key.clone(), found.get(&parent).copied().unwrap_or_default());
            }
        }
        Ok(counts)
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
