//! CPU of the server for a hot `product(id)`, over that of a handler written by hand which does one GET of the same bytes from the same Redis.
//!
//! All run at the same time and are asked in turn, pass after pass, by the same client on as many connections. Of every one the best pass and
//! the median are compared; a bound is met when neither ratio is above it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use redis::AsyncCommands;

use super::installation::{BOTH_TIERS, HOT, Installation, REDIS_ALONE};
use super::reads;
use crate::by_hand::{Kind, PREFIX};
use crate::figure::micros;
use crate::load::{CONNECTIONS, Requests, at_saturation};
use crate::server::Server;
use crate::table;
use crate::wire::{Wire, get};

const PASSES: usize = 7;
/// So much of each pass goes before what is measured.
const WARM_UP: Duration = Duration::from_millis(300);

struct Contender {
    name: &'static str,
    server: Server,
    requests: Requests,
    /// What it may use at most, over the handler.
    bound: Option<f64>,
    /// CPU per request, and requests per second, of each pass.
    cpu: Vec<Duration>,
    per_second: Vec<f64>,
}

pub async fn print(installation: &Installation, long: Duration) -> anyhow::Result<()> {
    installation.redis()?.flush().await?;
    let url = installation.redis()?.url();
    let by_hand = Server::start_by_hand(Kind::Redis, &[("REDIS_URL", &url)])?;
    let both = installation.server(BOTH_TIERS).await?;
    let redis_alone = installation.server(REDIS_ALONE).await?;
    let graphql = reads::requests(installation, 100);
    let bytes = store_answers(&url, &both, &graphql).await?;
    let paths = installation.hot().iter().map(|id| get(&format!("/products/{id}"))).collect();
    let simple = Requests { by_product: Arc::new(paths), hot: HOT, hot_per_cent: 100 };
    let contender = |name, server, requests: &Requests, bound| {
        let (cpu, per_second) = Default::default();
        Contender { name, server, requests: requests.clone(), bound, cpu, per_second }
    };
    let mut contenders = [
        contender("axum handler with one Redis GET", by_hand, &simple, None),
        contender("server, in-process tier on", both, &graphql, Some(2.0)),
        contender("server, in-process tier off", redis_alone, &graphql, Some(3.5)),
    ];
    for _ in 0..PASSES {
        for contender in &mut contenders {
            let address = contender.server.address();
            at_saturation(address, &contender.requests, WARM_UP).await?;
            let before = contender.server.cpu()?;
            let outcome = at_saturation(address, &contender.requests, long).await?;
            let cpu = contender.server.cpu()? - before;
            contender.cpu.push(cpu.div_f64(outcome.times.len() as f64));
            contender.per_second.push(outcome.per_second());
        }
    }
    print_table(&mut contenders, bytes, long);
    contenders.into_iter().try_for_each(|contender| contender.server.stop())
}

/// Puts the server's own answers where the handler finds them; their mean length.
async fn store_answers(redis_url: &str, server: &Server, requests: &Requests) -> anyhow::Result<usize> {
    let mut redis = redis::Client::open(redis_url)?.get_multiplexed_async_connection().await?;
    let (mut wire, mut bytes) = (Wire::open(server.address()).await?, 0);
    for request in &requests.by_product[..HOT] {
        let body = wire.ask(request).await?.body;
        let id = str::from_utf8(body)?.split('"').nth(7);
        let id = id.filter(|_| body.starts_with(b"{\"data\":{\"product\":{\"id\":\""));
        ensure!(id.is_some(), "no product: {}", String::from_utf8_lossy(body));
        let _: () = redis.set(format!("{PREFIX}{}", id.unwrap_or_default()), body).await?;
        bytes += body.len();
    }
    Ok(bytes / HOT)
}

fn print_table(contenders: &mut [Contender], bytes: usize, long: Duration) {
    let mut floor = None;
    let mut rows = Vec::new();
    for contender in contenders {
        contender.cpu.sort_unstable();
        contender.per_second.sort_unstable_by(f64::total_cmp);
        let (best, median) = (contender.cpu[0], contender.cpu[PASSES / 2]);
        let (floor_best, floor_median) = *floor.get_or_insert((best, median));
        let ratios =
            [(best, floor_best), (median, floor_median)].map(|(cpu, floor)| cpu.as_secs_f64() / floor.as_secs_f64());
        let is_met = |bound| ratios.iter().all(|ratio| *ratio <= bound);
        rows.push([
            contender.name.to_owned(),
            micros(best),
            micros(median),
            format!("{:.2}", ratios[0]),
            format!("{:.2}", ratios[1]),
            contender.bound.map(|bound| format!("{bound:.1}")).unwrap_or_default(),
            format!("{:.0}", contender.per_second[PASSES / 2]),
            contender.bound.map(|bound| table::met(is_met(bound))).unwrap_or_default(),
        ]);
    }
    let title = format!(
        "CPU per request of 200 hot products, {bytes} bytes in the mean, {CONNECTIONS} connections at saturation, {PASSES} passes of {:.1} s in turn:",
        long.as_secs_f64()
    );
    let heads = [
        "",
        "CPU, best pass",
        "CPU, median",
        "ratio of the best",
        "ratio of the medians",
        "bound",
        "requests/s",
        "met",
    ];
    table::print(&title, heads, &rows);
}
