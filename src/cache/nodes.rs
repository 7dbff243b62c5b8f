//! Nodes through the cache: taken from there as far as the request may.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::FutureExt;
use uuid::Uuid;

use super::count::{Found, Passed};
use super::key::NodeKey;
use super::local::Local;
use super::memory::Memory;
use super::remote::{MOST_KEYS, Remote};
use super::rule::Rule;
use super::search::{Ahead, Search};
use super::value::{Cached, Paired, Unreadable, decode};
use super::{Cache, Store};
use crate::db::{NodeVersion, Routing, Scope};
use crate::error::Result;

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
                        local.keep_node(*key, node.version(), node.clone(), bytes.len());
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

    pub(super) fn found<N: Cached>(&self, found: Found, number: usize) {
        self.cache.counts.read(Some(N::KIND), found, number);
        let of = |wanted| if found == wanted { number } else { 0 };
        self.routing.trace().cached(N::NAME, of(Found::Local), of(Found::Stored), of(Found::Missing));
    }
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
}
