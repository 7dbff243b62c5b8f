//! Batched reads of skus.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::repo::{self, SkuDetails, SkuNode};
use crate::error::Result;
use crate::graphql::{Batch, Kind, Reads, Shown};
use crate::product::{Depth, ProductNode};

/// A sku and its product, by the sku's id.
pub struct SkuById;

impl Batch for SkuById {
    type Key = Uuid;
    type Value = (Arc<ProductNode>, Arc<SkuNode>);
    const NAME: &'static str = "SkuById";

    fn show(found: Option<&Self::Value>, shown: &Shown) {
        let product = found.map(|(product, _)| product).filter(|product| product.is_public());
        shown.one(Kind::Product, product.map(|product| product.row.id));
    }

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>> {
        repo::skus_with_product(&reads.reader(Self::NAME), keys).await
    }
}

/// The skus of a product that was read without them, by the product's id.
pub struct SkusByProduct;

impl Batch for SkusByProduct {
    type Key = Uuid;
    type Value = Vec<Arc<SkuNode>>;
    const NAME: &'static str = "SkusByProduct";

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>> {
        let found = repo::skus_by_product(&reads.reader(Self::NAME), keys, Depth::NODE).await?;
        Ok(found.into_iter().map(|(product, found)| (product, found.skus)).collect())
    }
}

/// What a card does not show of a sku that was read without it, by the sku's id.
pub struct DetailsBySku;

impl Batch for DetailsBySku {
    type Key = Uuid;
    type Value = Arc<SkuDetails>;
    const NAME: &'static str = "DetailsBySku";

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<SkuDetails>>> {
        repo::details(&reads.reader(Self::NAME), keys).await
    }
}
