//! Made-up shops: the same rows each time, ids and times included, on both databases.
//!
//! [`Shop`] makes rows and knows no database; [`fill`] writes them. Rows are made in another thread while the previous batch is
//! written, a few batches ahead at most, so memory doesn't grow with the shop. What triggers and generated columns keep is left
//! to them.

mod currency;
mod dice;
mod order;
mod product;
mod repo;
mod row;
mod shop;
mod sketch;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod user;
mod words;

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait};
use tokio::sync::mpsc;

use crate::db::bulk;
pub use repo::{analyze, is_empty, prepare_bulk_load};
pub use shop::{Shop, Sizes};
use shop::{json, slug};

/// The seed of the demo shop, and of `storefront seed` unless told otherwise.
pub const DEFAULT_SEED: u64 = 42;

/// Batches that wait to be written.
const AHEAD: usize = 2;

/// The rows that went into one table.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    pub table: &'static str,
    pub rows: usize,
    pub took: Duration,
}

/// Writes a whole shop, each batch in a transaction: of its own on a pool, within the open one otherwise.
pub async fn fill<C>(connection: &C, shop: Shop, mut tell: impl FnMut(Written)) -> anyhow::Result<()>
where
    C: ConnectionTrait + TransactionTrait,
{
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    let maker = tokio::task::spawn_blocking(move || {
        // An error means that the writer has failed and tells so itself.
        shop.batches().try_for_each(|batch| sender.blocking_send(batch)).ok()
    });
    while let Some(batch) = receiver.recv().await {
        let transaction = connection.begin().await?;
        for rows in batch {
            let (table, count, begun) = (rows.table.name, rows.values.len(), Instant::now());
            bulk::insert(&transaction, rows).await?;
            tell(Written { table, rows: count, took: begun.elapsed() });
        }
        transaction.commit().await?;
    }
    maker.await?;
    Ok(())
}
