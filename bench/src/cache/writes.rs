//! Reads and writes through two servers with both tiers: 900 requests a second, of which a tenth write and a tenth read back what was written.
//!
//! One second after the last answer both servers are asked for every hot product without a token, and the primary by SQL. Some of the writes are
//! watched; the reads of that come on top of the 900.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::sleep;

use super::compare::wrong;
use super::installation::{BOTH_TIERS, HOT, Installation};
use super::shop::{SERVERS, STEPS_PER_WRITE, Seen, Shop, work};
use super::view::Kind;
use super::watch;
use crate::figure::millis;
use crate::load::{CONNECTIONS, Plan, quantile};
use crate::table;

const REQUESTS_PER_SECOND: u32 = 900;
const STEPS_PER_SECOND: u32 = REQUESTS_PER_SECOND * STEPS_PER_WRITE / (STEPS_PER_WRITE + 1);

/// Prints the figures; the promises that were broken.
pub async fn print(installation: &Installation, long: Duration) -> anyhow::Result<Vec<String>> {
    installation.redis()?.flush().await?;
    let servers = [installation.server(BOTH_TIERS).await?, installation.server(BOTH_TIERS).await?];
    let addresses = [servers[0].address().to_owned(), servers[1].address().to_owned()];
    let shop = Arc::new(Shop::new(addresses, &installation.products).await?);

    let plan = Arc::new(Plan::start(STEPS_PER_SECOND, long));
    let workers = (0..CONNECTIONS).map(|number| tokio::spawn(work(shop.clone(), plan.clone(), number)));
    for worker in try_join_all(workers).await? {
        worker?;
    }
    sleep(Duration::from_secs(1)).await;
    let wrong = wrong(&shop, installation).await?;
    let watched = shop.take_watchers().join_all().await;
    let watched = watched.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    servers.into_iter().try_for_each(|server| server.stop())?;
    let broken = print_table(shop.take_seen(), &wrong, long);
    watch::print(&watched);
    Ok(broken)
}

/// Prints what the clients have seen; the promises that were broken.
fn print_table(mut seen: Seen, wrong: &HashMap<Kind, u64>, long: Duration) -> Vec<String> {
    let row = |what: String, measured: String, bound: &str| [what, measured, bound.to_owned()];
    let mut rows =
        vec![row(format!("stale reads of one's own write, of {}", seen.read_backs.len()), seen.stale.to_string(), "0")];
    for kind in Kind::ALL {
        let what = format!("{}: wrong 1 s after the load, of {}", kind.word(), HOT * SERVERS);
        rows.push(row(what, wrong[&kind].to_string(), "0"));
    }
    rows.push(row("requests that failed".to_owned(), seen.failed.to_string(), "0"));
    for (what, times) in
        [("read", &mut seen.reads), ("write", &mut seen.writes), ("reading back with the token", &mut seen.read_backs)]
    {
        let [p50, p99] = [0.5, 0.99].map(|part| millis(quantile(times, part)));
        rows.push(row(format!("{what}, p50 and p99 of {}", times.len()), format!("{p50}, {p99}"), ""));
    }
    let title = format!(
        "{REQUESTS_PER_SECOND} requests/s for {:.0} s, of which 10 % write and 10 % read back; two servers, two replicas, one Redis:",
        long.as_secs_f64()
    );
    table::print(&title, ["", "measured", "bound"], &rows);
    if let Some(failure) = &seen.first_failure {
        eprintln!("the first that failed: {failure}");
    }
    let checks = [
        (seen.stale > 0).then(|| format!("{} stale reads of one's own write", seen.stale)),
        (seen.failed > 0).then(|| format!("{} requests failed", seen.failed)),
    ];
    let still = Kind::ALL.into_iter().filter(|kind| wrong[kind] > 0);
    let still = still.map(|kind| format!("{}: {} wrong 1 s after the load", kind.word(), wrong[&kind]));
    checks.into_iter().flatten().chain(still).collect()
}
