//! Figures of replicas and tokens: what clients see of their own writes, what faults do to them, and what the router costs.
//!
//! | file | holds |
//! | --- | --- |
//! | `installation` | a primary, two late replicas, and two servers that share a secret key |
//! | `reads`, `client` | clients that write and read back, beside browsers |
//! | `fault`, `load` | what is broken, and the steady requests that feel it |
//! | `router` | CPU per read, in this process |
//!
//! A broken promise ends the command with an exit status other than 0: a client that did not see its own write, an acknowledged write that
//! is gone though a standby had to have it, a share of reads below its bound. Times never do.

mod client;
mod fault;
mod installation;
mod load;
mod reads;
mod router;

use std::path::Path;

use clap::{Args, ValueEnum};

#[derive(Args)]
pub struct Options {
    /// Print only these figures
    #[arg(long, value_name = "PART", value_delimiter = ',', default_values = ["reads", "faults", "router"])]
    only: Vec<Part>,
    #[command(flatten)]
    reads: reads::Scale,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Part {
    Reads,
    Faults,
    Router,
}

/// Prints the figures; the promises that were broken.
pub async fn print(program: &Path, options: &Options) -> anyhow::Result<Vec<String>> {
    let mut broken = Vec::new();
    if options.only.contains(&Part::Reads) {
        broken.extend(reads::print(program, &options.reads).await?);
    }
    if options.only.contains(&Part::Router) {
        router::print(program).await?;
    }
    if options.only.contains(&Part::Faults) {
        broken.extend(fault::print(program).await?);
    }
    Ok(broken)
}
