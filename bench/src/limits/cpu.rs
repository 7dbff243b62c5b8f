//! CPU of the server per request with windows in Redis, over that of the same server without windows, and of the price in this process.
//!
//! Both servers run at the same time and are asked in turn, pass after pass, for one hot product whose answer is cached. Both have to price it,
//! as no operation may cost too much; what that costs is part of the first figure. Of each load the best passes and the medians are
//! compared; a bound is met when neither difference is above it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use super::installation::{Installation, WIDE};
use crate::cache::QUERY;
use crate::figure::{heading, line, micros};
use crate::load::{CONNECTIONS, Outcome, Requests, at_rate, at_saturation};
use crate::server::Server;
use crate::wire::post;
use crate::{depth, prepare, table};

const PASSES: usize = 9;
const LONG: Duration = Duration::from_millis(2000);
/// So much of each pass goes before what is measured.
const WARM_UP: Duration = Duration::from_millis(300);
const RATE: u32 = 900;
const BOUND: Duration = Duration::from_micros(10);
const BOUND_OF_PRICE: Duration = Duration::from_micros(3);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    Saturation,
    Rate,
}

impl Load {
    fn name(self) -> String {
        match self {
            Self::Saturation => format!("{CONNECTIONS} connections at saturation"),
            Self::Rate => format!("{RATE} requests/s"),
        }
    }

    async fn put(self, address: &str, requests: &Requests, long: Duration) -> anyhow::Result<Outcome> {
        match self {
            Self::Saturation => at_saturation(address, requests, long).await,
            Self::Rate => at_rate(address, requests, RATE, long).await,
        }
    }
}

/// Prints the figures.
pub async fn print(installation: &Installation) -> anyhow::Result<()> {
    heading();
    let cpu = prepare::cpu_of_page(depth::PAGE, json!({ "first": 50, "after": null }))?;
    line("CPU before execution, price included, known page of 50 products", micros(cpu), micros(BOUND_OF_PRICE));

    let servers = [installation.server(&[]).await?, installation.server(&WIDE).await?];
    let products = servers[0].ask("{ products(first: 1) { nodes { id } } }", json!({})).await?;
    let id = products["data"]["products"]["nodes"][0]["id"].as_str().context("the shop has a product")?;
    let request = post(QUERY, json!({ "id": id }), &[]);
    let requests = Requests { by_product: Arc::new(vec![request]), hot: 1, hot_per_cent: 100 };
    let mut rows = Vec::new();
    for load in [Load::Saturation, Load::Rate] {
        let mut passes = [Vec::new(), Vec::new()];
        for _ in 0..PASSES {
            for (server, passes) in servers.iter().zip(&mut passes) {
                passes.push(cpu_of_pass(server, &requests, load).await?);
            }
        }
        rows.push(row(load, passes));
    }
    let heads = ["", "windows off: best, median", "on: best, median", "added: best, median", "bound", "met"];
    let title = format!("CPU of the server for a hot product, {PASSES} passes of {} s in turn:", LONG.as_secs());
    table::print(&title, heads, &rows);
    servers.into_iter().try_for_each(Server::stop)
}

async fn cpu_of_pass(server: &Server, requests: &Requests, load: Load) -> anyhow::Result<Duration> {
    load.put(server.address(), requests, WARM_UP).await?;
    let before = server.cpu()?;
    let outcome = load.put(server.address(), requests, LONG).await?;
    Ok((server.cpu()? - before).div_f64(outcome.times.len() as f64))
}

fn row(load: Load, passes: [Vec<Duration>; 2]) -> [String; 6] {
    let of = |mut passes: Vec<Duration>| {
        passes.sort_unstable();
        [passes[0], passes[passes.len() / 2]]
    };
    let [off, on] = passes.map(of);
    let added: [Duration; 2] = std::array::from_fn(|place| on[place].saturating_sub(off[place]));
    let both = |times: [Duration; 2]| format!("{}, {}", micros(times[0]), micros(times[1]));
    let is_met = added.iter().all(|added| *added <= BOUND);
    [load.name(), both(off), both(on), both(added), micros(BOUND), table::met(is_met)]
}
