//! Lists through the cache: the ids of first pages as a shopper sees them, which any write to a node of their kinds ends.
//!
//! Beside the lists stands a *mark* for each kind: the position of the log after the last write to a node of it. A list is stored with the
//! mark that was read before it, only if its source had replayed that, and it is taken only while that is still the mark.

use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::count::{Found, Passed};
use super::filling::{Reading, jitter};
use super::flight::Departure;
use super::key::{Key, ListKey};
use super::memory::Put;
use super::missing::{FLIGHT_WITHIN, took_too_long};
use super::nodes::Visit;
use super::rule::Rule;
use super::search::Ahead;
use super::value::{Cached, Ids, Unreadable, decode_list, encode_list};
use super::{Cache, Store, repo};
use crate::db::{Connection, NodeKind, Routing, Scope};
use crate::error::{Error, Result};
use crate::graphql::Page;

/// Raised with every change of what is kept of a list.
const SCHEMA: u8 = 1;

/// A list that can be cached, by what tells it from others.
pub trait Listed: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    type Node: Cached;

    /// The name in keys, explain and the metrics.
    const NAME: &'static str;
    /// A write to a node of these kinds may change the list.
    const KINDS: &'static [NodeKind];

    /// A [`digest`] of what tells it from other lists of its name; `None` when it is not cached.
    fn digest(&self) -> Option<u128>;

    /// Reads lists, in as few statements as can be.
    fn read(
        db: &Connection,
        lists: &[Self],
    ) -> impl Future<Output = Result<HashMap<Self, Page<Arc<Self::Node>>>>> + Send;
}

/// A hash of what tells lists apart.
pub fn digest(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    u128::from_be_bytes(*hash.finalize().first_chunk().expect("a hash has 32 bytes"))
}

/// A list and its name in the cache.
struct Wanted<L> {
    list: L,
    key: ListKey,
}

/// What is found and what is missing while lists are looked up.
struct Search<L> {
    found: HashMap<L, Arc<Ids>>,
    missing: Vec<Wanted<L>>,
}

impl<L: Listed> Search<L> {
    /// Moves those that `find` finds from the missing to the found; how many they were.
    fn take(&mut self, mut find: impl FnMut(ListKey) -> Option<Arc<Ids>>) -> usize {
        let before = self.missing.len();
        self.missing.retain(|wanted| match find(wanted.key) {
            Some(ids) => {
                self.found.insert(wanted.list.clone(), ids);
                false
            }
            None => true,
        });
        before - self.missing.len()
    }
}

impl Cache {
    /// Lists, their nodes taken from the cache as well where they are.
    pub async fn lists<L: Listed>(
        self: &Arc<Self>,
        routing: &Routing,
        ahead: &Ahead,
        lists: &[L],
    ) -> Result<HashMap<L, Page<Arc<L::Node>>>> {
        routing.took_other();
        // Who brings a token may have written what a list lacks.
        let visit = self.visit(routing, ahead).filter(|visit| visit.rule == Rule::Free && visit.takes());
        match visit {
            Some(visit) => visit.lists(lists).await,
            None => L::read(&routing.reader(L::NAME), lists).await,
        }
    }
}

impl Visit<'_> {
    async fn lists<L: Listed>(&self, lists: &[L]) -> Result<HashMap<L, Page<Arc<L::Node>>>> {
        let mut search = Search { found: HashMap::new(), missing: Vec::with_capacity(lists.len()) };
        let mut unkept = Vec::new();
        for list in lists {
            match list.digest() {
                Some(digest) => {
                    let key = ListKey { scope: self.scope, name: L::NAME, digest };
                    search.missing.push(Wanted { list: list.clone(), key });
                }
                None => unkept.push(list.clone()),
            }
        }
        let mut pages = HashMap::with_capacity(lists.len());
        if !unkept.is_empty() {
            pages.extend(L::read(&self.routing.reader(L::NAME), &unkept).await?);
        }
        if search.missing.is_empty() {
            return Ok(pages);
        }
        let missed_at = Instant::now();
        let mark = self.search_lists(&mut search).await;
        let Search { found, missing } = search;
        self.cache.counts.read(None, Found::Missing, missing.len());
        self.routing.trace().cached(L::NAME, 0, 0, missing.len());
        let (resolved, read) = tokio::join!(self.with_nodes(found), self.fly_lists(mark, missing, missed_at));
        pages.extend(resolved?);
        pages.extend(read?);
        Ok(pages)
    }

    /// Takes what is cached; returns the mark that the missing ones may be stored with, where that is known.
    async fn search_lists<L: Listed>(&self, search: &mut Search<L>) -> Option<i64> {
        match &self.cache.store {
            Store::Nowhere => None,
            Store::Memory(memory) => {
                let mark = memory.mark(L::KINDS);
                let found = search.take(|key| memory.list(key, mark));
                self.found_lists::<L>(Found::Stored, found);
                Some(mark)
            }
            Store::Redis { remote, local } => {
                let ended = self.cache.lists_ended();
                if let Some(local) = local {
                    let found = search.take(|key| {
                        let (ids, kept_at) = local.list(key)?;
                        self.routing.took(kept_at);
                        Some(ids)
                    });
                    self.found_lists::<L>(Found::Local, found);
                }
                if search.missing.is_empty() || self.ahead.has_given_up() {
                    return None;
                }
                let keys: Vec<ListKey> = search.missing.iter().map(|wanted| wanted.key).collect();
                self.routing.trace().called_cache(1);
                let Some(answer) = remote.lists(self.scope, L::KINDS, &keys, true).await else {
                    self.ahead.give_up();
                    return None;
                };
                if !self.cache.is_trusted() {
                    return None;
                }
                let Some(mark) = answer.mark else {
                    self.begin_marks(L::KINDS);
                    return None;
                };
                let mut values = answer.values.into_iter();
                let found = search.take(|key| {
                    let ids = Arc::new(self.read_list(mark, &values.next()??)?);
                    if let Some(local) = local {
                        local.keep_list(key, ids.clone(), ended);
                    }
                    Some(ids)
                });
                self.found_lists::<L>(Found::Stored, found);
                Some(mark)
            }
        }
    }

    /// The list in the bytes, if no write has ended it.
    fn read_list(&self, mark: i64, bytes: &[u8]) -> Option<Ids> {
        let passed = match decode_list(SCHEMA, bytes) {
            Ok((at, ids)) if at == mark => return Some(ids),
            Ok(_) => Passed::Ended,
            Err(Unreadable::OtherSchema) => Passed::OtherSchema,
            Err(Unreadable::Corrupt) => Passed::Corrupt,
        };
        self.cache.counts.passed(None, passed);
        None
    }

    /// Sets the marks that are gone, in the background. They begin where the log ends now: with the position of the last check they could be
    /// what they were before a write that was made since, and bring back a list that it had ended.
    fn begin_marks(&self, kinds: &'static [NodeKind]) {
        if self.cache.begins_marks.swap(true, Ordering::AcqRel) {
            return;
        }
        let (cache, scope) = (self.cache.clone(), self.scope);
        let primary = Routing::on_primary(self.routing.db().clone());
        tokio::spawn(async move {
            let position = repo::position(&primary.reader("listMarks")).await;
            if let (Store::Redis { remote, .. }, Ok(Some(position))) = (&cache.store, position) {
                remote.raise_marks(scope, kinds, position).await;
            }
            cache.begins_marks.store(false, Ordering::Release);
        });
    }

    fn found_lists<L: Listed>(&self, where_from: Found, number: usize) {
        self.cache.counts.read(None, where_from, number);
        let (local, stored) = if where_from == Found::Local { (number, 0) } else { (0, number) };
        self.routing.trace().cached(L::NAME, local, stored, 0);
    }

    /// Puts nodes in the place of ids. Who is gone since is left out.
    async fn with_nodes<L: Listed>(&self, found: HashMap<L, Arc<Ids>>) -> Result<HashMap<L, Page<Arc<L::Node>>>> {
        let mut ids: Vec<_> = found.values().flat_map(|list| list.ids.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        let nodes = if ids.is_empty() { HashMap::new() } else { self.nodes::<L::Node>(&ids).await? };
        let page = |list: &Ids| Page {
            nodes: list.ids.iter().filter_map(|id| nodes.get(id).cloned()).collect(),
            has_previous: list.has_previous,
            has_next: list.has_next,
        };
        Ok(found.into_iter().map(|(list, ids)| (list, page(&ids))).collect())
    }

    /// Reads lists in flights that other requests may share.
    async fn fly_lists<L: Listed>(
        &self,
        mark: Option<i64>,
        missing: Vec<Wanted<L>>,
        missed_at: Instant,
    ) -> Result<HashMap<L, Page<Arc<L::Node>>>> {
        let (mut seats, mut departures) = (Vec::with_capacity(missing.len()), Vec::new());
        for wanted in missing {
            let (seat, departure) = self.cache.flights.board(Key::List(wanted.key), missed_at);
            seats.push((wanted.list.clone(), seat));
            departures.extend(departure.map(|departure| (wanted, departure)));
        }
        if !departures.is_empty() {
            let (cache, own, scope) = (self.cache.clone(), self.routing.of_its_own(), self.scope);
            tokio::spawn(async move { cache.fly_lists_alone(scope, own, mark, departures).await });
        }
        self.took_seats(seats.iter().map(|(_, seat)| seat));
        let mut pages = HashMap::with_capacity(seats.len());
        for (list, landed) in join_all(seats.into_iter().map(async |(list, seat)| (list, seat.landed().await))).await {
            if let Some(page) = landed? {
                let page = page.downcast::<Page<Arc<L::Node>>>();
                let page = page.map_err(|_| Error::internal(anyhow::anyhow!("a flight of another kind")))?;
                pages.insert(list, (*page).clone());
            }
        }
        Ok(pages)
    }
}

impl Cache {
    async fn fly_lists_alone<L: Listed>(
        self: Arc<Self>,
        scope: Scope,
        routing: Routing,
        mark: Option<i64>,
        departures: Vec<(Wanted<L>, Departure)>,
    ) {
        let lists: Vec<L> = departures.iter().map(|(wanted, _)| wanted.list.clone()).collect();
        let ended = self.lists_ended();
        let (db, reading) = (routing.reader(L::NAME), Reading::begin(scope));
        let read = match timeout(FLIGHT_WITHIN, L::read(&db, &lists)).await.unwrap_or_else(|_| Err(took_too_long())) {
            Ok(read) => read,
            Err(error) => return departures.iter().for_each(|(_, departure)| departure.land(Err(error.clone()))),
        };
        let mut kept = Vec::with_capacity(departures.len());
        for (wanted, departure) in &departures {
            let page = read.get(&wanted.list).cloned().unwrap_or_else(Page::empty);
            kept.push((wanted.key, Ids::of(&page)));
            departure.land(Ok(Some(Arc::new(page))));
        }
        let refusal = match (mark, db.source()) {
            (None, _) => Some("no_mark"),
            (Some(mark), Some(source))
                if matches!(self.store, Store::Redis { .. }) && source.replayed.0 < mark as u64 =>
            {
                Some("behind_mark")
            }
            (_, source) => reading.refusal(routing.db(), source),
        };
        match (mark, refusal) {
            (Some(mark), None) => self.fill_lists(mark, ended, kept, &reading, life_of::<L>(&self.lives)).await,
            (_, refusal) => self.counts.refused(None, refusal.unwrap_or("no_mark"), kept.len()),
        }
        drop((db, routing, read));
        departures.into_iter().for_each(|(_, departure)| departure.close());
    }

    fn lists_ended(&self) -> i64 {
        match &self.store {
            Store::Redis { local: Some(local), .. } => local.lists_ended(),
            _ => 0,
        }
    }

    async fn fill_lists(&self, mark: i64, ended: i64, lists: Vec<(ListKey, Ids)>, reading: &Reading, life: Duration) {
        let number = lists.len();
        let outcome = match &self.store {
            Store::Nowhere => return,
            Store::Memory(memory) => {
                for (key, ids) in lists {
                    memory.put_list(key, mark, Arc::new(ids), jitter(life), reading.began());
                }
                Some(Put::Stored)
            }
            Store::Redis { remote, local } => {
                let bytes = lists.iter().filter_map(|(key, ids)| Some((*key, encode_list(SCHEMA, mark, ids)?)));
                let outcome = remote.put_lists(bytes.collect(), jitter(life)).await;
                if let (Some(Put::Stored), Some(local)) = (outcome, local) {
                    lists.into_iter().for_each(|(key, ids)| local.keep_list(key, Arc::new(ids), ended));
                }
                outcome
            }
        };
        match outcome {
            Some(Put::Full) => self.counts.refused(None, "full", number),
            Some(_) => self.counts.filled(None, number),
            None => self.counts.refused(None, "unreached", number),
        }
    }
}

/// Lists of categories alone change seldom.
fn life_of<L: Listed>(lives: &super::Lives) -> Duration {
    if L::KINDS == [NodeKind::Category] { lives.category_list } else { lives.list }
}

impl Ids {
    fn of<N: Cached>(page: &Page<Arc<N>>) -> Self {
        let ids = page.nodes.iter().map(|node| node.id()).collect();
        Self { ids, has_previous: page.has_previous, has_next: page.has_next }
    }
}
