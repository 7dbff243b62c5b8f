//! Prints the figures that the README quotes. Run it from the repository's root: `cargo run --release -p bench`, and the same with
//! `-- consistency` for those of replicas and tokens, `-- cache` for those of the node cache, `-- limits` for those of limits and windows,
//! `-- search` for those of searches, facets and counts, `-- import` for those of import and export, `-- sessions` for those of logins and
//! sessions. `bench/run` drives the rest, `compare`.
//!
//! Each line is a figure and its bound. The server is measured from outside, as the program that users run; only
//! the steps before execution and the router are timed in this process.

// The layout of the server's whole request is computed in this crate.
#![recursion_limit = "256"]

mod by_hand;
mod cache;
mod catalogue;
mod compare;
mod consistency;
mod cpu;
mod depth;
mod figure;
mod import;
mod limits;
mod load;
mod prepare;
mod program;
mod search;
mod server;
mod sessions;
mod startup;
mod table;
mod wire;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

/// That of the server: the handlers by hand are compared with it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Measures Storefront and prints the figures that its documents quote")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The server program; built when it is left out
    #[arg(long, global = true, value_name = "PATH")]
    program: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// One server and its catalogue; the default
    Catalogue,
    /// Two servers on a primary and two late replicas: own writes, faults, and what the choice of a server costs
    Consistency(consistency::Options),
    /// Servers on a primary, two replicas and Redis: what the node cache saves, and what writes do to it
    Cache(cache::Options),
    /// The attack list, hostile and steady clients of two servers, and what price and window cost
    Limits(limits::Options),
    /// A file of many rows into an empty shop, once more, and out again
    Import(import::Options),
    /// One server on the default shop: searches, suggestions, counts and facets, and their statements
    Search(search::Options),
    /// Logins that are right, wrong and of nobody, and what a session adds to a request
    Sessions,
    /// The server beside its peers and by its switches, as JSON lines; `bench/run` brings what it needs
    Compare(compare::Options),
    /// The handlers that the server is compared with
    #[command(hide = true)]
    ByHand(by_hand::Options),
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(Command::Catalogue);
    if let Command::ByHand(options) = &command {
        by_hand::serve(options).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let program = match arguments.program {
        Some(program) => program.canonicalize()?,
        None => program::build()?,
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // What is dropped half-way takes its processes with it.
    let broken = tokio::select! {
        broken = print(&command, &program) => broken?,
        _ = terminate.recv() => return Ok(ExitCode::FAILURE),
        _ = interrupt.recv() => return Ok(ExitCode::FAILURE),
    };
    broken.iter().for_each(|promise| eprintln!("broken: {promise}"));
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints the figures; the promises that were broken.
async fn print(command: &Command, program: &Path) -> anyhow::Result<Vec<String>> {
    match command {
        Command::Catalogue => catalogue::print(program).await.map(|()| Vec::new()),
        Command::Consistency(options) => consistency::print(program, options).await,
        Command::Cache(options) => cache::print(program, options).await,
        Command::Limits(options) => limits::print(program, options).await,
        Command::Import(options) => import::print(program, options).await,
        Command::Search(options) => search::print(program, options).await,
        Command::Sessions => sessions::print(program).await.map(|()| Vec::new()),
        Command::Compare(options) => compare::print(program, options).await,
        Command::ByHand(_) => Ok(Vec::new()),
    }
}
