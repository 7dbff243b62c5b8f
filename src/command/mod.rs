//! The command line: one file per command, `serve` when none is named.
//!
//! Every flag has an environment variable. What is wrong with either is said in one line, which names both.

mod client;
mod demo;
mod export;
mod import;
mod migrate;
mod schema;
mod seed;
mod serve;
mod user;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::config::{LogConfig, ServeConfig};
use crate::telemetry;

/// A headless commerce GraphQL API.
///
/// Without a command it serves: on an embedded SQLite database with a demo shop, unless DATABASE_URL says otherwise.
#[derive(Parser)]
#[command(name = "storefront", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,

    #[command(flatten)]
    serve: Serve,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    config: ServeConfig,

    #[command(flatten)]
    log: LogConfig,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (the default).
    Serve(Box<Serve>),
    /// Bring the database's tables up or down, or tell where they stand.
    Migrate(migrate::Migrate),
    /// Fill an empty shop with made-up data, the same each time.
    Seed(seed::Seed),
    /// Bring the products of a CSV file into the shop, in the form that Shopify exports.
    Import(import::Import),
    /// Write all products to such a file.
    Export(export::Export),
    /// Make, list and revoke the keys of API clients.
    Client(client::Client),
    /// Make a user, such as the first one of staff.
    User(user::User),
    /// Print the GraphQL schema.
    Schema,
}

/// Runs the command and turns what went wrong into one line on standard error.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let done = match cli.command.unwrap_or(Command::Serve(Box::new(cli.serve))) {
        Command::Serve(serve) => {
            let Serve { config, log } = *serve;
            with_runtime(&log, |runtime| runtime.block_on(serve::run(config)))
        }
        Command::Migrate(migrate) => {
            with_runtime(&migrate.log().clone(), |runtime| runtime.block_on(migrate::run(migrate)))
        }
        Command::Seed(seed) => with_runtime(&seed.log.clone(), |runtime| runtime.block_on(seed::run(seed))),
        Command::Import(import) => with_runtime(&import.log.clone(), |runtime| runtime.block_on(import::run(import))),
        Command::Export(export) => with_runtime(&export.log.clone(), |runtime| runtime.block_on(export::run(export))),
        Command::Client(client) => with_runtime(&client.log().clone(), |runtime| runtime.block_on(client::run(client))),
        Command::User(user) => with_runtime(&user.log().clone(), |runtime| runtime.block_on(user::run(user))),
        Command::Schema => schema::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("storefront: {}", one_line(&causes(&error)));
            ExitCode::FAILURE
        }
    }
}

fn with_runtime(
    log: &LogConfig,
    run: impl FnOnce(&tokio::runtime::Runtime) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    telemetry::start_log(log)?;
    warn_of_unknown_settings();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    run(&runtime)
}

/// Our names that no flag knows are misspelt: without a word about it, they would silently do nothing.
fn warn_of_unknown_settings() {
    let known = known_settings();
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with("STOREFRONT_")) else { continue };
        if !known.iter().any(|known| known == name) {
            tracing::warn!("{name} is not a setting of storefront, see storefront serve --help");
        }
    }
}

/// The environment variables of all commands.
fn known_settings() -> Vec<String> {
    fn of(command: &clap::Command, names: &mut Vec<String>) {
        names.extend(command.get_arguments().filter_map(|argument| argument.get_env()?.to_str()).map(str::to_owned));
        command.get_subcommands().for_each(|command| of(command, names));
    }
    let mut names = Vec::new();
    of(&Cli::command(), &mut names);
    names
}

/// Help and version as they are; anything wrong as one line.
fn refuse(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Nobody reads the help if this fails.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
        _ => {}
    }
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => Some(value.as_str()),
        _ => None,
    };
    let setting = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => setting_of(argument),
        _ => None,
    };
    let text = error.to_string();
    let mut line = one_line(text.split("\n\n").next().unwrap_or(&text).trim_start_matches("error: "));
    if let (Some(setting), Some(_)) = (setting, value) {
        line = format!("{setting}: {line}");
    }
    eprintln!("storefront: {line}");
    ExitCode::from(2)
}

/// The environment variable of a flag as the parser names it, such as `--port <PORT>`.
fn setting_of(argument: &str) -> Option<String> {
    fn find(command: &clap::Command, flag: &str) -> Option<String> {
        let own = command.get_arguments().find(|argument| argument.get_long() == Some(flag));
        own.and_then(|argument| argument.get_env()?.to_str().map(str::to_owned))
            .or_else(|| command.get_subcommands().find_map(|command| find(command, flag)))
    }
    let flag = argument.split_whitespace().next()?.trim_start_matches('-').split('=').next()?;
    find(&Cli::command(), flag)
}

/// The error and its causes, without those whose text the one before repeats.
fn causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |text, cause| match text.as_str() {
        "" => cause,
        _ if text.contains(&cause) => text,
        _ => format!("{text}: {cause}"),
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
