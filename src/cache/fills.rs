//! Fills: what reads found on its way to the store, gathered, so that one round trip stores what many requests have read.
//!
//! A fill waits for the round trip before it, and goes with all that wait by then. Its flight stays open until its store is known: who asks in between joins
//! that and reads nothing. When too many wait, what comes then is not stored.

use std::any::Any;
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

/// So many of them go in one round trip.
const MOST_AT_ONCE: usize = 4 * MOST_KEYS;
/// So many fills may wait.
const MOST_WAITING: usize = 2000;

/// Fills that wait for the next round trip.
#[derive(Default)]
pub struct Fills(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    fills: Vec<Gathered>,
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
        let number = fills.len();
        let room = MOST_WAITING.saturating_sub(waiting.fills.len());
        waiting.fills.extend(fills.into_iter().take(room));
        let is_unattended = !waiting.fills.is_empty() && !std::mem::replace(&mut waiting.is_attended, true);
        (number.saturating_sub(room), is_unattended)
    }

    /// What goes next; when nothing waits, nobody takes care of what comes.
    fn take(&self) -> Vec<Gathered> {
        let mut waiting = self.lock();
        let number = waiting.fills.len().min(MOST_AT_ONCE);
        waiting.is_attended = number > 0;
        waiting.fills.drain(..number).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        loop {
            // Those who are just as far go along.
            tokio::task::yield_now().await;
            let gathered = self.fills.take();
            let Some(until) = gathered.iter().map(|gathered| gathered.until).min() else { return };
            let left = until.saturating_duration_since(Instant::now());
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
