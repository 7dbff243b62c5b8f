//! Warming: a server that starts reads what is viewed most before anyone asks.

use std::sync::Arc;

use futures_util::future::join_all;

use super::loader::{Depth, ProductById};
use crate::cache::Cache;
use crate::db::{Db, Routing};
use crate::graphql::{Loaders, Reads};
use crate::stock::StockByProduct;
use crate::store::StoreById;

/// So many products.
const MOST: usize = 50;

/// Reads the most viewed products with their stock and their stores into the cache, where they are not there yet.
pub async fn warm(cache: Arc<Cache>, db: Arc<Db>) {
    cache.until_trusted().await;
    let products = cache.most_viewed(&db, MOST).await;
    let loaders = Loaders::new(Reads::new(Routing::new(db), cache));
    let read = products.into_iter().map(async |id| {
        let product =
            loaders.load::<ProductById>(ProductById::key(id, Depth { stock: true, ..Depth::NODE })).await.ok()??;
        let (stock, store) = (loaders.load::<StockByProduct>(id), loaders.load::<StoreById>(product.row.store_id));
        let _ = tokio::join!(stock, store);
        Some(())
    });
    let warmed = join_all(read).await.into_iter().flatten().count();
    tracing::debug!(products = warmed, "the cache is warm");
}
