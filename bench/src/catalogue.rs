//! The figures of one server that reads its catalogue: before execution, at the start, and far down in a list.

use std::path::Path;
use std::time::{Duration, Instant};

use devstack::{Stack, StackOptions};

use crate::figure::{self, line, megabytes, micros, millis, seconds};
use crate::program::run;
use crate::{depth, prepare, startup};

pub async fn print(storefront: &Path) -> anyhow::Result<()> {
    figure::heading();
    let prepare = prepare::cpu_of_prepare()?;
    for (what, cpu) in prepare {
        line(&format!("CPU before execution, known document, {what}"), micros(cpu), micros(Duration::from_micros(3)));
    }

    let startup = startup::embedded(storefront).await?;
    line("start-up on the embedded default, with migration and demo shop", seconds(startup.first), "3.0 s");
    line("start-up on the embedded default, data found", seconds(startup.second), "3.0 s");
    line("resident memory, idle after the start that made the shop", megabytes(startup.first_bytes), "40 MB");
    line("resident memory, idle after the next start", megabytes(startup.second_bytes), "40 MB");

    let stack = Stack::start(StackOptions { replicas: 0, redis: false, fsync: true, ..Default::default() }).await?;
    stack.create_database("bench").await?;
    let url = stack.primary_url("bench");
    let begun = Instant::now();
    run(storefront, &["migrate", "up"], &url)?;
    run(storefront, &["seed"], &url)?;
    line("seeding Postgres with the default sizes, fsync on", seconds(begun.elapsed()), "60 s");

    let depth = depth::pages(storefront, &url).await?;
    let first = depth.first.as_secs_f64();
    line("page 1 of 50 products with store, category and skus, median", millis(depth.first), "");
    line("the same page at depth 50,000, median", millis(depth.deep), millis(depth.first.mul_f64(1.2)));
    line("ratio of the two", format!("{:.2}", depth.deep.as_secs_f64() / first), "1.20");
    line("CPU of the server per such page, page 1", millis(depth.first_cpu), "");
    line("CPU of the server per such page, depth 50,000", millis(depth.deep_cpu), "");
    line("resident memory after the pages", megabytes(depth.bytes), "");
    stack.stop().await
}
