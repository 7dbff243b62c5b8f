//! Prints the figures that the README quotes. Run it from the repository's root: `cargo run --release -p bench`.
//!
//! Each line is a figure and its bound. The server is measured from outside, as the program that users run; only
//! the steps before execution are timed in this process.

mod depth;
mod prepare;
mod server;
mod startup;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use devstack::{Stack, StackOptions};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let storefront = build()?;
    println!("{:<72} {:>12} {:>12}", "figure", "measured", "bound");

    let prepare = prepare::cpu_of_prepare()?;
    for (what, cpu) in prepare {
        print(&format!("CPU before execution, known document, {what}"), micros(cpu), micros(Duration::from_micros(3)));
    }

    let startup = startup::embedded(&storefront).await?;
    print("start-up on the embedded default, with migration and demo shop", seconds(startup.first), "3.0 s".into());
    print("start-up on the embedded default, data found", seconds(startup.second), "3.0 s".into());
    print("resident memory, idle after the start that made the shop", megabytes(startup.first_bytes), "40 MB".into());
    print("resident memory, idle after the next start", megabytes(startup.second_bytes), "40 MB".into());

    let stack = Stack::start(StackOptions { replicas: 0, redis: false, fsync: true, ..Default::default() }).await?;
    stack.create_database("bench").await?;
    let url = stack.primary_url("bench");
    let begun = Instant::now();
    run(&storefront, &["migrate", "up"], &url)?;
    run(&storefront, &["seed"], &url)?;
    print("seeding Postgres with the default sizes, fsync on", seconds(begun.elapsed()), "60 s".into());

    let depth = depth::pages(&storefront, &url).await?;
    let first = depth.first.as_secs_f64();
    print("page 1 of 50 products with store, category and skus, median", millis(depth.first), "".into());
    print("the same page at depth 50,000, median", millis(depth.deep), millis(depth.first.mul_f64(1.2)));
    print("ratio of the two", format!("{:.2}", depth.deep.as_secs_f64() / first), "1.20".into());
    print("CPU of the server per such page, page 1", millis(depth.first_cpu), "".into());
    print("CPU of the server per such page, depth 50,000", millis(depth.deep_cpu), "".into());
    print("resident memory after the pages", megabytes(depth.bytes), "".into());
    stack.stop().await
}

/// Builds the server as users get it.
fn build() -> anyhow::Result<PathBuf> {
    // Together with this program: alone, the server would be built anew with the features that it alone asks for.
    let packages = ["build", "--release", "--package", "storefront", "--package", "bench"];
    let built = std::process::Command::new("cargo").args(packages).status()?;
    ensure!(built.success(), "the server does not build");
    let target = std::env::current_exe()?;
    let program = target.parent().context("this program lies in a folder")?.join("storefront");
    ensure!(program.exists(), "{} is not there", program.display());
    Ok(program)
}

fn run(program: &PathBuf, arguments: &[&str], database_url: &str) -> anyhow::Result<()> {
    let ended = std::process::Command::new(program).args(arguments).env("DATABASE_URL", database_url).status()?;
    ensure!(ended.success(), "storefront {} failed", arguments.join(" "));
    Ok(())
}

fn print(figure: &str, measured: String, bound: String) {
    println!("{figure:<72} {measured:>12} {bound:>12}");
}

fn micros(duration: Duration) -> String {
    format!("{:.2} µs", duration.as_nanos() as f64 / 1e3)
}

fn millis(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
