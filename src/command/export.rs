//! `storefront export`: the catalogue becomes a CSV file, of which an import changes nothing.

use std::fs::{self, File};
use std::io::{BufWriter, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use clap::Args;

use super::import::{open, progress_bar};
use crate::config::{DatabaseConfig, LogConfig};
use crate::csv::{self, Exported};
use crate::db::Db;

#[derive(Args)]
pub struct Export {
    /// The file to write; one that is there is replaced once the new one is whole.
    file: PathBuf,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    pub log: LogConfig,
}

pub async fn run(command: Export) -> anyhow::Result<()> {
    command.database.check()?;
    let db = open(&command.database).await?;
    let done = export(&db, &command.file).await;
    db.close().await;
    done
}

async fn export(db: &Arc<Db>, path: &Path) -> anyhow::Result<()> {
    let (begun, name) = (Instant::now(), path.display());
    // Nobody takes half a file for a whole one.
    let part = path.with_added_extension("part");
    let file = File::create(&part).with_context(|| format!("cannot write {}", part.display()))?;
    let bar = progress_bar(0, "{wide_bar} {human_pos}/{human_len} products {elapsed}");
    let exported = csv::export(db, BufWriter::new(file), |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    let exported = exported.await;
    bar.finish_and_clear();
    let written = match exported {
        Ok(exported) => fs::rename(&part, path).map(|()| exported).map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    let Exported { products, rows, left_out } = written.with_context(|| format!("cannot export to {name}"))?;
    // Whoever started it may have stopped reading; the file is written all the same.
    let seconds = begun.elapsed().as_secs_f64();
    drop(writeln!(stdout(), "{name}: {products} products in {rows} rows in {seconds:.1} s"));
    if left_out > 0 {
        let text = "products without a variant on sale are left out: the format has no row for them";
        drop(writeln!(stderr(), "{left_out} {text}"));
    }
    Ok(())
}
