//! Counts the instructions of Storefront's inner steps and compares them with those that are kept in `counts.md`.
//!
//! `cargo run --release -p micro -- count` prints the table and fails when a case needs over 5 % more than is kept; `--keep` keeps
//! what was counted. Time is not measured here: on a busy machine it varies by half, instructions by a hundredth. They are not time either:
//! valgrind knows no SHA instructions, so a hash counts for many times what it takes. Figures of two machines compare only where
//! their processors have the same vector instructions and their C libraries are the same.
//!
//! The counting is done by callgrind, which is told to count inside one function alone (`count`): each case makes what it needs
//! beforehand and hands the rest to it. The gungraun crate does the same. It wants a runner program of its own version installed
//! beside it, though, compares with what lies in the target folder, and writes no table: reading its summaries and keeping figures in the repository
//! would have been most of this program all the same, and the part that it saves is two dozen lines.

// The layout of the server's whole request is computed in this crate.
#![recursion_limit = "256"]

mod case;
mod codecs;
mod count;
mod loaders;
mod operations;
mod requests;
mod shop;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use case::Case;
use table::Table;

#[derive(Parser)]
#[command(about = "Counts the instructions of Storefront's inner steps")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Count with valgrind, and compare with what is kept
    Count {
        /// Only cases whose names begin so
        cases: Vec<String>,
        /// Keep what was counted
        #[arg(long)]
        keep: bool,
        /// How many per cent more than is kept a case may need
        #[arg(long, default_value_t = 5.0, value_name = "PERCENT")]
        within: f64,
        /// Leave callgrind's profiles here, to be read with callgrind_annotate
        #[arg(long, value_name = "FOLDER")]
        profiles: Option<PathBuf>,
    },
    /// Run one case, for valgrind or perf
    Run {
        case: String,
        /// A shop that `count` has filled; a new one when it is left out
        #[arg(long)]
        shop: Option<PathBuf>,
        #[arg(long, default_value_t = count::CALLS)]
        calls: u32,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().command {
        Command::Count { cases, keep, within, profiles } => {
            let chosen: Vec<&Case> = case::all().filter(|case| case.is_among(&cases)).collect();
            anyhow::ensure!(!chosen.is_empty(), "no case has a name that begins so");
            let kept = Table::read()?;
            let counted = count(&chosen, &kept, profiles.as_deref())?;
            if keep {
                kept.with(counted).write()?;
                return Ok(ExitCode::SUCCESS);
            }
            let worse = counted.over(&kept, within);
            worse.iter().for_each(|case| eprintln!("{case} takes over {within} % more instructions than are kept"));
            Ok(if worse.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Run { case, shop, calls } => {
            let case = case::all().find(|known| known.name == case).ok_or_else(|| anyhow::anyhow!("no case {case}"))?;
            let folder = tempfile::tempdir()?;
            let shop = match shop {
                Some(shop) => shop,
                None => shop::fill(folder.path())?,
            };
            count::run(case, &shop, calls)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Counts these cases and prints each beside what is kept.
fn count(cases: &[&Case], kept: &Table, profiles: Option<&Path>) -> anyhow::Result<Table> {
    let folder = tempfile::tempdir()?;
    let shop = shop::fill(folder.path())?;
    let profiles = profiles.unwrap_or(folder.path());
    fs::create_dir_all(profiles)?;
    let mut table = Table::default();
    table::print_heads();
    for case in cases {
        let count = count::instructions(case, &shop, profiles)?;
        kept.print_beside(case, count);
        table.put(case, count);
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_runs() {
        let folder = tempfile::tempdir().unwrap();
        let shop = shop::fill(folder.path()).unwrap();

        for case in case::all() {
            count::run(case, &shop, 1).unwrap_or_else(|error| panic!("{}: {error:#}", case.name));
        }
    }

    #[test]
    fn every_case_has_a_name_of_its_own() {
        let mut names: Vec<_> = case::all().map(|case| case.name).collect();
        names.sort_unstable();
        names.dedup();

        assert_eq!(names.len(), case::all().count());
    }
}
