//! The same page at the start of a list and far down in it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

use crate::server::Server;

const DEPTH: usize = 50_000;
pub const PAGE: &str = "query ($first: Int = 50, $after: String) {
  products(first: $first, after: $after) {
    nodes {
      id slug name inStock
      priceRange { min { amount currencyCode } max { amount currencyCode } }
      store { id name }
      category { id name }
      skus { id title price { amount currencyCode } }
    }
    pageInfo { endCursor hasNextPage }
  }
}";
/// Rounds that warm up, and rounds that are measured; in each, both pages are asked for in turn.
const WARM_UP: usize = 50;
const ROUNDS: usize = 400;

pub struct Depth {
    pub first: Duration,
    pub deep: Duration,
    pub first_cpu: Duration,
    pub deep_cpu: Duration,
    pub bytes: u64,
}

pub async fn pages(program: &Path, database_url: &str) -> anyhow::Result<Depth> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(program, folder.path(), &[("DATABASE_URL", database_url)])?;
    let deep = json!({ "after": cursor_at(&server, DEPTH).await? });
    let first = json!({ "after": null });

    let (mut firsts, mut deeps) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + ROUNDS {
        for (variables, times) in [(&first, &mut firsts), (&deep, &mut deeps)] {
            let begun = Instant::now();
            server.ask(PAGE, variables.clone()).await?;
            if round >= WARM_UP {
                times.push(begun.elapsed());
            }
        }
    }
    let first_cpu = cpu_per_page(&server, &first).await?;
    let deep_cpu = cpu_per_page(&server, &deep).await?;
    let bytes = server.resident()?;
    server.stop()?;
    Ok(Depth { first: median(firsts), deep: median(deeps), first_cpu, deep_cpu, bytes })
}

/// The cursor of the product before the one at this depth, by walking there.
async fn cursor_at(server: &Server, depth: usize) -> anyhow::Result<Value> {
    const STEP: usize = 100;
    let query = "query ($after: String) { products(first: 100, after: $after) { pageInfo { endCursor } } }";
    let mut cursor = Value::Null;
    for _ in 0..depth / STEP {
        let answer = server.ask(query, json!({ "after": cursor })).await?;
        cursor = answer["data"]["products"]["pageInfo"]["endCursor"].clone();
        cursor.as_str().context("the list ends before the depth")?;
    }
    Ok(cursor)
}

async fn cpu_per_page(server: &Server, variables: &Value) -> anyhow::Result<Duration> {
    let before = server.cpu()?;
    for _ in 0..ROUNDS {
        server.ask(PAGE, variables.clone()).await?;
    }
    Ok((server.cpu()? - before) / ROUNDS as u32)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
