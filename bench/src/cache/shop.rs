//! Clients of two servers: reads, and writes that are read back with their token.
//!
//! A write changes one of the 200 hot products: its name, the price or the stock of its first sku, now and then the name of its store. It goes to
//! either server, and is read back on either one. Nobody else writes the same until then, so what was written has to be there.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt;
use tokio::task::JoinSet;

use super::installation::HOT;
use super::view::{Kind, View, look, request};
use super::watch::{Event, Watched, watch};
use super::write::{subject, write};
use crate::load::{Dice, Plan, dice};
use crate::wire::Wire;

/// Of nine steps eight are a read, and one is a write with its reading back: ten requests.
pub const STEPS_PER_WRITE: u32 = 9;
pub const SERVERS: usize = 2;

pub struct Shop {
    pub addresses: [String; SERVERS],
    /// The hot products as they were, and the requests for all.
    pub hot: Vec<View>,
    pub requests: Vec<Vec<u8>>,
    /// What is being written.
    busy: Mutex<HashSet<String>>,
    next: AtomicU64,
    seen: Mutex<Seen>,
    watchers: Mutex<JoinSet<anyhow::Result<Watched>>>,
}

/// What all clients have seen.
#[derive(Default)]
pub struct Seen {
    pub reads: Vec<Duration>,
    pub writes: Vec<Duration>,
    pub read_backs: Vec<Duration>,
    pub stale: u64,
    pub failed: u64,
    pub first_failure: Option<String>,
}

impl Shop {
    /// The shop as two servers at these addresses show it.
    pub async fn new(addresses: [String; SERVERS], products: &[String]) -> anyhow::Result<Self> {
        let requests: Vec<_> = products.iter().map(|id| request(id, &[])).collect();
        let hot = views(&addresses[0], &requests[..HOT]).await?;
        let (busy, seen, watchers) = Default::default();
        Ok(Self { addresses, hot, requests, busy, next: AtomicU64::new(1), seen, watchers })
    }

    /// The place of a hot product of which this is not being written. From now on it is, until it is [released](Self::release).
    pub fn claim(&self, kind: Kind, dice: &mut Dice) -> usize {
        loop {
            let place = dice.random_range(0..HOT);
            if lock(&self.busy).insert(subject(kind, &self.hot[place]).to_owned()) {
                return place;
            }
        }
    }

    pub fn release(&self, kind: Kind, place: usize) {
        lock(&self.busy).remove(subject(kind, &self.hot[place]));
    }

    /// What was not written before.
    pub fn next_number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    pub fn take_seen(&self) -> Seen {
        std::mem::take(&mut *lock(&self.seen))
    }

    /// Those that watch since now or before.
    pub fn take_watchers(&self) -> JoinSet<anyhow::Result<Watched>> {
        std::mem::take(&mut *lock(&self.watchers))
    }
}

pub async fn views(address: &str, requests: &[Vec<u8>]) -> anyhow::Result<Vec<View>> {
    let mut wire = Wire::open(address).await?;
    let mut views = Vec::with_capacity(requests.len());
    for request in requests {
        views.push(look(&mut wire, request).await?);
    }
    Ok(views)
}

/// One of the clients, for as long as the plan goes on.
pub async fn work(shop: Arc<Shop>, plan: Arc<Plan>, number: usize) -> anyhow::Result<()> {
    let mut wires = [Wire::open(&shop.addresses[0]).await?, Wire::open(&shop.addresses[1]).await?];
    let mut dice = dice(number);
    while let Some(planned) = plan.next().await {
        let done = match dice.random_range(0..STEPS_PER_WRITE) {
            0 => write_and_read_back(&shop, &mut wires, &mut dice, planned).await,
            _ => read(&shop, &mut wires, &mut dice, planned).await,
        };
        if let Err(error) = done {
            let mut seen = lock(&shop.seen);
            seen.failed += 1;
            seen.first_failure.get_or_insert_with(|| format!("{error:#}"));
        }
    }
    Ok(())
}

async fn read(shop: &Shop, wires: &mut [Wire; SERVERS], dice: &mut Dice, planned: Instant) -> anyhow::Result<()> {
    let hot = dice.random_range(0..5) > 0;
    let product = if hot { dice.random_range(0..HOT) } else { dice.random_range(HOT..shop.requests.len()) };
    look(&mut wires[dice.random_range(0..SERVERS)], &shop.requests[product]).await?;
    lock(&shop.seen).reads.push(planned.elapsed());
    Ok(())
}

async fn write_and_read_back(
    shop: &Arc<Shop>,
    wires: &mut [Wire; SERVERS],
    dice: &mut Dice,
    planned: Instant,
) -> anyhow::Result<()> {
    let kind = draw_kind(dice);
    let product = shop.claim(kind, dice);
    let done = write_one(shop, wires, dice, planned, kind, product).await;
    shop.release(kind, product);
    done
}

async fn write_one(
    shop: &Arc<Shop>,
    wires: &mut [Wire; SERVERS],
    dice: &mut Dice,
    planned: Instant,
    kind: Kind,
    product: usize,
) -> anyhow::Result<()> {
    let (writer, reader) = (dice.random_range(0..SERVERS), dice.random_range(0..SERVERS));
    let written = write(&mut wires[writer], kind, &shop.hot[product], shop.next_number()).await?;
    let acknowledged = Instant::now();
    let is_watched = dice.random_range(0..if kind == Kind::Store { 1 } else { 8 }) == 0;
    if is_watched {
        let version = written.now.version;
        let event = Event { kind, product, writer, version, acknowledged };
        (0..SERVERS).for_each(|server| drop(lock(&shop.watchers).spawn(watch(shop.clone(), server, event))));
    }
    let back = look(&mut wires[reader], &request(&shop.hot[product].id, &[written.header()])).await?;
    let mut seen = lock(&shop.seen);
    seen.writes.push(acknowledged - planned);
    seen.read_backs.push(acknowledged.elapsed());
    seen.stale += u64::from(!written.is_shown_by(&back));
    Ok(())
}

/// What a write changes.
pub fn draw_kind(dice: &mut Dice) -> Kind {
    match dice.random_range(0..100) {
        0..40 => Kind::Name,
        40..65 => Kind::Price,
        65..95 => Kind::Stock,
        _ => Kind::Store,
    }
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
