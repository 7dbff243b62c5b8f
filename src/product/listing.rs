//! Lists of products: of the whole shop, of a store, of a category.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::facet::ProductFacets;
use super::filter::ProductFilter;
use super::loader::ProductCount;
use super::node::ProductNode;
use super::object::Product;
use super::search::Search;
use crate::auth::{Guarded, Viewer, guard};
use crate::db::{Position, SortKey};
use crate::error::Result;
use crate::graphql::{Listing, RequestContext};

/// What the products of a list have in common beside the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProductParent {
    Store(Uuid),
    Category { id: Uuid, with_descendants: bool },
}

/// Which products a viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visible {
    All,
    ActiveOnly,
}

impl From<Viewer> for Visible {
    fn from(viewer: Viewer) -> Self {
        if guard::may_see(viewer, Guarded::Product { is_public: false }) { Self::All } else { Self::ActiveOnly }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProductSort {
    CreatedAt,
    Name,
    Price,
    /// How well they match what is searched for.
    Relevance,
}

/// A list of products.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProductListing {
    pub parent: Option<ProductParent>,
    pub filter: Arc<ProductFilter>,
    pub search: Option<Arc<Search>>,
    pub sort: ProductSort,
    pub descending: bool,
    pub visible: Visible,
}

impl ProductListing {
    /// Bytes that tell it from every other list.
    pub fn identity(&self) -> Vec<u8> {
        let (tag, id) = match self.parent {
            None => (0, Uuid::nil()),
            Some(ProductParent::Store(id)) => (1, id),
            Some(ProductParent::Category { id, with_descendants }) => (2 + u8::from(with_descendants), id),
        };
        let mut identity = vec![tag, self.sort as u8, u8::from(self.descending), self.visible as u8];
        identity.extend(id.as_bytes());
        identity.extend(serde_json::to_vec(&(&*self.filter, &self.search)).expect("a filter is plain data"));
        identity
    }

    /// What the column has that the list is sorted by: the database makes `name_key` and `price_key` by the same rules.
    fn sort_key(&self, ProductNode { row, rank, .. }: &ProductNode) -> SortKey {
        match self.sort {
            ProductSort::CreatedAt => SortKey::Time(row.created_at),
            ProductSort::Name => SortKey::Text(row.name.to_ascii_lowercase()),
            ProductSort::Price => SortKey::Integer(row.min_price.unwrap_or(i64::MAX)),
            ProductSort::Relevance => SortKey::Integer(*rank),
        }
    }
}

impl Listing for ProductListing {
    type Node = Product;
    type More = ProductFacets;
    const MAX_AGE_SECS: u32 = 60;

    fn fingerprint(&self) -> u64 {
        let filter = serde_json::to_vec(&*self.filter).expect("a filter is plain data");
        let mut hash = Sha256::new();
        hash.update([self.sort as u8, u8::from(self.descending)]);
        hash.update(filter);
        if let Some(search) = &self.search {
            hash.update(search.typed());
        }
        u64::from_be_bytes(*hash.finalize().first_chunk().expect("a hash has 32 bytes"))
    }

    fn position(&self, product: &Product) -> Position {
        Position { key: self.sort_key(product.node()), id: product.node().row.id }
    }

    async fn count(&self, request: &RequestContext, most: Option<u32>) -> Result<u32> {
        Ok(request.load::<ProductCount>((self.clone(), most)).await?.unwrap_or_default())
    }
}
