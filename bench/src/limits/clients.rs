//! Clients of two servers, each with an address of its own: hostile ones, who charge as hard as they can, and a steady one.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::charges::Charge;
use crate::wire::{Wire, post};

/// A refused client tries again after this.
const PAUSE: Duration = Duration::from_millis(2);
/// What a request error costs, whose answer does not tell.
const REQUEST_ERROR: u64 = 10;
const SUB_WINDOWS: u32 = 30;
/// So long before and after an edge goes a burst.
const AROUND_SUB_WINDOW: Duration = Duration::from_millis(10);
const AROUND_WINDOW: Duration = Duration::from_millis(100);

/// Twelve points, and all of them used.
pub const PAGE: &str = "{ stores(first: 10) { nodes { id } } }";
/// A page that is paid for whole and comes back empty, so that nearly all points come back.
const REFUNDED: &str =
    "{ products(first: 100, where: { price: { currencyCode: EUR, gte: \"99999999\" } }) { nodes { id } } }";
/// Paid for by somebody, and not executed.
const REFUSED: &str = "{ nothing }";

/// When a hostile client asks.
#[derive(Clone, Copy)]
pub enum Rhythm {
    Always,
    /// At the edges of sub-windows, before and after.
    SubWindows,
    /// At the edges of what would be a window that begins anew.
    Windows,
}

#[derive(Clone, Copy)]
pub struct Hostile {
    pub name: &'static str,
    pub rhythm: Rhythm,
    /// What it asks for, in turn; each of its connections begins with another one.
    asks: &'static [&'static str],
    /// Whether each request comes from another address of one network.
    is_many: bool,
}

pub const HOSTILE: [Hostile; 6] = [
    Hostile { name: "as fast as they can", rhythm: Rhythm::Always, asks: &[PAGE], is_many: false },
    Hostile { name: "bursts at the edges of sub-windows", rhythm: Rhythm::SubWindows, asks: &[PAGE], is_many: false },
    Hostile { name: "bursts at the edges of windows", rhythm: Rhythm::Windows, asks: &[PAGE], is_many: false },
    Hostile { name: "with refunds in between", rhythm: Rhythm::Always, asks: &[PAGE, REFUNDED], is_many: false },
    Hostile { name: "with request errors", rhythm: Rhythm::Always, asks: &[REFUSED, PAGE], is_many: false },
    Hostile { name: "from many addresses of one IPv6 network", rhythm: Rhythm::Always, asks: &[PAGE], is_many: true },
];

/// What clients of one kind were answered.
#[derive(Default)]
pub struct Seen {
    pub charges: Vec<Charge>,
    pub refusals: usize,
}

impl Seen {
    pub fn add(&mut self, other: Self) {
        self.charges.extend(other.charges);
        self.refusals += other.refusals;
    }

    pub fn points(&self) -> u64 {
        self.charges.iter().map(|charge| charge.points).sum()
    }
}

impl Rhythm {
    /// How long until it asks again; nothing while it does.
    fn wait(self, now: Duration, window: Duration) -> Duration {
        let (every, around) = match self {
            Self::Always => return Duration::ZERO,
            Self::SubWindows => (window / SUB_WINDOWS, AROUND_SUB_WINDOW),
            Self::Windows => (window, AROUND_WINDOW),
        };
        let phase = Duration::from_nanos((now.as_nanos() % every.as_nanos()) as u64);
        if phase < around { Duration::ZERO } else { (every - around).saturating_sub(phase) }
    }
}

impl Hostile {
    /// One of its connections, until then. `kind` and `number` tell it from others.
    pub async fn charge(
        self,
        server: String,
        (kind, number): (usize, usize),
        window: Duration,
        until: Instant,
    ) -> anyhow::Result<Seen> {
        let (mut wire, mut seen) = (Wire::open(&server).await?, Seen::default());
        let single = self.asks.iter().map(|query| ask(query, &format!("203.0.113.{kind}"))).collect::<Vec<_>>();
        for turn in number.. {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            let wait = self.rhythm.wait(now, window);
            if Instant::now() + wait >= until {
                break;
            }
            if !wait.is_zero() {
                sleep(wait).await;
                // The server ends connections that are silent for long.
                wire = Wire::open(&server).await?;
            }
            let place = turn % self.asks.len();
            let paid = if self.is_many {
                let address = format!("2001:db8::{number:x}:{:x}:{:x}", turn >> 16 & 0xffff, turn & 0xffff);
                pay(&mut wire, &ask(self.asks[place], &address)).await?
            } else {
                pay(&mut wire, &single[place]).await?
            };
            match paid {
                Some(charge) => seen.charges.push(charge),
                None => {
                    seen.refusals += 1;
                    sleep(PAUSE).await;
                    // Who is refused before the request was read has lost the connection.
                    wire = Wire::open(&server).await?;
                }
            }
        }
        Ok(seen)
    }
}

/// One connection of a client that asks evenly, and leaves out what it comes too late for.
pub async fn steady(server: String, every: Duration, until: Instant) -> anyhow::Result<Seen> {
    let (mut wire, mut seen, request) = (Wire::open(&server).await?, Seen::default(), ask(PAGE, "198.51.100.1"));
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while Instant::now() < until {
        ticks.tick().await;
        match pay(&mut wire, &request).await? {
            Some(charge) => seen.charges.push(charge),
            None => {
                seen.refusals += 1;
                wire = Wire::open(&server).await?;
            }
        }
    }
    Ok(seen)
}

/// The points of a [`PAGE`].
pub async fn price_of_page(server: &str) -> anyhow::Result<u64> {
    let charge = pay(&mut Wire::open(server).await?, &ask(PAGE, "198.51.100.2")).await?;
    Ok(charge.context("the first request is refused")?.points)
}

fn ask(query: &str, address: &str) -> Vec<u8> {
    post(query, json!({}), &[("x-forwarded-for", address)])
}

/// What a request was charged; `None` when the window has too little left.
async fn pay(wire: &mut Wire, request: &[u8]) -> anyhow::Result<Option<Charge>> {
    let sent = Instant::now();
    let reply = wire.exchange(request).await?;
    let answered = Instant::now();
    if reply.status == 429 {
        return Ok(None);
    }
    let answer: Value = serde_json::from_slice(reply.body)?;
    ensure!(reply.status == 200, "the status {}: {answer}", reply.status);
    let is_error = answer.get("data").is_none() && answer.get("errors").is_some();
    let points = answer["extensions"]["cost"]["actual"].as_u64().or(is_error.then_some(REQUEST_ERROR));
    let points = points.with_context(|| format!("an answer does not tell what it cost: {answer}"))?;
    Ok(Some(Charge { sent, answered, points }))
}
