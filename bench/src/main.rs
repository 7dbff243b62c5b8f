//! Prints the figures that the README quotes. Run it from the repository's root: `cargo run --release -p bench`, and the same with
//! `-- consistency` for those of replicas and tokens.
//!
//! Each line is a figure and its bound. The server is measured from outside, as the program that users run; only
//! the steps before execution and the router are timed in this process.

mod catalogue;
mod consistency;
mod depth;
mod figure;
mod prepare;
mod program;
mod server;
mod startup;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let program = match arguments.program {
        Some(program) => program.canonicalize()?,
        None => program::build()?,
    };
    match arguments.command.unwrap_or(Command::Catalogue) {
        Command::Catalogue => catalogue::print(&program).await?,
        Command::Consistency(options) => {
            let broken = consistency::print(&program, &options).await?;
            broken.iter().for_each(|promise| eprintln!("broken: {promise}"));
            if !broken.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
