//! Batched reads of stock.

use std::collections::HashMap;

use uuid::Uuid;

use super::entity::Model;
use super::repo;
use crate::db::Routing;
use crate::error::Result;
use crate::graphql::Batch;

/// The stock of a sku, by the sku's id; one that was never counted has none.
pub struct StockBySku;

impl Batch for StockBySku {
    type Key = Uuid;
    type Value = Model;
    const NAME: &'static str = "StockBySku";

    async fn load(routing: &Routing, keys: &[Uuid]) -> Result<HashMap<Uuid, Model>> {
        repo::by_skus(&routing.reader(Self::NAME), keys).await
    }
}
