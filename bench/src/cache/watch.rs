//! How long a server shows what a write has changed, to clients without the token.
//!
//! From the answer of a write on, a server is asked every 10 ms, until ten answers in a row have the new version. What counts is the last
//! answer that had an old one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::interval;

use super::shop::Shop;
use super::view::{Kind, look};
use crate::load::quantile;
use crate::table;
use crate::wire::Wire;

const EVERY: Duration = Duration::from_millis(10);
const NEW_ANSWERS: u32 = 10;
const AT_MOST: Duration = Duration::from_secs(15);

/// One server after one write.
pub struct Watched {
    kind: Kind,
    /// It is the one that wrote.
    has_written: bool,
    old_for: Duration,
}

/// A write that is watched.
#[derive(Clone, Copy)]
pub struct Event {
    pub kind: Kind,
    /// The places of the product, and of the server that wrote.
    pub product: usize,
    pub writer: usize,
    pub version: i64,
    pub acknowledged: Instant,
}

pub async fn watch(shop: Arc<Shop>, server: usize, event: Event) -> anyhow::Result<Watched> {
    let mut wire = Wire::open(&shop.addresses[server]).await?;
    let (mut old_for, mut new_answers) = (Duration::ZERO, 0);
    let mut ticks = interval(EVERY);
    while new_answers < NEW_ANSWERS && event.acknowledged.elapsed() < AT_MOST {
        ticks.tick().await;
        if look(&mut wire, &shop.requests[event.product]).await?.of(event.kind).version >= event.version {
            new_answers += 1;
        } else {
            (old_for, new_answers) = (event.acknowledged.elapsed(), 0);
        }
    }
    Ok(Watched { kind: event.kind, has_written: server == event.writer, old_for })
}

pub fn print(watched: &[Watched]) {
    let mut rows: Vec<_> =
        Kind::ALL.iter().map(|kind| row(kind.word(), watched, |watched| watched.kind == *kind)).collect();
    rows.push(row("all, on the server that wrote", watched, |watched| watched.has_written));
    rows.push(row("all, on the other one", watched, |watched| !watched.has_written));
    let title = "How long clients without the token see the old value, from the answer of the write on:";
    table::print(title, ["", "watched", "old value seen", "p50", "p99", "worst"], &rows);
}

fn row(what: &str, watched: &[Watched], counts: impl Fn(&Watched) -> bool) -> [String; 6] {
    let mut times: Vec<_> = watched.iter().filter(|one| counts(one)).map(|one| one.old_for).collect();
    let late = times.iter().filter(|time| !time.is_zero()).count();
    let [p50, p99, worst] =
        [0.5, 0.99, 1.0].map(|part| format!("{:.0} ms", quantile(&mut times, part).as_secs_f64() * 1e3));
    [what.to_owned(), times.len().to_string(), late.to_string(), p50, p99, worst]
}
