//! `devstack up`: a stack for a person, until Ctrl-C.

mod console;

use std::io::Write;
use std::time::Instant;

use anyhow::Context;
use clap::{Parser, Subcommand};
use devstack::{Result, Stack, StackOptions};
use tokio::signal::unix::{SignalKind, signal};

/// A Postgres primary, streaming replicas and Redis in a temporary folder, for development.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts a stack, prints the environment for a server, and runs until Ctrl-C
    ///
    /// The lines on standard output are DATABASE_URL, REPLICA_URLS (comma-separated; with replicas) and REDIS_URL (with
    /// Redis). The database is empty and belongs to the role of the addresses, which is no superuser. All of it is gone
    /// when the command ends, however it ends.
    ///
    /// Lines on standard input are commands that break the stack, such as `kill primary` or `delay replica_1 5s`; `help`
    /// lists them. Each is answered by a line on standard output that begins with `ok` or `error:`.
    Up(Up),
}

#[derive(clap::Args)]
struct Up {
    /// How many streaming replicas to start
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    replicas: usize,
    /// Start no Redis
    #[arg(long)]
    no_redis: bool,
    /// Force Postgres's writes to the disk, as in production
    #[arg(long)]
    fsync: bool,
    /// A setting of Postgres on all nodes, as in postgresql.conf; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// The name of the database
    #[arg(long, value_name = "NAME", default_value = "storefront")]
    database: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Up(up) => run(up).await,
    }
}

async fn run(up: Up) -> Result<()> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        shown = show(up) => {
            let stack = shown?;
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
                () = console::serve(&stack) => {}
            }
            stack.stop().await
        }
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
    }
}

async fn show(up: Up) -> Result<Stack> {
    let begin = Instant::now();
    let Up { replicas, no_redis, fsync, settings, database } = up;
    let options = StackOptions { replicas, redis: !no_redis, fsync, postgres_settings: settings };
    let stack = Stack::start(options).await?;
    stack.create_database(&database).await?;

    let mut environment = format!("DATABASE_URL={}\n", stack.primary_url(&database));
    if replicas > 0 {
        let urls = stack.replica_urls(&database).join(",");
        environment.push_str(&format!("REPLICA_URLS={urls}\n"));
    }
    if let Some(url) = stack.redis_url() {
        environment.push_str(&format!("REDIS_URL={url}\n"));
    }
    std::io::stdout().write_all(environment.as_bytes())?;

    let seconds = begin.elapsed().as_secs_f32();
    let folder = stack.folder().display();
    let superuser = stack.superuser_url(&database);
    let remark = format!(
        "ready after {seconds:.1} s in {folder}; superuser: {superuser}\nCtrl-C ends it, help lists commands\n"
    );
    // The stack is of use also when nobody reads the remark.
    let _ = std::io::stderr().write_all(remark.as_bytes());
    Ok(stack)
}

fn setting(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').context("expected NAME=VALUE")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    anyhow::ensure!(!name.is_empty() && name.chars().all(plain), "{name:?} is no name of a setting");
    Ok((name.to_owned(), value.to_owned()))
}
