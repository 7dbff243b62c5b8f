//! Fills: what reads found on its way to the store, gathered, so that one round trip stores what many requests have read.
//!
//! A fill waits for the round trip before it, and goes with all that wait by then, as far as one round trip carries them. Its flight stays
//! open until its store is known: who asks in between joins that and reads nothing. When too many wait, or too much, what comes then is
//! not stored.

use std::any::Any;
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::filling::{Reading, jitter};
use super::flight::Departure;
use super::key::NodeKey;
use super::memory::Put;
use super::remote::{Fill, MOST_KEYS};
use super::value::{Cached, encode};
use super::{Cache, Store};
use crate::db::{Connection, NodeKind, Routing};

/// So many of them go in one round trip, and so many bytes, or a single one that has more.
const MOST_AT_ONCE: usize = 4 * MOST_KEYS;
const MOST_BYTES_AT_ONCE: usize = 1024 * 1024;
/// So many fills may wait, and so many bytes.
const MOST_WAITING: usize = 2000;
const MOST_BYTES_WAITING: usize = 16 * 1024 * 1024;

/// Fills that wait for the next round trip.
#[derive(Default)]
pub struct Fills(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    fills: Vec<Gathered>,
    bytes: usize,
    /// Whether a task takes care of them.
    is_attended: bool,
}

struct Gathered {
    fill: Fill,
    node: Arc<dyn Any + Send + Sync>,
    /// When it must be there.
    until: Instant,
    /// Ends when it is stored, or refused.
    departure: Option<Departure>,
}

impl Fills {
    /// Takes fills up, as far as there is room; how many there was none for, and whether nobody takes care of those that wait.
    fn add(&self, fills: Vec<Gathered>) -> (usize, bool) {
        let mut waiting = self.lock();
        let mut left_out = 0;
        for gathered in fills {
            let bytes = waiting.bytes + gathered.fill.bytes.len();
            if waiting.fills.len() < MOST_WAITING && bytes <= MOST_BYTES_WAITING {
                waiting.bytes = bytes;
                waiting.fills.push(gathered);
            } else {
                left_out += 1;
            }
        }
        let is_unattended = !waiting.fills.is_empty() && !std::mem::replace(&mut waiting.is_attended, true);
        (left_out, is_unattended)
    }

    /// What goes next; `None` when nothing waits, and from then on nobody takes care of what comes.
    fn take(&self) -> Option<Vec<Gathered>> {
        let mut waiting = self.lock();
        let (mut number, mut bytes) = (0, 0);
        for gathered in waiting.fills.iter().take(MOST_AT_ONCE) {
            if number > 0 && bytes + gathered.fill.bytes.len() > MOST_BYTES_AT_ONCE {
                break;
            }
            number += 1;
            bytes += gathered.fill.bytes.len();
        }
        waiting.is_attended = number > 0;
        waiting.bytes -= bytes;
        (number > 0).then(|| waiting.fills.drain(..number).collect())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that takes care of the fills. Should it end early, nothing waits for it, and the next fill finds nobody who takes care.
struct Attendance<'a> {
    fills: &'a Fills,
    is_over: bool,
}

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let dropped = take(&mut *self.fills.lock());
            // Their flights end outside the lock.
            drop(dropped);
        }
    }
}

impl Cache {
    /// Stores what a read found, when its source and its age allow it; the flights that brought it end when it is there.
    pub(super) fn fill<N: Cached>(
        self: &Arc<Self>,
        reading: &Reading,
        routing: &Routing,
        db: &Connection,
        nodes: Vec<(Arc<N>, Option<Departure>)>,
    ) {
        if let Some(reason) = reading.refusal(routing.db(), db.source()) {
            self.counts.refused(Some(N::KIND), reason, nodes.len());
            return nodes.into_iter().filter_map(|(_, departure)| departure).for_each(Departure::close);
        }
        let life = if N::KIND == NodeKind::Stock { self.lives.stock } else { self.lives.node };
        let mut fills = Vec::with_capacity(nodes.len());
        for (node, departure) in nodes {
            let key = NodeKey { scope: reading.scope(), kind: N::KIND, id: node.id() };
            let Some(bytes) = encode(&*node) else {
                self.counts.refused(Some(N::KIND), "too_long", 1);
                departure.into_iter().for_each(Departure::close);
                continue;
            };
            let fill = Fill { key, version: node.version(), bytes, life: jitter(life) };
            match &self.store {
                Store::Nowhere => {}
                Store::Memory(memory) => {
                    let put = memory.put(key, node, fill.bytes.len(), fill.life, reading.began());
                    self.count_put(N::KIND, put);
                    departure.into_iter().for_each(Departure::close);
                }
                Store::Redis { .. } => fills.push(Gathered { fill, node, until: reading.until(), departure }),
            }
        }
        if fills.is_empty() {
            return;
        }
        let (left_out, is_unattended) = self.fills.add(fills);
        self.counts.refused(Some(N::KIND), "too_many", left_out);
        if is_unattended {
            let cache = self.clone();
            tokio::spawn(async move { cache.store_fills().await });
        }
    }

    /// Stores what waits, one round trip after another.
    async fn store_fills(&self) {
        let Store::Redis { remote, local } = &self.store else { return };
        let mut attendance = Attendance { fills: &self.fills, is_over: false };
        loop {
            // Those who are just as far go along.
            tokio::task::yield_now().await;
            let Some(taken) = self.fills.take() else {
                attendance.is_over = true;
                return;
            };
            let now = Instant::now();
            let (gathered, late): (Vec<_>, Vec<_>) = taken.into_iter().partition(|gathered| gathered.until > now);
            for Gathered { fill, departure, .. } in late {
                self.count_put(fill.key.kind, Put::Late);
                departure.into_iter().for_each(Departure::close);
            }
            let Some(until) = gathered.iter().map(|gathered| gathered.until).min() else { continue };
            let left = until.saturating_duration_since(now);
            let outcomes = remote.put_nodes(gathered.iter().map(|gathered| &gathered.fill), left).await;
            for (place, Gathered { fill, node, departure, .. }) in gathered.into_iter().enumerate() {
                let put = outcomes.as_ref().and_then(|outcomes| outcomes.get(place).copied());
                match (put, local) {
                    (Some(Put::Stored), Some(local)) => {
                        local.keep_node(fill.key, fill.version, node, fill.bytes.len());
                    }
                    (Some(_), _) => {}
                    (None, _) => self.counts.refused(Some(fill.key.kind), "unreached", 1),
                }
                put.into_iter().for_each(|put| self.count_put(fill.key.kind, put));
                departure.into_iter().for_each(Departure::close);
            }
        }
    }

    fn count_put(&self, kind: NodeKind, put: Put) {
        match put {
            Put::Stored => self.counts.filled(Some(kind), 1),
            Put::Fenced => self.counts.refused(Some(kind), "fenced", 1),
            Put::Older => self.counts.refused(Some(kind), "older", 1),
            Put::Late => self.counts.refused(Some(kind), "late", 1),
            Put::Full => self.counts.refused(Some(kind), "full", 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::db::Scope;

    fn fills(number: usize, bytes: usize) -> Vec<Gathered> {
        let gathered = |_| {
            let key = NodeKey { scope: Scope::default(), kind: NodeKind::Product, id: Uuid::now_v7() };
            let fill = Fill { key, version: 1, bytes: vec![0; bytes], life: Duration::from_secs(60) };
            Gathered { fill, node: Arc::new(()), until: Instant::now(), departure: None }
        };
        (0..number).map(gathered).collect()
    }

    fn taken(fills: &Fills) -> Option<usize> {
        fills.take().map(|taken| taken.len())
    }

    #[test]
    fn small_ones_are_bounded_by_their_number() {
        let waiting = Fills::default();

        assert_eq!(waiting.add(fills(MOST_WAITING, 10)), (0, true));
        assert_eq!(waiting.add(fills(3, 10)), (3, false));
        assert_eq!(taken(&waiting), Some(MOST_AT_ONCE));
        assert_eq!(waiting.add(fills(3, 10)), (0, false));
    }

    #[test]
    fn large_ones_are_bounded_by_their_bytes() {
        let (waiting, half) = (Fills::default(), MOST_BYTES_AT_ONCE / 2);

        assert_eq!(waiting.add(fills(40, half)), (40 - MOST_BYTES_WAITING / half, true));
        assert_eq!(taken(&waiting), Some(2));
        assert_eq!(waiting.add(fills(3, half)), (1, false));
    }

    #[test]
    fn one_that_is_larger_than_a_round_trip_goes_alone() {
        let waiting = Fills::default();
        waiting.add([fills(1, MOST_BYTES_AT_ONCE * 2), fills(2, 10)].into_iter().flatten().collect());

        assert_eq!(taken(&waiting), Some(1));
        assert_eq!(taken(&waiting), Some(2));
        assert_eq!(taken(&waiting), None);
        assert_eq!(waiting.add(fills(1, 10)), (0, true));
    }

    #[test]
    fn when_a_task_ends_early_the_next_fill_finds_nobody_who_takes_care() {
        let waiting = Fills::default();
        waiting.add(fills(2, 10));

        drop(Attendance { fills: &waiting, is_over: false });

        assert_eq!(waiting.add(fills(1, 10)), (0, true));
        assert_eq!(taken(&waiting), Some(1));
    }
}
