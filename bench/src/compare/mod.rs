//! The server beside its peers, and by its switches: every run becomes a JSON line in `bench/results`.
//!
//! | file | holds |
//! | --- | --- |
//! | `shop` | a primary, two replicas and Redis over a seeded shop, and the folder from which loads draw |
//! | `subject`, `variant` | the programs that are compared, and the switches of each |
//! | `contender` | a subject that runs: its instances, and what they need before they are measured |
//! | `ask` | single questions, in the form in which each subject is asked |
//! | `cursors` | the ends of pages, in each subject's own form |
//! | `words` | what shoppers search for |
//! | `load` | k6 and wrk, and what they tell |
//! | `warm` | what caches hold before they are measured |
//! | `run`, `line` | one run: CPU, statements, hits and memory around a load, and the line of that |
//! | `statements`, `hits` | what Postgres has run, and what caches had |
//! | `results` | JSON lines, and the table that grows as they are written |
//! | `machine` | what the figures were measured on |
//! | `alike`, `wrong` | equal answers before a run, right values after it |
//! | `balancer` | one address in front of several instances |
//! | `sets` | what is run: a file for each set |
//!
//! What fails ends the command; nothing is left out in silence.

mod alike;
mod ask;
mod balancer;
mod contender;
mod cursors;
mod hits;
mod line;
mod load;
mod machine;
mod results;
mod run;
mod sets;
mod shop;
mod statements;
mod subject;
mod variant;
mod warm;
mod words;
mod wrong;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use run::Bench;
use sets::Set;
use shop::{Shop, Size};

#[derive(Args)]
pub struct Options {
    /// What is run; everything when nothing is named
    #[arg(value_name = "SET")]
    sets: Vec<Set>,
    /// The folder of the JSON lines; those of each set that is run are written anew
    #[arg(long, value_name = "FOLDER", default_value = "bench/results")]
    out: PathBuf,
    /// How long each load is measured
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How often subjects that are compared with each other are measured in turn
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    passes: u32,
    /// Goes on without subjects that are not installed
    #[arg(long)]
    allow_missing: bool,
    /// A shop of 500 products, and loads as small as they can be
    #[arg(long)]
    small: bool,
}

/// Runs the sets; the promises that were broken.
pub async fn print(program: &Path, options: &Options) -> anyhow::Result<Vec<String>> {
    let sets = if options.sets.is_empty() { Set::all() } else { options.sets.clone() };
    let is_smoke = sets == [Set::Smoke];
    let size = if options.small || is_smoke { Size::Small } else { Size::Whole };
    let shop = Shop::start(program, size).await?;
    let mut bench = Bench::new(shop, &options.out, options.passes, Duration::from_secs(options.seconds))?;
    bench.allow_missing = options.allow_missing || is_smoke;
    machine::write(&options.out, program)?;
    for set in sets {
        set.run(&mut bench).await?;
    }
    bench.stop().await
}
