//! Nodes through the cache: taken from there as far as the request may, the others read in one statement and stored.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use uuid::Uuid;

use super::count::{Found, Passed};
use super::filling::{Reading, jitter};
use super::flight::Departure;
use super::key::{Key, NodeKey};
use super::memory::Put;
use super::remote::Fill;
use super::rule::Rule;
use super::value::{Cached, Unreadable, decode, encode};
use super::{Cache, Store};
use crate::db::{Connection, NodeKind, Routing, Scope};
use crate::error::{Error, Result};

/// How long a read may take that others wait for.
pub(super) const FLIGHT_WITHIN: Duration = Duration::from_secs(5);

/// What one request has asked the cache for before its fields did: one round trip for nodes that are wanted one after another.
#[derive(Default)]
pub struct Ahead(Mutex<HashMap<NodeKey, Option<Arc<dyn Any + Send + Sync>>>>);

/// What is found and what is missing while nodes are looked up.
struct Search<N> {
    found: HashMap<Uuid, Arc<N>>,
    missing: Vec<Uuid>,
    /// Those of the missing ones that the store was asked for before.
    asked: HashSet<Uuid>,
}

impl<N: Cached> Search<N> {
    fn new(ids: &[Uuid]) -> Self {
        Self { found: HashMap::with_capacity(ids.len()), missing: ids.to_vec(), asked: HashSet::new() }
    }

    /// The names of what the store is still to be asked for.
    fn keys(&self, scope: Scope) -> Vec<NodeKey> {
        let unasked = self.missing.iter().filter(|id| !self.asked.contains(*id));
        unasked.map(|id| NodeKey { scope, kind: N::KIND, id: *id }).collect()
    }

    /// Takes what was asked for ahead.
    fn take_ahead(&mut self, scope: Scope, ahead: &Ahead) {
        let ahead = ahead.lock();
        if ahead.is_empty() {
            return;
        }
        self.missing.retain(|id| match ahead.get(&NodeKey { scope, kind: N::KIND, id: *id }) {
            Some(Some(node)) => match node.clone().downcast() {
                Ok(node) => self.found.insert(*id, node).is_some(),
                Err(_) => true,
            },
            Some(None) => self.asked.insert(*id),
            None => true,
        });
    }

    /// Keeps what was found for the fields that will ask for it. `was_asked`: the store does not hold the others.
    fn put_ahead(self, scope: Scope, ahead: &Ahead, was_asked: bool) {
        let key = |id| NodeKey { scope, kind: N::KIND, id };
        let mut ahead = ahead.lock();
        if was_asked {
            ahead.extend(self.missing.into_iter().map(|id| (key(id), None)));
        }
        ahead.extend(self.found.into_iter().map(|(id, node)| (key(id), Some(node as Arc<dyn Any + Send + Sync>))));
    }
}

impl Ahead {
    /// Forgets everything: a write of this request may have changed it.
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeKey, Option<Arc<dyn Any + Send + Sync>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    /// Nodes by id.
    pub async fn nodes<N: Cached>(
        self: &Arc<Self>,
        routing: &Routing,
        ahead: &Ahead,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Arc<N>>> {
        let Some((scope, rule)) = self.rule(routing) else {
            return N::read(&routing.reader(N::NAME), ids).await;
        };
        let mut search = Search::new(ids);
        if self.may_take(&rule) {
            search.take_ahead(scope, ahead);
            self.search_local(scope, &rule, routing, &mut search);
            self.search_store(scope, &rule, routing, &mut search).await;
        }
        self.read_missing(scope, &rule, routing, search).await
    }

    /// Nodes by id; the request's fields will ask for those of another kind with the same ids, so they are asked for in the same round trip.
    pub async fn nodes_with<N: Cached, M: Cached>(
        self: &Arc<Self>,
        routing: &Routing,
        ahead: &Ahead,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Arc<N>>> {
        let Some((scope, rule)) = self.rule(routing).filter(|(_, rule)| self.may_take(rule)) else {
            return self.nodes(routing, ahead, ids).await;
        };
        let (mut nodes, mut others) = (Search::<N>::new(ids), Search::<M>::new(ids));
        self.search_local(scope, &rule, routing, &mut nodes);
        self.search_local(scope, &rule, routing, &mut others);
        match &self.store {
            // Who has the node here will find the other by the next round trip, if it is asked for at all.
            Store::Redis { remote, .. } if !nodes.missing.is_empty() => {
                let (mut keys, keys_of_others) = (nodes.keys(scope), others.keys(scope));
                keys.extend(&keys_of_others);
                routing.trace().called_cache();
                if let Some(mut values) = remote.nodes(&keys, rule == Rule::Free).await {
                    let values_of_others = values.split_off(nodes.missing.len());
                    self.take_stored(&rule, routing, &keys, values, &mut nodes);
                    self.take_stored(&rule, routing, &keys_of_others, values_of_others, &mut others);
                    others.put_ahead(scope, ahead, true);
                }
            }
            Store::Redis { .. } => others.put_ahead(scope, ahead, false),
            _ => self.search_store(scope, &rule, routing, &mut nodes).await,
        }
        self.read_missing(scope, &rule, routing, nodes).await
    }

    /// The history that is cached for now, and what the request may take; `None` when nothing is cached.
    pub(super) fn rule(&self, routing: &Routing) -> Option<(Scope, Rule)> {
        let scope = routing.db().scope().filter(|_| self.is_on())?;
        Some((scope, Rule::of(routing)))
    }

    pub(super) fn may_take(&self, rule: &Rule) -> bool {
        *rule != Rule::Bypass && self.is_trusted()
    }

    fn search_local<N: Cached>(&self, scope: Scope, rule: &Rule, routing: &Routing, search: &mut Search<N>) {
        let Store::Redis { local: Some(local), .. } = &self.store else { return };
        let before = search.found.len();
        search.missing.retain(|id| {
            let taken = local.node::<N>(NodeKey { scope, kind: N::KIND, id: *id });
            match taken.filter(|node| rule.takes(N::KIND, *id, node.version())) {
                Some(node) => search.found.insert(*id, node).is_some(),
                None => true,
            }
        });
        let found = search.found.len() - before;
        self.counts.read(Some(N::KIND), Found::Local, found);
        routing.trace().cached(N::NAME, found, 0, 0);
    }

    async fn search_store<N: Cached>(
        self: &Arc<Self>,
        scope: Scope,
        rule: &Rule,
        routing: &Routing,
        search: &mut Search<N>,
    ) {
        let keys = search.keys(scope);
        if keys.is_empty() {
            return;
        }
        match &self.store {
            Store::Nowhere => {}
            Store::Memory(memory) => {
                let before = search.found.len();
                for key in keys {
                    let taken = memory.node::<N>(key);
                    search.found.extend(
                        taken.filter(|node| rule.takes(N::KIND, key.id, node.version())).map(|node| (key.id, node)),
                    );
                }
                search.missing.retain(|id| !search.found.contains_key(id));
                self.found_stored::<N>(routing, search.found.len() - before);
            }
            Store::Redis { remote, .. } => {
                routing.trace().called_cache();
                let Some(values) = remote.nodes(&keys, *rule == Rule::Free).await else { return };
                self.take_stored(rule, routing, &keys, values, search);
            }
        }
    }

    /// Takes nodes out of their bytes, where they are any and the request may have them.
    fn take_stored<N: Cached>(
        self: &Arc<Self>,
        rule: &Rule,
        routing: &Routing,
        keys: &[NodeKey],
        values: Vec<Option<Vec<u8>>>,
        search: &mut Search<N>,
    ) {
        let before = search.found.len();
        for (key, bytes) in keys.iter().zip(values) {
            let Some(bytes) = bytes else { continue };
            match decode::<N>(&bytes) {
                Ok(node) if rule.takes(key.kind, key.id, node.version()) => {
                    if let Store::Redis { local: Some(local), .. } = &self.store {
                        local.keep_node(*key, node.clone(), bytes.len());
                    }
                    search.found.insert(key.id, node);
                }
                Ok(_) => self.counts.passed(Some(N::KIND), Passed::BehindToken),
                Err(Unreadable::OtherSchema) => self.counts.passed(Some(N::KIND), Passed::OtherSchema),
                Err(Unreadable::Corrupt) => {
                    self.counts.passed(Some(N::KIND), Passed::Corrupt);
                    self.drop_later(*key);
                }
            }
        }
        search.missing.retain(|id| !search.found.contains_key(id));
        self.found_stored::<N>(routing, search.found.len() - before);
    }

    /// Drops a value that nobody can read: it may claim a version that keeps the right one out.
    fn drop_later(self: &Arc<Self>, key: NodeKey) {
        let cache = self.clone();
        tokio::spawn(async move {
            if let Store::Redis { remote, .. } = &cache.store {
                remote.drop_node(key).await;
            }
        });
    }

    fn found_stored<N: Cached>(&self, routing: &Routing, found: usize) {
        self.counts.read(Some(N::KIND), Found::Stored, found);
        routing.trace().cached(N::NAME, 0, found, 0);
    }

    async fn read_missing<N: Cached>(
        self: &Arc<Self>,
        scope: Scope,
        rule: &Rule,
        routing: &Routing,
        search: Search<N>,
    ) -> Result<HashMap<Uuid, Arc<N>>> {
        let Search { mut found, missing, .. } = search;
        self.counts.read(Some(N::KIND), Found::Missing, missing.len());
        routing.trace().cached(N::NAME, 0, 0, missing.len());
        if missing.is_empty() {
            return Ok(found);
        }
        if *rule == Rule::Free {
            self.fly(scope, routing, &missing, &mut found).await?;
            return Ok(found);
        }
        let (db, reading) = (routing.reader(N::NAME), Reading::begin(scope));
        let read = N::read(&db, &missing).await?;
        found.extend(read.iter().map(|(id, node)| (*id, node.clone())));
        let (cache, routing) = (self.clone(), routing.clone());
        tokio::spawn(async move { cache.fill(scope, &routing, &db, &read, &reading).await });
        Ok(found)
    }

    /// Reads what is missing in flights that other requests may share; those that this call begins are one statement.
    async fn fly<N: Cached>(
        self: &Arc<Self>,
        scope: Scope,
        routing: &Routing,
        missing: &[Uuid],
        found: &mut HashMap<Uuid, Arc<N>>,
    ) -> Result<()> {
        let (mut seats, mut departures) = (Vec::with_capacity(missing.len()), Vec::new());
        for id in missing {
            let (seat, departure) = self.flights.board(Key::Node(NodeKey { scope, kind: N::KIND, id: *id }));
            seats.push((*id, seat));
            departures.extend(departure.map(|departure| (*id, departure)));
        }
        if !departures.is_empty() {
            let (cache, own) = (self.clone(), routing.of_its_own());
            tokio::spawn(async move { cache.fly_alone::<N>(scope, own, departures).await });
        }
        for (id, landed) in join_all(seats.into_iter().map(async |(id, seat)| (id, seat.landed().await))).await {
            if let Some(node) = landed? {
                let node = node.downcast().map_err(|_| Error::internal(anyhow::anyhow!("a flight of another kind")))?;
                found.insert(id, node);
            }
        }
        Ok(())
    }

    async fn fly_alone<N: Cached>(self: Arc<Self>, scope: Scope, routing: Routing, departures: Vec<(Uuid, Departure)>) {
        let ids: Vec<Uuid> = departures.iter().map(|(id, _)| *id).collect();
        let (db, reading) = (routing.reader(N::NAME), Reading::begin(scope));
        match timeout(FLIGHT_WITHIN, N::read(&db, &ids)).await.unwrap_or_else(|_| Err(took_too_long())) {
            Err(error) => departures.iter().for_each(|(_, departure)| departure.land(Err(error.clone()))),
            Ok(read) => {
                for (id, departure) in &departures {
                    departure.land(Ok(read.get(id).cloned().map(|node| node as _)));
                }
                // Flights end after the values are stored: who comes in between joins them instead of reading again.
                self.fill(scope, &routing, &db, &read, &reading).await;
            }
        }
    }

    /// Stores what a read found, when its source and its age allow it.
    async fn fill<N: Cached>(
        &self,
        scope: Scope,
        routing: &Routing,
        db: &Connection,
        read: &HashMap<Uuid, Arc<N>>,
        reading: &Reading,
    ) {
        if let Some(reason) = reading.refusal(routing.db(), db.source()) {
            return self.counts.refused(Some(N::KIND), reason, read.len());
        }
        let life = if N::KIND == NodeKind::Stock { self.lives.stock } else { self.lives.node };
        let mut fills = Vec::with_capacity(read.len());
        for (id, node) in read {
            let key = NodeKey { scope, kind: N::KIND, id: *id };
            match encode(&**node) {
                Some(bytes) => fills.push(Fill { key, version: node.version(), bytes, life: jitter(life) }),
                None => self.counts.refused(Some(N::KIND), "too_long", 1),
            }
        }
        let outcomes = match &self.store {
            Store::Nowhere => return,
            Store::Memory(memory) => {
                let put = |fill: &Fill| {
                    memory.put(fill.key, read[&fill.key.id].clone(), fill.bytes.len(), fill.life, reading.began())
                };
                Some(fills.iter().map(put).collect::<Vec<_>>())
            }
            Store::Redis { remote, .. } => remote.put_nodes(&fills, reading.left()).await,
        };
        let Some(outcomes) = outcomes else { return self.counts.refused(Some(N::KIND), "unreached", fills.len()) };
        for (fill, outcome) in fills.iter().zip(outcomes) {
            match outcome {
                Put::Stored => {
                    self.counts.filled(Some(N::KIND), 1);
                    if let Store::Redis { local: Some(local), .. } = &self.store {
                        local.keep_node(fill.key, read[&fill.key.id].clone(), fill.bytes.len());
                    }
                }
                Put::Fenced => self.counts.refused(Some(N::KIND), "fenced", 1),
                Put::Older => self.counts.refused(Some(N::KIND), "older", 1),
                Put::Late => self.counts.refused(Some(N::KIND), "late", 1),
                Put::Full => self.counts.refused(Some(N::KIND), "full", 1),
            }
        }
    }
}

/// The error of a read that others wait for.
pub(super) fn took_too_long() -> Error {
    Error::Timeout(Arc::new(anyhow::anyhow!("a read for the cache took over {} s", FLIGHT_WITHIN.as_secs())))
}
