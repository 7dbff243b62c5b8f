//! Figures of import and export: a file of many rows goes into an empty shop of either database, comes again, and comes out.
//!
//! Each run is a process as users start it: its time is that of the process, its memory the most that it held at any moment.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use devstack::{Stack, StackOptions};

use crate::figure::{self, line, megabytes, seconds};
use crate::program::run;

#[derive(Args)]
pub struct Options {
    /// Rows of the file, a multiple of 4: every product has four
    #[arg(long, default_value_t = 100_000)]
    rows: u32,
    /// Print only the figures of these databases
    #[arg(long, value_name = "DATABASE", value_delimiter = ',', default_values = ["postgres", "sqlite"])]
    only: Vec<Database>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Database {
    Postgres,
    Sqlite,
}

const SECONDS: u64 = 30;
const MEGABYTES: u64 = 200;

/// Prints the figures; the promises that were broken.
pub async fn print(program: &Path, options: &Options) -> anyhow::Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("shop.csv");
    write_file(&file, options.rows / 4)?;
    figure::heading();
    line(&format!("the file of {} rows", options.rows), megabytes(fs::metadata(&file)?.len()), "");
    let mut broken = Vec::new();
    if options.only.contains(&Database::Postgres) {
        let stack = Stack::start(StackOptions { replicas: 0, redis: false, fsync: true, ..Default::default() }).await?;
        stack.create_database("shop").await?;
        broken.extend(there_and_back(program, folder.path(), "Postgres", &stack.primary_url("shop"))?);
        stack.stop().await?;
    }
    if options.only.contains(&Database::Sqlite) {
        let url = format!("sqlite://{}", folder.path().join("shop.db").display());
        broken.extend(there_and_back(program, folder.path(), "SQLite", &url)?);
    }
    Ok(broken)
}

fn there_and_back(program: &Path, folder: &Path, database: &str, url: &str) -> anyhow::Result<Vec<String>> {
    run(program, &["migrate", "up"], url)?;
    let runs = [
        ("import into an empty shop", ["import", "shop.csv"]),
        ("the same file again, of which nothing changes", ["import", "shop.csv"]),
        ("export", ["export", "out.csv"]),
        ("import of the export, of which nothing changes", ["import", "out.csv"]),
    ];
    let mut broken = Vec::new();
    for (number, (what, arguments)) in runs.into_iter().enumerate() {
        let Run { took, most_bytes, said } = run_weighed(program, &arguments, folder, url)?;
        let what = format!("{database}: {what}");
        line(&what, seconds(took), seconds(Duration::from_secs(SECONDS)));
        line(&format!("{database}: its memory, at most"), megabytes(most_bytes), megabytes(MEGABYTES * 1_000_000));
        if most_bytes > MEGABYTES * 1_000_000 {
            broken.push(format!("{what} took {} of memory", megabytes(most_bytes)));
        }
        let changes_nothing = said.contains(": 0 created, 0 updated,");
        ensure!(number == 0 || arguments[0] == "export" || changes_nothing, "{what} changed something: {said}");
    }
    Ok(broken)
}

struct Run {
    took: Duration,
    most_bytes: u64,
    said: String,
}

/// Runs the program to its end and looks at its memory meanwhile: the operating system keeps the most there was.
fn run_weighed(program: &Path, arguments: &[&str], folder: &Path, url: &str) -> anyhow::Result<Run> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("DATABASE_URL", url).stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let mut process = command.spawn()?;
    let mut most_bytes = 0;
    while process.try_wait()?.is_none() {
        most_bytes = most_resident(process.id()).unwrap_or(most_bytes);
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = begun.elapsed();
    let ended = process.wait_with_output()?;
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    ensure!(ended.status.success(), "{arguments:?} failed: {said}{}", String::from_utf8_lossy(&ended.stderr));
    Ok(Run { took, most_bytes, said })
}

/// The most resident memory that a process had so far, in bytes.
fn most_resident(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("a process has memory")?;
    let kilobytes: u64 = line.split_whitespace().nth(1).context("the line has a number")?.parse()?;
    Ok(kilobytes * 1024)
}

/// Products of four variants each, with two images, in twenty stores and fifty categories.
fn write_file(path: &Path, products: u32) -> anyhow::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
         Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Image Position,Image Alt Text,SEO Title,SEO Description"
    )?;
    let mut rows = String::new();
    for number in 0..products {
        rows.clear();
        let (vendor, category, price) = (number % 20, number % 50, 5 + number % 300);
        let body = "<p>Made of linen that lasts, with seams that hold, \"\"washed\"\" before it is sold.</p>".repeat(3);
        for (place, size) in ["S", "M", "L", "XL"].into_iter().enumerate() {
            write!(rows, "product-{number},")?;
            match place {
                0 => write!(
                    rows,
                    "Linen shirt {number},\"{body}\",Vendor {vendor},Type {category},\"linen, shirt, tag {}\",true,Size",
                    number % 90
                )?,
                _ => rows.push_str(",,,,,,"),
            }
            write!(rows, ",{size},SKU-{number}-{size},200,{},{price}.9{place},", (number as usize + place) % 40)?;
            match place {
                0 => write!(
                    rows,
                    "{}.00,https://images.example.com/{number}/1.jpg,1,Front,Shirt {number},A shirt",
                    price + 20
                )?,
                1 => write!(rows, ",https://images.example.com/{number}/2.jpg,2,,,")?,
                _ => rows.push_str(",,,,,"),
            }
            rows.push('\n');
        }
        file.write_all(rows.as_bytes())?;
    }
    file.flush()?;
    Ok(())
}
