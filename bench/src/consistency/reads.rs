//! Clients that write and read back at once and then once a second, beside browsers that bring no token.
//!
//! The figures are those of 20 clients that write once a minute, and of 80 browsers that read once a second. They would take 83 minutes to
//! read back 100,000 times, so there are more clients and more browsers, four browsers to a client, and nothing else is scaled: not the
//! minute between two writes, the second between two reads, the life of a token, nor the lateness of the replicas. How long a
//! token counts, how long replicas lack what it stands for, and so the share of reads that the primary serves, depend on these times and not on
//! how many clients there are; with more of them the servers have more to mix up. Each client runs whole minutes, beginning
//! with a write, so that reads just behind a write have their exact part in all reads; the clients begin one after another.
//!
//! A client asks both servers in turn, and brings its token for as long as that lives, as a browser does with a cookie. It expects the
//! number that it wrote last. *Forgetful* clients do all of this without bringing their tokens: they have to see stale reads, or the
//! replicas were not late and nothing was measured.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::client::{Client, Seen, browse, create_stores, shown, write_and_read_back};
use super::installation::{Installation, LATE};
use crate::figure::{heading, line, millis, share};

#[derive(Args)]
pub struct Scale {
    /// How many times clients read back
    #[arg(long, value_name = "COUNT", default_value_t = 100_000)]
    reads: u32,
    /// Seconds between two writes of a client
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(10..))]
    every: u32,
    /// Writes of a client: with more of them there are fewer clients, and it takes longer
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    writes: u32,
}

impl Scale {
    fn clients(&self) -> u32 {
        self.reads.div_ceil(self.seconds()).max(1)
    }

    /// How long each client and browser goes on, and so how often it reads.
    fn seconds(&self) -> u32 {
        self.every * self.writes
    }

    /// How long after the first of all of them one of so many begins.
    fn start(&self, number: u32, count: u32) -> Duration {
        Duration::from_secs(self.seconds().into()) / BEGIN_WITHIN * number / count
    }
}

const BROWSERS_PER_CLIENT: u32 = 4;
/// One forgetful client beside so many.
const PER_FORGETFUL: u32 = 25;
/// The clients begin one after another within this part of the time that each goes on.
const BEGIN_WITHIN: u32 = 9;
/// Prints the figures; the promises that were broken.
pub async fn print(program: &Path, scale: &Scale) -> anyhow::Result<Vec<String>> {
    let installation = Arc::new(Installation::start(program).await?);
    let (clients, forgetful) = (scale.clients(), (scale.clients() / PER_FORGETFUL).max(2));
    let stores = create_stores(&installation, clients + forgetful).await?;
    let shown = shown(&installation).await?;
    installation.make_late().await?;
    installation.whole().await?;

    let begun = Instant::now();
    let (replicas_before, all_before) = installation.reads().await?;
    let mut running = Vec::new();
    for (number, store) in stores.into_iter().enumerate() {
        let is_forgetful = number >= clients as usize;
        let client = Client { store, number, is_forgetful, writes: scale.writes, every: scale.every };
        let start = begun + scale.start(number as u32, clients + forgetful);
        running.push(tokio::spawn(write_and_read_back(installation.clone(), client, start)));
    }
    let browsers = clients * BROWSERS_PER_CLIENT;
    for number in 0..browsers {
        let start = begun + scale.start(number, browsers);
        running.push(tokio::spawn(browse(installation.clone(), shown.clone(), number, start, scale.seconds())));
    }
    let (mut all, mut control) = (Seen::default(), Seen::default());
    for (number, seen) in join_all(running).await.into_iter().enumerate() {
        let is_forgetful = (clients..clients + forgetful).contains(&(number as u32));
        if is_forgetful { &mut control } else { &mut all }.add(seen?);
    }
    let (replicas_after, all_after) = installation.reads().await?;
    let took = begun.elapsed();
    let installation = Arc::into_inner(installation).context("all clients have ended")?;
    installation.stop().await?;
    Figures { scale, all, control, on_replicas: replicas_after - replicas_before, reads: all_after - all_before, took }
        .print()
}

struct Figures<'a> {
    scale: &'a Scale,
    all: Seen,
    control: Seen,
    /// By the servers' own metrics.
    on_replicas: u64,
    reads: u64,
    took: Duration,
}

impl Figures<'_> {
    fn print(self) -> anyhow::Result<Vec<String>> {
        let Self { scale, mut all, mut control, on_replicas, reads, took } = self;
        let clients = scale.clients();
        println!(
            "{clients} clients that write every {} s and read back every second, {} browsers, two servers, replicas {} s late; {:.0} s",
            scale.every,
            clients * BROWSERS_PER_CLIENT,
            LATE.as_secs(),
            took.as_secs_f64()
        );
        heading();
        line(&format!("stale reads of one's own write, of {}", all.own), all.stale.to_string(), "0");
        line(
            &format!("the same of {} reads by clients that leave their tokens out", control.own),
            control.stale.to_string(),
            "over 0",
        );
        line(&format!("share of {reads} reads (statements) on replicas"), share(on_replicas, reads), "over 90 %");
        line(
            &format!("share of {} requests without a token on replicas", all.without_token),
            share(all.without_token_on_replicas, all.without_token),
            "100 %",
        );
        for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
            let with = quantile(&mut all.times_with_token, part);
            let without = quantile(&mut all.times_without_token, part);
            line(&format!("a client's read after the life of its token, {name}"), millis(without), "");
            line(&format!("the same read with a token, {name}"), millis(with), "");
            let added = (with.as_secs_f64() - without.as_secs_f64()) * 1e3;
            line(&format!("added by the token, {name}"), format!("{added:+.2} ms"), "");
        }
        line("requests that failed", (all.failed + control.failed).to_string(), "0");
        if let Some(failure) = all.first_failure.take().or(control.first_failure.take()) {
            eprintln!("the first that failed: {failure}");
        }

        let least = u64::from(scale.reads) * 9 / 10;
        let checks = [
            (all.stale > 0).then(|| format!("{} stale reads of one's own write", all.stale)),
            (control.stale == 0).then(|| "the replicas were not late, nothing was measured".to_owned()),
            (on_replicas * 10 <= reads * 9).then(|| "90 % of all reads or less are on replicas".to_owned()),
            (all.without_token_on_replicas < all.without_token)
                .then(|| "reads without a token on the primary".to_owned()),
            // Servers that are overloaded refuse some; too few reads show nothing.
            (all.own < least).then(|| format!("only {} reads of one's own write", all.own)),
        ];
        Ok(checks.into_iter().flatten().collect())
    }
}

fn quantile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    let rank = (times.len() as f64 * part) as usize;
    times.get(rank.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
