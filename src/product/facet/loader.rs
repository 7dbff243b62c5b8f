//! The batched read of facets.

use std::collections::HashMap;
use std::sync::Arc;

use super::choice::FacetKind;
use super::found::{Counted, Facet, facets};
use crate::cache::digest;
use crate::error::Result;
use crate::graphql::{Batch, Kind, Reads, Shown};
use crate::product::listing::{ProductListing, Visible};
use crate::product::repo;

/// The facets of a list.
pub struct FacetsByListing;

/// The key of [`FacetsByListing`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FacetsKey {
    pub listing: ProductListing,
    /// Each once.
    pub kinds: Vec<FacetKind>,
    /// The most values of each facet, beside those that are selected.
    pub first: u32,
}

impl Batch for FacetsByListing {
    type Key = FacetsKey;
    /// A statement that takes too long fails its lists alone.
    type Value = Result<Arc<Vec<Facet>>>;
    const NAME: &'static str = "FacetsByListing";

    fn show(_: Option<&Self::Value>, shown: &Shown) {
        for kind in [Kind::Product, Kind::Store, Kind::Category] {
            shown.list(kind, std::iter::empty());
        }
    }

    async fn load(reads: &Reads, keys: &[FacetsKey]) -> Result<HashMap<FacetsKey, Self::Value>> {
        let found = match keys {
            [key] if key.listing.visible == Visible::ActiveOnly => {
                let count = async { count(reads, keys).await?.remove(0) };
                vec![reads.cache.for_a_moment(&reads.routing, Self::NAME, key.digest(), count).await]
            }
            keys => count(reads, keys).await?.into_iter().map(|found| found.map(Arc::new)).collect(),
        };
        Ok(keys.iter().cloned().zip(found).collect())
    }
}

/// The facets of lists, in their order.
async fn count(reads: &Reads, keys: &[FacetsKey]) -> Result<Vec<Result<Vec<Facet>>>> {
    let counted = repo::count_facets(&reads.reader(FacetsByListing::NAME), keys).await?;
    let facets = |(key, counted): (&FacetsKey, Result<Vec<Counted>>)| {
        Ok(facets(&key.listing.filter, &key.kinds, key.first as usize, &counted?))
    };
    Ok(keys.iter().zip(counted).map(facets).collect())
}

impl FacetsKey {
    /// What tells it from others.
    fn digest(&self) -> u128 {
        let extent = format!("{:?} {}", self.kinds, self.first);
        digest(&[&self.listing.identity(), extent.as_bytes()])
    }
}
