//! Figures of the node cache: what it saves, what writes do to it, and how far it is from a handler written by hand.
//!
//! | file | holds |
//! | --- | --- |
//! | `installation` | a primary, two replicas, Redis, and a shop of 20,000 products of which 200 are asked for most |
//! | `usage` | CPU of every process, statements, calls of Redis, hits: before and after a load |
//! | `reads` | the same reads without cache, with Redis, and with the in-process tier in front of it |
//! | `writes`, `shop` | reads and writes through two servers, and what their clients see |
//! | `view`, `write` | a product as a client sees it; one write |
//! | `watch`, `compare` | how long others see an old value; what both servers show, beside what the primary holds |
//! | `faults`, `steady` | what Redis's faults cost, phase after phase; the load that feels them |
//! | `floor` | the server beside a handler that does one GET |
//!
//! A broken promise ends the command with an exit status other than 0: a stale read of one's own write, a value that stays wrong, a
//! request that fails. Times never do.

mod compare;
mod faults;
mod floor;
mod installation;
mod reads;
mod shop;
mod steady;
mod usage;
mod view;
mod watch;
mod write;
mod writes;

use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueEnum};

use installation::Installation;
pub use reads::QUERY;

#[derive(Args)]
pub struct Options {
    /// Print only these figures
    #[arg(long, value_name = "PART", value_delimiter = ',', default_values = ["reads", "writes", "floor", "faults"])]
    only: Vec<Part>,
    /// How long each load goes on
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Part {
    Reads,
    Writes,
    Floor,
    Faults,
}

/// Prints the figures; the promises that were broken.
pub async fn print(program: &Path, options: &Options) -> anyhow::Result<Vec<String>> {
    let installation = Installation::start(program).await?;
    let long = Duration::from_secs(options.seconds.into());
    let mut broken = Vec::new();
    if options.only.contains(&Part::Reads) {
        reads::print(&installation, long).await?;
    }
    if options.only.contains(&Part::Floor) {
        floor::print(&installation, long / 4).await?;
    }
    if options.only.contains(&Part::Writes) {
        broken.extend(writes::print(&installation, long * 2).await?);
    }
    if options.only.contains(&Part::Faults) {
        broken.extend(faults::print(&installation, long / 2).await?);
    }
    installation.stop().await?;
    Ok(broken)
}
