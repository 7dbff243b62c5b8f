//! Figures of limits and windows: what hostile clients get through, what steady ones feel of it, and what all pay for it.
//!
//! | file | holds |
//! | --- | --- |
//! | `attacks` | the attack list of the tests, sent to servers as users run them |
//! | `installation` | a primary and a Redis with a small shop, and servers in front of them |
//! | `window`, `clients` | hostile clients and a steady one, on two servers at once |
//! | `charges` | the most that was charged in any interval as long as the window |
//! | `doubling` | documents that mean much more than they say, each seen for the first time |
//! | `cpu` | CPU that price and window add to a request |
//!
//! A broken promise ends the command with an exit status other than 0: an attack that gets through, a charge over the limit of a window, a
//! steady client that is refused. Times never do.

mod attacks;
mod charges;
mod clients;
mod cpu;
mod doubling;
pub mod installation;
mod window;

use std::path::Path;

use clap::{Args, ValueEnum};

use installation::Installation;

#[derive(Args)]
pub struct Options {
    /// Print only these figures
    #[arg(long, value_name = "PART", value_delimiter = ',', default_values = ["attacks", "window", "doubling", "cpu"])]
    only: Vec<Part>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Part {
    Attacks,
    Window,
    Doubling,
    Cpu,
}

/// Prints the figures; the promises that were broken.
pub async fn print(program: &Path, options: &Options) -> anyhow::Result<Vec<String>> {
    let mut broken = Vec::new();
    let installation = Installation::start(program).await?;
    if options.only.contains(&Part::Attacks) {
        broken.extend(attacks::print(&installation).await?);
    }
    if options.only.contains(&Part::Window) {
        broken.extend(window::print(&installation).await?);
    }
    if options.only.contains(&Part::Doubling) {
        doubling::print(&installation).await?;
    }
    if options.only.contains(&Part::Cpu) {
        cpu::print(&installation).await?;
    }
    installation.stop().await?;
    Ok(broken)
}
