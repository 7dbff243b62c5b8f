//! `storefront import`: a CSV file of the form that Shopify exports becomes the catalogue.
//!
//! What is wrong with the file goes to standard error, row by row; the summary to standard output.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use iso_currency::Currency;
use migration::{Migrator, MigratorTrait};

use crate::config::{DatabaseConfig, LogConfig};
use crate::csv::{self, Imported};
use crate::db::Db;
use crate::seed::{analyze, prepare_bulk_load};

/// With so many products written, the planner is told about them.
const MANY: u64 = 1_000;
/// Columns that are told not to be kept; the others are only counted.
const MOST_COLUMNS: usize = 50;

#[derive(Args)]
pub struct Import {
    /// The file, in UTF-8, with the names of its columns in the first row: Handle, Title and Variant Price at least.
    file: PathBuf,

    /// The currency of the prices, and of the stores that are made; a column Currency goes before it.
    #[arg(long, env = "STOREFRONT_IMPORT_CURRENCY", default_value = "USD", value_parser = csv::currency)]
    currency: Currency,

    /// Leave variants on sale that a product of the file no longer has; otherwise they are archived.
    #[arg(long, env = "STOREFRONT_IMPORT_KEEP_MISSING")]
    keep_missing: bool,

    /// Write nothing, and tell what would be written and what would be refused.
    #[arg(long, env = "STOREFRONT_IMPORT_DRY_RUN")]
    dry_run: bool,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    pub log: LogConfig,
}

pub async fn run(command: Import) -> anyhow::Result<()> {
    command.database.check()?;
    let file = std::fs::File::open(&command.file);
    let file = file.with_context(|| format!("cannot open {}", command.file.display()))?;
    let db = open(&command.database).await?;
    let done = import(&db, file, &command).await;
    db.close().await;
    done
}

/// The database of an import or an export, whose tables are as they must be.
pub async fn open(database: &DatabaseConfig) -> anyhow::Result<Arc<Db>> {
    // A batch may take longer than a request may, and waits for its turn.
    let database = DatabaseConfig { statement_timeout_ms: 3_600_000, ..database.clone() };
    let db = Arc::new(Db::connect(&database).await?);
    let pending = Migrator::get_pending_migrations(db.administration()).await?.len();
    ensure!(pending == 0, "the database lacks {pending} changes, run storefront migrate up");
    Ok(db)
}

/// Drawn only where somebody watches.
pub fn progress_bar(total: u64, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

async fn import(db: &Arc<Db>, file: std::fs::File, command: &Import) -> anyhow::Result<()> {
    let Import { file: path, currency, keep_missing, dry_run, .. } = command;
    let name = path.display();
    ensure!(file.metadata()?.is_file(), "cannot read {name}: it is no file");
    let begun = Instant::now();
    let bar = progress_bar(file.metadata()?.len(), "{wide_bar} {bytes}/{total_bytes} {elapsed}");
    prepare_bulk_load(db.administration()).await?;
    let asked = csv::Import { currency: *currency, keeps_missing: *keep_missing, is_dry: *dry_run };
    let imported = csv::import(db, file, asked, |bytes| bar.set_position(bytes)).await;
    bar.finish_and_clear();
    let imported = imported.with_context(|| format!("cannot import all of {name}"))?;
    if !dry_run && imported.created + imported.updated >= MANY {
        analyze(db.administration(), &["products", "skus", "stock", "product_stock"]).await?;
    }
    tell(path, &imported, *dry_run, begun);
    let Imported { refused, strays, .. } = imported;
    if refused + strays > 0 {
        bail!("{name}: {refused} products and {strays} stray rows were refused, all others are as the file says");
    }
    Ok(())
}

/// Whoever started it may have stopped reading; what is written is written all the same.
fn tell(path: &Path, imported: &Imported, is_dry: bool, begun: Instant) {
    let Imported { rows, created, updated, unchanged, refused, strays, .. } = imported;
    let mut problems: Vec<String> = imported.problems.kept().iter().map(ToString::to_string).collect();
    if imported.problems.others() > 0 {
        problems.push(format!("and {} more", imported.problems.others()));
    }
    problems.iter().for_each(|problem| drop(writeln!(stderr(), "{problem}")));
    let (name, seconds) = (path.display(), begun.elapsed().as_secs_f64());
    let Imported { skus_created, skus_updated, skus_archived, .. } = imported;
    let mut summary = vec![
        match is_dry {
            true => format!("{name}: {rows} rows read in {seconds:.1} s, nothing is written; it would be:"),
            false => format!("{name}: {rows} rows in {seconds:.1} s"),
        },
        format!("products: {created} created, {updated} updated, {unchanged} unchanged, {refused} refused"),
        format!("variants: {skus_created} created, {skus_updated} updated, {skus_archived} archived"),
    ];
    if *strays > 0 {
        summary.push(format!("stray rows: {strays} refused"));
    }
    if !imported.other_columns.is_empty() {
        let (told, others) = imported.other_columns.split_at(imported.other_columns.len().min(MOST_COLUMNS));
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        summary.push(format!("columns that are not kept: {}{more}", told.join(", ")));
    }
    summary.iter().for_each(|line| drop(writeln!(stdout(), "{line}")));
}
