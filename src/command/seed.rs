//! `storefront seed`: fills an empty shop with made-up data.
//!
//! It writes in many transactions: what was interrupted leaves a part behind, which the next run refuses to add to.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use migration::{Migrator, MigratorTrait};

use crate::config::{DatabaseConfig, LogConfig};
use crate::db::Db;
use crate::seed::{self, DEFAULT_SEED, Shop, Sizes, Written};

#[derive(Args)]
pub struct Seed {
    /// How many stores.
    #[arg(long, env = "STOREFRONT_SEED_STORES", default_value_t = 200, value_parser = clap::value_parser!(u32).range(..=100_000))]
    stores: u32,

    /// How many products, spread evenly over the stores.
    #[arg(long, env = "STOREFRONT_SEED_PRODUCTS", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    products: u32,

    /// How many skus: at least one for each product if there are enough, and at most 240.
    #[arg(long, env = "STOREFRONT_SEED_SKUS", default_value_t = 250_000, value_parser = clap::value_parser!(u32).range(..=100_000_000))]
    skus: u32,

    /// How many users.
    #[arg(long, env = "STOREFRONT_SEED_USERS", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(..=100_000_000))]
    users: u32,

    /// How many orders, of one to five items each.
    #[arg(long, env = "STOREFRONT_SEED_ORDERS", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(..=100_000_000))]
    orders: u32,

    /// The start of all chance: the same number gives the same data.
    #[arg(long, env = "STOREFRONT_SEED", default_value_t = DEFAULT_SEED)]
    seed: u64,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    pub log: LogConfig,
}

pub async fn run(command: Seed) -> anyhow::Result<()> {
    command.database.check()?;
    let Seed { stores, products, skus, users, orders, .. } = command;
    let shop = Shop::new(command.seed, Sizes { stores, products, skus, users, orders })?;
    let mut database = command.database;
    // A bulk insert may take longer than a request may.
    database.statement_timeout_ms = 3_600_000;
    let db = Db::connect(&database).await?;
    let filled = fill(&db, shop).await;
    db.close().await;
    filled
}

async fn fill(db: &Db, shop: Shop) -> anyhow::Result<()> {
    let pending = Migrator::get_pending_migrations(db.administration()).await?.len();
    ensure!(pending == 0, "the database lacks {pending} changes, run storefront migrate up");
    ensure!(
        seed::is_empty(db.administration()).await?,
        "the shop is not empty: it has stores or users. Seed another database, or drop everything with storefront migrate fresh"
    );
    let begun = Instant::now();
    let bar = progress_bar(shop.sizes().about_rows());
    let mut tables: Vec<Written> = Vec::new();
    seed::prepare_bulk_load(db.administration()).await?;
    let filled = seed::fill(db.administration(), shop, |written| {
        bar.set_message(written.table);
        bar.inc(written.rows as u64);
        add(&mut tables, written);
    });
    filled.await.context("seeding stopped halfway, start again with storefront migrate fresh")?;
    bar.set_message("analyze");
    let names: Vec<_> = tables.iter().map(|table| table.table).collect();
    let analyzing = Instant::now();
    seed::analyze(db.administration(), &names).await?;
    bar.finish_and_clear();
    tell(&tables, analyzing.elapsed());
    let rows: usize = tables.iter().map(|table| table.rows).sum();
    println!("seeded {rows} rows in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Drawn only where somebody watches.
fn progress_bar(rows: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(rows);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} rows  {msg:12} {elapsed}") {
        bar.set_style(style);
    }
    bar
}

fn add(tables: &mut Vec<Written>, written: Written) {
    match tables.iter_mut().find(|known| known.table == written.table) {
        Some(known) => {
            known.rows += written.rows;
            known.took += written.took;
        }
        None => tables.push(written),
    }
}

/// A line for each table. The times are those of the database; rows are made meanwhile.
fn tell(tables: &[Written], analyzing: Duration) {
    for Written { table, rows, took } in tables {
        eprintln!("{table:<12} {rows:>9} rows {:>6.1} s", took.as_secs_f64());
    }
    eprintln!("{:<12} {:>21.1} s", "analyze", analyzing.as_secs_f64());
}
