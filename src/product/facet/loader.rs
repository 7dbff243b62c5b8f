//! The batched read of facets.

use std::collections::HashMap;
use std::sync::Arc;

use super::choice::FacetKind;
use super::found::{Facet, facets};
use crate::error::Result;
use crate::graphql::{Batch, Kind, Reads, Shown};
use crate::product::listing::ProductListing;
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
    type Value = Arc<Vec<Facet>>;
    const NAME: &'static str = "FacetsByListing";

    fn show(_: Option<&Self::Value>, shown: &Shown) {
        for kind in [Kind::Product, Kind::Store, Kind::Category] {
            shown.list(kind, std::iter::empty());
        }
    }

    async fn load(reads: &Reads, keys: &[FacetsKey]) -> Result<HashMap<FacetsKey, Self::Value>> {
        let counted = repo::count_facets(&reads.reader(Self::NAME), keys).await?;
        let found = keys.iter().zip(&counted).map(|(key, counted)| {
            let facets = facets(&key.listing.filter, &key.kinds, key.first as usize, counted);
            (key.clone(), Arc::new(facets))
        });
        Ok(found.collect())
    }
}
