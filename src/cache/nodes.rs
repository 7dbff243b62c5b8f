//! Nodes through the cache: taken from there as far as the request may, the others read in one statement and stored.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::timeout;
use uuid::Uuid;

use super::count::{Found, Passed};
use super::filling::{Reading, jitter};
use super::flight::{Departure, Seat};
use super::key::{Key, NodeKey};
use super::local::Local;
use super::memory::{Memory, Put};
use super::remote::{Fill, MOST_KEYS, Remote};
use super::rule::Rule;
use super::search::{Ahead, Search};
use super::value::{Cached, Paired, Unreadable, decode, encode};
use super::{Cache, Store};
use crate::db::{Connection, NodeKind, NodeVersion, Routing, Scope};
use crate::error::{Error, Result};

/// How long a read may take that others wait for.
pub(super) const FLIGHT_WITHIN: Duration = Duration::from_secs(5);

/// One request at the cache.
pub(super) struct Visit<'a> {
    pub cache: &'a Arc<Cache>,
    pub routing: &'a Routing,
    pub ahead: &'a Ahead,
    /// The history that is read and written now.
    pub scope: Scope,
    /// What the request may take.
    pub rule: Rule,
}

impl Cache {
    /// Nodes by id.
    pub async fn nodes<N: Cached>(
        self: &Arc<Self>,
        routing: &Routing,
        ahead: &Ahead,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Arc<N>>> {
        match self.visit(routing, ahead) {
            Some(visit) => visit.nodes(ids).await,
            None => N::read(&routing.reader(N::NAME), ids).await,
        }
    }

    /// Nodes by id; the request's fields will ask for those of another kind with the same ids, so both are asked for in one round trip, and
    /// what is missing of both is read in one statement.
    pub async fn nodes_with<N: Paired<M>, M: Cached>(
        self: &Arc<Self>,
        routing: &Routing,
        ahead: &Ahead,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Arc<N>>> {
        match self.visit(routing, ahead) {
            Some(visit) => visit.nodes_with::<N, M>(ids).await,
            None => N::read(&routing.reader(N::NAME), ids).await,
        }
    }

    /// A node that is in this process, without waiting for anything.
    pub fn peek<N: Cached>(self: &Arc<Self>, routing: &Routing, ahead: &Ahead, id: Uuid) -> Option<Arc<N>> {
        self.visit(routing, ahead)?.peek(id)
    }

    /// `None` when nothing is cached.
    pub(super) fn visit<'a>(self: &'a Arc<Self>, routing: &'a Routing, ahead: &'a Ahead) -> Option<Visit<'a>> {
        let scope = routing.db().scope().filter(|_| self.is_on())?;
        Some(Visit { cache: self, routing, ahead, scope, rule: Rule::of(routing) })
    }
}

impl Visit<'_> {
    /// Whether anything is taken from the cache.
    pub fn takes(&self) -> bool {
        self.rule != Rule::Bypass && self.cache.is_trusted()
    }

    pub async fn nodes<N: Cached>(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<N>>> {
        let mut search = Search::new(ids);
        if self.takes() {
            search.take_ahead(self.scope, self.ahead);
            self.search_local(&mut search);
            self.search_store(&mut search).await;
        }
        self.note_all(&search);
        self.read_missing(search).await
    }

    /// Tells the request which nodes it takes from the cache, and whether that is all.
    fn note_all<N: Cached>(&self, search: &Search<N>) {
        search.found.values().for_each(|node| self.note(&**node));
        if !search.missing.is_empty() {
            self.routing.took_other();
        }
    }

    fn note<N: Cached>(&self, node: &N) {
        self.routing.took_node(NodeVersion { kind: N::KIND, id: node.id(), version: node.version() });
    }

    async fn nodes_with<N: Paired<M>, M: Cached>(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<N>>> {
        if !self.takes() {
            return self.nodes(ids).await;
        }
        let (mut nodes, mut others) = (Search::<N>::new(ids), Search::<M>::new(ids));
        self.search_local(&mut nodes);
        self.search_local(&mut others);
        match &self.cache.store {
            Store::Redis { remote, .. } if !nodes.missing.is_empty() => {
                let (mut keys, keys_of_others) = (nodes.keys(self.scope), others.keys(self.scope));
                keys.extend(&keys_of_others);
                if let Some(mut values) = self.ask(remote, &keys).await {
                    let values_of_others = values.split_off(nodes.missing.len().min(values.len()));
                    self.take_stored(&keys, values, &mut nodes);
                    self.take_stored(&keys_of_others, values_of_others, &mut others);
                    if self.rule == Rule::Free {
                        self.fly_both(&mut nodes, &mut others).boxed().await?;
                    }
                    others.put_ahead(self.scope, self.ahead, true);
                }
            }
            // The nodes are here: the others are worth no round trip before they are really asked for.
            Store::Redis { .. } => others.put_ahead(self.scope, self.ahead, false),
            _ => self.search_store(&mut nodes).await,
        }
        self.note_all(&nodes);
        self.read_missing(nodes).await
    }

    fn search_local<N: Cached>(&self, search: &mut Search<N>) {
        let Store::Redis { local: Some(local), .. } = &self.cache.store else { return };
        let found = search.take(|id| self.take_local(local, id));
        self.found::<N>(Found::Local, found);
    }

    fn take_local<N: Cached>(&self, local: &Local, id: Uuid) -> Option<Arc<N>> {
        let (node, kept_at) = local.node::<N>(NodeKey { scope: self.scope, kind: N::KIND, id })?;
        if !self.rule.takes(N::KIND, id, node.version()) {
            return None;
        }
        self.routing.took(kept_at);
        Some(node)
    }

    fn take_memory<N: Cached>(&self, memory: &Memory, id: Uuid) -> Option<Arc<N>> {
        let node = memory.node::<N>(NodeKey { scope: self.scope, kind: N::KIND, id })?;
        self.rule.takes(N::KIND, id, node.version()).then_some(node)
    }

    fn peek<N: Cached>(&self, id: Uuid) -> Option<Arc<N>> {
        let node = self.look::<N>(id)?;
        self.note(&*node);
        Some(node)
    }

    /// A node that is in this process, or was asked for ahead.
    fn look<N: Cached>(&self, id: Uuid) -> Option<Arc<N>> {
        if !self.takes() {
            return None;
        }
        if let Some(node) = self.ahead.find::<N>(NodeKey { scope: self.scope, kind: N::KIND, id }) {
            return Some(node);
        }
        let (node, found) = match &self.cache.store {
            Store::Memory(memory) => (self.take_memory(memory, id)?, Found::Stored),
            Store::Redis { local: Some(local), .. } => (self.take_local(local, id)?, Found::Local),
            _ => return None,
        };
        self.found::<N>(found, 1);
        Some(node)
    }

    async fn search_store<N: Cached>(&self, search: &mut Search<N>) {
        match &self.cache.store {
            Store::Nowhere => {}
            Store::Memory(memory) => {
                let found = search.take(|id| self.take_memory(memory, id));
                self.found::<N>(Found::Stored, found);
            }
            Store::Redis { remote, .. } => {
                let keys = search.keys(self.scope);
                if !keys.is_empty()
                    && let Some(values) = self.ask(remote, &keys).await
                {
                    self.take_stored(&keys, values, search);
                }
            }
        }
    }

    async fn ask(&self, remote: &Remote, keys: &[NodeKey]) -> Option<Vec<Option<Vec<u8>>>> {
        if self.ahead.has_given_up() {
            return None;
        }
        self.routing.trace().called_cache(keys.len().div_ceil(MOST_KEYS));
        let Some(values) = remote.nodes(keys, self.rule == Rule::Free).await else {
            self.ahead.give_up();
            return None;
        };
        // Redis may have come back in between, with what it held before.
        self.cache.is_trusted().then_some(values)
    }

    /// Takes nodes out of their bytes, where they are any and the request may have them.
    fn take_stored<N: Cached>(&self, keys: &[NodeKey], values: Vec<Option<Vec<u8>>>, search: &mut Search<N>) {
        let counts = &self.cache.counts;
        let mut taken = HashMap::with_capacity(values.len());
        for (key, bytes) in keys.iter().zip(values) {
            let Some(bytes) = bytes else { continue };
            match decode::<N>(key.id, &bytes) {
                Ok(node) if self.rule.takes(key.kind, key.id, node.version()) => {
                    if let Store::Redis { local: Some(local), .. } = &self.cache.store {
                        local.keep_node(*key, node.clone(), bytes.len());
                    }
                    taken.insert(key.id, node);
                }
                Ok(_) => counts.passed(Some(N::KIND), Passed::BehindToken),
                Err(Unreadable::OtherSchema) => counts.passed(Some(N::KIND), Passed::OtherSchema),
                Err(Unreadable::Corrupt) => {
                    counts.passed(Some(N::KIND), Passed::Corrupt);
                    self.cache.drop_later(*key);
                }
            }
        }
        let found = search.take(|id| taken.remove(&id));
        self.found::<N>(Found::Stored, found);
    }

    fn found<N: Cached>(&self, found: Found, number: usize) {
        self.cache.counts.read(Some(N::KIND), found, number);
        let of = |wanted| if found == wanted { number } else { 0 };
        self.routing.trace().cached(N::NAME, of(Found::Local), of(Found::Stored), of(Found::Missing));
    }

    async fn read_missing<N: Cached>(&self, search: Search<N>) -> Result<HashMap<Uuid, Arc<N>>> {
        let Search { mut found, missing, began, .. } = search;
        self.found::<N>(Found::Missing, missing.len());
        if missing.is_empty() {
            return Ok(found);
        }
        if self.rule == Rule::Free {
            self.fly(&missing, began, &mut found).await?;
            return Ok(found);
        }
        let (db, reading) = (self.routing.reader(N::NAME), Reading::begin(self.scope));
        let read = N::read(&db, &missing).await?;
        found.extend(read.iter().map(|(id, node)| (*id, node.clone())));
        let (cache, routing, scope) = (self.cache.clone(), self.routing.clone(), self.scope);
        tokio::spawn(async move { cache.fill(scope, &routing, &db, &read, &reading).await });
        Ok(found)
    }

    /// Reads what is missing in flights that other requests may share; those that this call begins are one statement.
    async fn fly<N: Cached>(
        &self,
        missing: &[Uuid],
        missed_at: Instant,
        found: &mut HashMap<Uuid, Arc<N>>,
    ) -> Result<()> {
        let (mut seats, mut departures) = (Vec::with_capacity(missing.len()), Vec::new());
        for id in missing {
            let key = Key::Node(NodeKey { scope: self.scope, kind: N::KIND, id: *id });
            let (seat, departure) = self.cache.flights.board(key, missed_at);
            seats.push((*id, seat));
            departures.extend(departure.map(|departure| (*id, departure)));
        }
        if !departures.is_empty() {
            let (cache, own, scope) = (self.cache.clone(), self.routing.of_its_own(), self.scope);
            tokio::spawn(async move { cache.fly_alone::<N>(scope, own, departures).await });
        }
        land(seats, found).await
    }

    /// Reads what is missing of both kinds in flights that other requests may share; those that this call begins for both are one statement.
    async fn fly_both<N: Paired<M>, M: Cached>(&self, nodes: &mut Search<N>, others: &mut Search<M>) -> Result<()> {
        let key = |kind, id| Key::Node(NodeKey { scope: self.scope, kind, id });
        let (mut seats, mut seats_of_others) = (Vec::new(), Vec::new());
        let (mut alone, mut both) = (Vec::new(), Vec::new());
        let of_both = |id: &Uuid| others.missing.contains(id);
        for id in nodes.missing.extract_if(.., |id| of_both(id)) {
            let (seat, departure) = self.cache.flights.board(key(N::KIND, id), nodes.began);
            seats.push((id, seat));
            let Some(departure) = departure else { continue };
            let (seat_of_other, departure_of_other) = self.cache.flights.board(key(M::KIND, id), others.began);
            seats_of_others.push((id, seat_of_other));
            match departure_of_other {
                Some(departure_of_other) => both.push((id, departure, departure_of_other)),
                None => alone.push((id, departure)),
            }
        }
        if seats.is_empty() {
            return Ok(());
        }
        let scope = self.scope;
        if !both.is_empty() {
            let (cache, own) = (self.cache.clone(), self.routing.of_its_own());
            tokio::spawn(async move { cache.fly_both_alone::<N, M>(scope, own, both).await });
        }
        if !alone.is_empty() {
            let (cache, own) = (self.cache.clone(), self.routing.of_its_own());
            tokio::spawn(async move { cache.fly_alone::<N>(scope, own, alone).await });
        }
        self.routing.took_other();
        self.found::<N>(Found::Missing, seats.len());
        self.found::<M>(Found::Missing, seats_of_others.len());
        land(seats, &mut nodes.found).await?;
        // That these can't be read is told by the fields that ask for them: they will read them again.
        land(seats_of_others, &mut others.found).await.ok();
        others.missing.retain(|id| !others.found.contains_key(id));
        Ok(())
    }
}

/// Waits for flights and takes what they bring.
async fn land<N: Cached>(seats: Vec<(Uuid, Seat)>, found: &mut HashMap<Uuid, Arc<N>>) -> Result<()> {
    for (id, landed) in join_all(seats.into_iter().map(async |(id, seat)| (id, seat.landed().await))).await {
        if let Some(node) = landed? {
            let node = node.downcast().map_err(|_| Error::internal(anyhow::anyhow!("a flight of another kind")))?;
            found.insert(id, node);
        }
    }
    Ok(())
}

impl Cache {
    /// Drops a value that nobody can read: it may claim a version that keeps the right one out.
    fn drop_later(self: &Arc<Self>, key: NodeKey) {
        let cache = self.clone();
        tokio::spawn(async move {
            if let Store::Redis { remote, .. } = &cache.store {
                remote.drop_node(key).await;
            }
        });
    }

    async fn fly_alone<N: Cached>(self: Arc<Self>, scope: Scope, routing: Routing, departures: Vec<(Uuid, Departure)>) {
        let ids: Vec<Uuid> = departures.iter().map(|(id, _)| *id).collect();
        let (db, reading) = (routing.reader(N::NAME), Reading::begin(scope));
        let read = match timeout(FLIGHT_WITHIN, N::read(&db, &ids)).await.unwrap_or_else(|_| Err(took_too_long())) {
            Ok(read) => read,
            Err(error) => return departures.iter().for_each(|(_, departure)| departure.land(Err(error.clone()))),
        };
        for (id, departure) in &departures {
            departure.land(Ok(read.get(id).cloned().map(|node| node as _)));
        }
        // Flights end after the values are stored: who comes in between joins them instead of reading again.
        self.fill(scope, &routing, &db, &read, &reading).await;
        drop((db, routing, read));
        departures.into_iter().for_each(|(_, departure)| departure.close());
    }

    async fn fly_both_alone<N: Paired<M>, M: Cached>(
        self: Arc<Self>,
        scope: Scope,
        routing: Routing,
        departures: Vec<(Uuid, Departure, Departure)>,
    ) {
        let ids: Vec<Uuid> = departures.iter().map(|(id, ..)| *id).collect();
        let (db, reading) = (routing.reader(N::NAME), Reading::begin(scope));
        let read = timeout(FLIGHT_WITHIN, N::read_both(&db, &ids)).await.unwrap_or_else(|_| Err(took_too_long()));
        let (nodes, others) = match read {
            Ok(read) => read,
            Err(error) => {
                return departures.iter().for_each(|(_, departure, of_other)| {
                    departure.land(Err(error.clone()));
                    of_other.land(Err(error.clone()));
                });
            }
        };
        for (id, departure, of_other) in &departures {
            departure.land(Ok(nodes.get(id).cloned().map(|node| node as _)));
            of_other.land(Ok(others.get(id).cloned().map(|node| node as _)));
        }
        tokio::join!(
            self.fill(scope, &routing, &db, &nodes, &reading),
            self.fill(scope, &routing, &db, &others, &reading)
        );
        drop((db, routing, nodes, others));
        for (_, departure, of_other) in departures {
            departure.close();
            of_other.close();
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
