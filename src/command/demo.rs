//! The demo shop that a development server puts into an empty embedded database.

use std::time::Instant;

use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};

use crate::db::Db;
use crate::seed::{self, DEFAULT_SEED, Shop, Sizes};

/// Fills a shop that has neither stores nor users, all of it or nothing.
pub async fn fill_when_empty(db: &Db) -> anyhow::Result<()> {
    if !seed::is_empty(db.administration()).await? {
        return Ok(());
    }
    let begun = Instant::now();
    // The write lock at once: of two servers that start on one file, the second finds the shop of the first.
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let transaction = db.administration().begin_with_options(options).await?;
    if !seed::is_empty(&transaction).await? {
        return Ok(());
    }
    let mut rows = 0;
    seed::fill(&transaction, Shop::new(DEFAULT_SEED, Sizes::DEMO)?, |written| rows += written.rows).await?;
    transaction.commit().await?;
    let Sizes { products, stores, .. } = Sizes::DEMO;
    let seconds = begun.elapsed().as_secs_f64();
    tracing::info!("filled a demo shop of {products} products in {stores} stores: {rows} rows in {seconds:.1} s");
    Ok(())
}
