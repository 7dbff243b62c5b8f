//! Two servers on one Redis: hostile clients on both at once, for as long as several windows, and beside them a steady one that spends nine
//! tenths of what it may.
//!
//! The windows are short, so that many fit. Redis gets more time than usual for its answers: on a machine that is out of breath each
//! server would count for itself for a moment, which is not what is measured here.

use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::charges::worst_sum;
use super::clients::{HOSTILE, Seen, price_of_page, steady};
use super::installation::Installation;
use crate::figure::{heading, line};
use crate::server::Server;
use crate::table;

const WINDOW: Duration = Duration::from_secs(6);
/// So many windows long the clients ask.
const WINDOWS: u32 = 6;
const LIMIT: u64 = 6000;
const SETTINGS: [(&str, &str); 5] = [
    ("FEATURE_RATE_LIMIT", "true"),
    ("STOREFRONT_WINDOW_SECS", "6"),
    ("STOREFRONT_ADDRESS_POINTS", "6000"),
    ("STOREFRONT_TRUSTED_PROXIES", "127.0.0.1"),
    ("STOREFRONT_REDIS_TIMEOUT_MS", "5000"),
];
/// To each server, of each kind of client.
const CONNECTIONS: usize = 2;
/// How much of the limit the steady client spends.
const STEADY_PER_CENT: u32 = 90;

/// Prints the figures; the promises that were broken.
pub async fn print(installation: &Installation) -> anyhow::Result<Vec<String>> {
    let servers = [installation.server(&SETTINGS).await?, installation.server(&SETTINGS).await?];
    let (hostile, honest) = ask(&servers).await?;
    for server in &servers {
        let alone: u64 = server.metrics("storefront_limit_fallbacks_total").await?.iter().map(|(_, count)| count).sum();
        ensure!(alone == 0, "Redis did not answer {alone} times: the servers did not share their windows");
    }
    servers.into_iter().try_for_each(Server::stop)?;

    let (mut rows, mut worst) = (Vec::new(), 0);
    for (client, mut seen) in HOSTILE.iter().zip(hostile) {
        let sum = worst_sum(&mut seen.charges, WINDOW);
        worst = worst.max(sum);
        rows.push([
            client.name.to_owned(),
            seen.charges.len().to_string(),
            seen.refusals.to_string(),
            seen.points().to_string(),
            sum.to_string(),
            sum.saturating_sub(LIMIT).to_string(),
        ]);
    }
    ensure!(worst >= LIMIT * 9 / 10, "the clients were not hostile: at most {worst} of {LIMIT} points were charged");
    let title = format!(
        "Hostile clients, {} connections each, two servers, {} s, {LIMIT} points in {} s:",
        CONNECTIONS * 2,
        (WINDOW * WINDOWS).as_secs(),
        WINDOW.as_secs()
    );
    let heads = ["", "charged", "refused", "points", "most points in any 6 s", "over the limit"];
    table::print(&title, heads, &rows);

    let excess = worst.saturating_sub(LIMIT);
    let asked = honest.charges.len() + honest.refusals;
    println!();
    heading();
    line(&format!("worst excess over the limit, of at most {worst} points in any 6 s"), excess.to_string(), "0");
    let what = format!("refusals of a steady client at {STEADY_PER_CENT} % of its limit, beside them");
    line(&what, format!("{} of {asked}", honest.refusals), "0");
    println!("worst excess over the limit: {excess}");
    println!("refusals of the steady client: {} of {asked}", honest.refusals);
    let checks = [
        (excess > 0).then(|| format!("{excess} points over the limit of a window")),
        (honest.refusals > 0).then(|| format!("{} refusals of a steady client", honest.refusals)),
    ];
    Ok(checks.into_iter().flatten().collect())
}

/// What the hostile clients have seen, in their order, and what the steady one has.
async fn ask(servers: &[Server; 2]) -> anyhow::Result<(Vec<Seen>, Seen)> {
    let price = price_of_page(servers[0].address()).await?;
    let until = Instant::now() + WINDOW * WINDOWS;
    let mut running = JoinSet::new();
    for number in 0..CONNECTIONS * servers.len() {
        let server = &servers[number % servers.len()];
        for (kind, client) in HOSTILE.into_iter().enumerate() {
            let server = server.address().to_owned();
            running.spawn(async move { (Some(kind), client.charge(server, (kind, number), WINDOW, until).await) });
        }
        // Each connection has its share of the points.
        let each = u64::from(STEADY_PER_CENT) * LIMIT / (CONNECTIONS * servers.len()) as u64;
        let every = WINDOW.mul_f64((100 * price) as f64 / each as f64);
        let server = server.address().to_owned();
        running.spawn(async move { (None, steady(server, every, until).await) });
    }
    let mut hostile: Vec<Seen> = HOSTILE.iter().map(|_| Seen::default()).collect();
    let mut honest = Seen::default();
    for (kind, seen) in running.join_all().await {
        match kind {
            Some(kind) => hostile[kind].add(seen?),
            None => honest.add(seen?),
        }
    }
    Ok((hostile, honest))
}
