//! One server, `product(id)` with store, skus and stock, 80 % of the requests for 200 products of 20,000: without cache, with Redis, and
//! with the in-process tier in front of Redis.
//!
//! Each begins with an empty Redis and with its hot products read once. At the constant rate the others come into the cache as they are asked for,
//! as after a start; at saturation soon all are there.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::installation::{BOTH_TIERS, HOT, Installation, NO_CACHE, REDIS_ALONE};
use super::usage::{Meter, Usage};
use crate::figure::millis;
use crate::load::{CONNECTIONS, Outcome, Requests, at_rate, at_saturation, quantile};
use crate::server::Server;
use crate::table;
use crate::wire::post;

pub const QUERY: &str = "query ($id: ID!) { product(id: $id) { id slug name inStock store { id name } skus { id title price { amount currencyCode } stock { quantity } } } }";
const RATE: u32 = 900;
const HOT_PER_CENT: u32 = 80;

/// A request for each product.
pub fn requests(installation: &Installation, hot_per_cent: u32) -> Requests {
    let request = |id: &String| post(QUERY, json!({ "id": id }), &[]);
    let by_product = installation.products.iter().map(request).collect();
    Requests { by_product: Arc::new(by_product), hot: HOT, hot_per_cent }
}

pub async fn print(installation: &Installation, long: Duration) -> anyhow::Result<()> {
    let requests = requests(installation, HOT_PER_CENT);
    let (mut steady, mut saturated) = (Vec::new(), Vec::new());
    for (name, settings) in [("off", NO_CACHE), ("Redis", REDIS_ALONE), ("Redis and in-process tier", BOTH_TIERS)] {
        installation.redis()?.flush().await?;
        let server = installation.server(settings).await?;
        warm(installation, &server).await?;
        let meter = Meter::start(installation, &server).await?;
        let outcome = at_rate(server.address(), &requests, RATE, long).await?;
        steady.push(row(name, outcome, &meter.stop().await?));
        let meter = Meter::start(installation, &server).await?;
        let outcome = at_saturation(server.address(), &requests, long / 2).await?;
        saturated.push(row(name, outcome, &meter.stop().await?));
        server.stop()?;
    }
    let what =
        "product(id) with store, skus and stock, 80 % of reads on 200 of 20,000 products, one server, two replicas";
    table::print(&format!("{what}, {RATE} requests/s:"), HEADS, &steady);
    table::print(&format!("The same, {CONNECTIONS} connections at saturation:"), HEADS, &saturated);
    Ok(())
}

/// Reads every hot product, so that the server knows the document and has its connections.
async fn warm(installation: &Installation, server: &Server) -> anyhow::Result<()> {
    for id in installation.hot() {
        server.ask(QUERY, json!({ "id": id })).await?;
    }
    Ok(())
}

const HEADS: [&str; 10] = [
    "cache",
    "hits (in-process + Redis)",
    "SQL",
    "MGET + EVALSHA + ZINCRBY",
    "server CPU",
    "Postgres CPU",
    "Redis CPU",
    "all CPU",
    "p50, p95, p99 (ms)",
    "requests/s",
];

fn row(name: &str, mut outcome: Outcome, usage: &Usage) -> [String; 10] {
    let requests = outcome.times.len() as f64;
    let all: u64 = usage.nodes.iter().sum();
    let per_cent = |part: u64| if all == 0 { 0.0 } else { part as f64 * 100.0 / all as f64 };
    let [local, stored, _] = usage.nodes;
    let [mget, evalsha, zincrby] = usage.commands.map(|calls| calls as f64 / requests);
    let each = |cpu: Duration| format!("{:.0} µs", cpu.as_secs_f64() * 1e6 / requests);
    let times = [0.5, 0.95, 0.99].map(|part| millis(quantile(&mut outcome.times, part)).replace(" ms", ""));
    [
        name.to_owned(),
        format!("{:.1} % ({:.1} + {:.1})", per_cent(local + stored), per_cent(local), per_cent(stored)),
        format!("{:.2}", usage.statements as f64 / requests),
        format!("{mget:.2} + {evalsha:.2} + {zincrby:.2}"),
        each(usage.cpu.server),
        each(usage.cpu.postgres),
        each(usage.cpu.redis),
        each(usage.cpu.all()),
        times.join(", "),
        format!("{:.0}", outcome.per_second()),
    ]
}
