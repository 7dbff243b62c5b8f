//! Batched reads of stock.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::repo::{self, StockNode};
use crate::cache::Cached;
use crate::db::{Connection, NodeKind};
use crate::error::Result;
use crate::graphql::{Batch, Reads};

/// The stock of all skus of a product, by the product's id.
pub struct StockByProduct;

impl Batch for StockByProduct {
    type Key = Uuid;
    type Value = Arc<StockNode>;
    const NAME: &'static str = "StockByProduct";

    fn peek(reads: &Reads, key: &Uuid) -> Option<Self::Value> {
        reads.peek(*key)
    }

    async fn load(reads: &Reads, keys: &[Uuid]) -> Result<HashMap<Uuid, Arc<StockNode>>> {
        reads.nodes(keys).await
    }
}

impl Cached for StockNode {
    const KIND: NodeKind = NodeKind::Stock;
    const SCHEMA: u8 = 1;
    const NAME: &'static str = StockByProduct::NAME;

    fn id(&self) -> Uuid {
        self.product_id
    }

    fn version(&self) -> i64 {
        self.version
    }

    async fn read(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Self>>> {
        repo::by_products(db, ids).await
    }
}
