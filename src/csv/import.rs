//! An import: the file is read in another thread, a few batches ahead at most, and each batch is written in a transaction of its own.
//!
//! Imports take turns by batches, so two of one file at once write nothing twice. A batch that another writer has crossed is planned anew.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use iso_currency::Currency;
use sea_orm::DbErr;
use tokio::sync::mpsc;

use super::file::{File, Found};
use super::places::Places;
use super::plan::{Plan, Setting, plan};
use super::problem::Problems;
use super::product::FileProduct;
use super::repo::{self, KeptProduct};
use crate::db::bulk::{self, Rows};
use crate::db::{Db, Routing, WriteTransaction, now, violation};
use crate::error::{Error, Result};

/// Batches that wait to be written.
const AHEAD: usize = 2;
/// A batch is full with so many products, so many rows, or so many bytes of the file.
const MOST_PRODUCTS: usize = 200;
const MOST_ROWS: u64 = 1_000;
const MOST_BYTES: u64 = 4 * 1024 * 1024;
/// How often a batch is tried anew, and the pause before.
const MOST_RETRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// What is asked of an import.
#[derive(Clone, Copy, Debug)]
pub struct Import {
    /// The currency of the prices, where the file doesn't say another.
    pub currency: Currency,
    /// Skus that the file doesn't name stay on sale.
    pub keeps_missing: bool,
    /// Nothing is written.
    pub is_dry: bool,
}

/// What came of an import.
#[derive(Debug, Default)]
pub struct Imported {
    pub rows: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub refused: u64,
    /// Rows that belong to no product, or to one whose rows came before.
    pub strays: u64,
    pub skus_created: u64,
    pub skus_updated: u64,
    pub skus_archived: u64,
    pub problems: Problems,
    /// The columns that are not kept.
    pub other_columns: Vec<String>,
}

/// What was read of the file for one transaction.
#[derive(Default)]
struct Batch {
    products: Vec<FileProduct>,
    problems: Problems,
    refused: u64,
    strays: u64,
    rows: u64,
    /// How many bytes of the file were read until its end.
    bytes: u64,
}

/// Imports a file; `tell` hears how many of its bytes are done.
pub async fn import(
    db: &Arc<Db>,
    file: impl Read + Send + 'static,
    import: Import,
    mut tell: impl FnMut(u64),
) -> anyhow::Result<Imported> {
    let file = tokio::task::spawn_blocking(|| File::open(file)).await??;
    let mut imported = Imported { other_columns: file.heading().others.clone(), ..Default::default() };
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    let reader = tokio::task::spawn_blocking(move || read(file, &sender));
    let mut writer = Writer { routing: Routing::on_primary(db.clone()), import, places: Places::new(import.currency) };
    while let Some(batch) = receiver.recv().await {
        imported.count(&batch);
        imported.problems.extend(batch.problems);
        writer.write(&batch.products, &mut imported).await.map_err(cause)?;
        tell(batch.bytes);
    }
    reader.await??;
    Ok(imported)
}

/// Reads the file to its end, or until nobody takes the batches: then the writer has failed, and tells so itself.
fn read(mut file: File<impl Read>, sender: &mpsc::Sender<Batch>) -> anyhow::Result<()> {
    loop {
        let mut batch = Batch::default();
        let (rows, bytes) = (file.rows(), file.bytes());
        let mut is_over = false;
        while !is_over
            && batch.products.len() < MOST_PRODUCTS
            && file.rows() - rows < MOST_ROWS
            && file.bytes() - bytes < MOST_BYTES
        {
            match file.next()? {
                Some(Found::Product(product)) => batch.products.push(*product),
                Some(Found::Refused(problems)) => {
                    batch.refused += 1;
                    batch.problems.extend(problems);
                }
                Some(Found::Stray(problem)) => {
                    batch.strays += 1;
                    batch.problems.push(problem);
                }
                None => is_over = true,
            }
        }
        batch.rows = file.rows() - rows;
        batch.bytes = file.bytes();
        if sender.blocking_send(batch).is_err() || is_over {
            return Ok(());
        }
    }
}

impl Imported {
    fn count(&mut self, batch: &Batch) {
        self.rows += batch.rows;
        self.refused += batch.refused;
        self.strays += batch.strays;
    }
}

struct Writer {
    routing: Routing,
    import: Import,
    places: Places,
}

/// What the products of a batch come to.
#[derive(Default)]
struct Planned {
    plan: Plan,
    unchanged: u64,
    /// Products of which only skus or their stock change.
    changed_below: u64,
    refused: u64,
    problems: Problems,
}

impl Writer {
    async fn write(&mut self, products: &[FileProduct], imported: &mut Imported) -> Result<()> {
        if products.is_empty() {
            return Ok(());
        }
        let mut retries = 0;
        let planned = loop {
            match self.attempt(products).await {
                Ok(planned) => break planned,
                Err(error) if retries < MOST_RETRIES && is_crossed(&error) => {
                    retries += 1;
                    self.places.forget();
                    tokio::time::sleep(PAUSE * retries).await;
                }
                Err(error) => return Err(error),
            }
        };
        let Planned { plan, unchanged, changed_below, refused, problems } = planned;
        imported.created += plan.products.len() as u64;
        imported.updated += plan.product_changes.len() as u64 + changed_below;
        imported.unchanged += unchanged;
        imported.refused += refused;
        imported.skus_created += plan.skus.len() as u64;
        imported.skus_updated += plan.sku_changes.len() as u64 - plan.archived;
        imported.skus_archived += plan.archived;
        imported.problems.extend(problems);
        Ok(())
    }

    async fn attempt(&mut self, products: &[FileProduct]) -> Result<Planned> {
        let tx = self.routing.begin_write("import").await?;
        let slugs: Vec<String> = products.iter().map(|product| product.handle.clone()).collect();
        if !self.import.is_dry {
            repo::take_turn(&tx).await?;
            repo::lock(&tx, &slugs).await?;
        }
        let kept = repo::by_slugs(&tx, &slugs).await?;
        self.places.look_up(&tx, products, &kept).await?;
        let planned = self.plan(products, &kept);
        if self.import.is_dry || planned.plan.is_empty() {
            return Ok(planned);
        }
        self.apply(&tx, &planned.plan).await?;
        tx.commit().await?;
        Ok(planned)
    }

    fn plan(&mut self, products: &[FileProduct], kept: &HashMap<String, KeptProduct>) -> Planned {
        let (mut planned, now) = (Planned::default(), now());
        for product in products {
            let kept = kept.get(&product.handle);
            let keeps_missing = self.import.keeps_missing;
            let found = self.places.of(product, kept).map_err(Problems::from).and_then(|place| {
                let setting = Setting { store: &place.store, category_id: place.category_id, keeps_missing, now };
                Ok((plan(product, kept, &setting)?, place))
            });
            match found {
                Ok((plan, place)) => {
                    self.places.take(place);
                    planned.unchanged += u64::from(plan.is_empty());
                    let is_below = plan.products.is_empty() && plan.product_changes.is_empty() && !plan.is_empty();
                    planned.changed_below += u64::from(is_below);
                    planned.plan.extend(plan);
                }
                Err(problems) => {
                    planned.refused += 1;
                    planned.problems.extend(problems);
                }
            }
        }
        planned
    }

    /// Products come before their skus, and these before their stock; what gives a code away before what takes it.
    async fn apply(&mut self, tx: &WriteTransaction, plan: &Plan) -> Result<()> {
        let stores = plan.products.iter().map(|row| row.store_id);
        let stores = stores.chain(plan.product_changes.iter().map(|row| row.store_id));
        let categories = plan.products.iter().filter_map(|row| row.category_id);
        let categories = categories.chain(plan.product_changes.iter().filter_map(|row| row.category_id));
        self.places.write(tx, stores, categories).await?;
        bulk::insert(tx, Rows::of(plan.products.iter().cloned())).await?;
        bulk::update(tx, Rows::of(plan.product_changes.iter().cloned())).await?;
        bulk::update(tx, Rows::of(plan.given_away.iter().cloned())).await?;
        bulk::update(tx, Rows::of(plan.sku_changes.iter().cloned())).await?;
        bulk::insert(tx, Rows::of(plan.skus.iter().cloned())).await?;
        bulk::insert(tx, Rows::of(plan.stock.iter().cloned())).await?;
        bulk::update(tx, Rows::of(plan.stock_changes.iter().cloned())).await?;
        Ok(())
    }
}

/// What is behind an error that clients of a server are not told.
pub fn cause(error: Error) -> anyhow::Error {
    match error.cause() {
        Some(cause) => anyhow!("{cause:#}"),
        None => error.into(),
    }
}

/// Whether another writer was in the way: nothing of the batch was kept, and the next attempt sees what that one wrote.
fn is_crossed(error: &Error) -> bool {
    let broken_rule = || error.cause().and_then(|cause| violation(cause.downcast_ref::<DbErr>()?));
    error.is_passing() || broken_rule().is_some()
}
