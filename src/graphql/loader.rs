//! Batched reads: what the fields of one request ask for one by one is read from the database together.
//!
//! A domain names what it loads by implementing [`Batch`]; this file turns that into a loader of the `dataloader` crate. Loaders
//! live as long as one request: what they hold is never seen by another one. Failures are values, so one lost batch fails
//! the fields that asked and nothing else.

use std::any::{Any, TypeId};
use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Debug};
use std::future::Future;
use std::hash::Hash;
use std::marker::PhantomData;
use std::slice;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use dataloader::BatchFn;
use dataloader::cached::Loader;
use foldhash::fast::RandomState;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use metrics::Histogram;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use uuid::Uuid;

use super::page::Page;
use super::shown::Shown;
use crate::cache::{Ahead, Beside, Cache, Cached, Listed, Paired};
use crate::db::{Connection, Routing};
use crate::error::Result;
use crate::telemetry::ByLabel;

/// A read by key that is done for many keys in one statement.
pub trait Batch: Send + Sync + 'static {
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    type Value: Clone + Send + Sync + 'static;

    /// The name in explain and in the metrics.
    const NAME: &'static str;

    /// The value of a key, if it is in this process already.
    fn peek(_: &Reads, _: &Self::Key) -> Option<Self::Value> {
        None
    }

    /// Names what a shopper is shown of a value. What is hidden from shoppers is named as what is not there.
    fn show(_: Option<&Self::Value>, _: &Shown) {}

    /// The values of those keys that have one. Runs when the batch is complete, so the host is chosen then.
    fn load(reads: &Reads, keys: &[Self::Key]) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>>> + Send;
}

/// Where the batches of one request read: the database, by the request's choice of host, and the node cache.
#[derive(Clone)]
pub struct Reads {
    pub routing: Routing,
    pub cache: Arc<Cache>,
    ahead: Arc<Ahead>,
    /// What statements brought beside what they were for. Only where nothing is cached: nodes of a cache are read by themselves.
    pub beside: Arc<Beside>,
    /// Where what is handed out is named, if the answer has to say what it shows.
    shown: Option<Arc<Shown>>,
}

impl Reads {
    pub fn new(routing: Routing, cache: Arc<Cache>) -> Self {
        Self { routing, cache, ahead: Arc::default(), beside: Arc::default(), shown: None }
    }

    /// What this request knows of the cache beforehand.
    pub fn ahead(&self) -> &Ahead {
        &self.ahead
    }

    /// Names all that is handed out.
    pub fn naming(mut self, shown: Arc<Shown>) -> Self {
        self.shown = Some(shown);
        self
    }

    /// A connection to read from.
    pub fn reader(&self, label: &'static str) -> Connection {
        self.routing.reader(label)
    }

    /// Nodes by id, out of the cache as far as they are there and may be taken.
    pub async fn nodes<N: Cached>(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<N>>> {
        self.cache.nodes(&self.routing, &self.ahead, ids).await
    }

    /// A node that is in this process, without waiting for anything.
    pub fn peek<N: Cached>(&self, id: Uuid) -> Option<Arc<N>> {
        if self.cache.is_on() {
            return self.cache.peek(&self.routing, &self.ahead, id);
        }
        let (node, is_first) = self.beside.find::<N>(id)?;
        // It was read from the database, be it by another's statement.
        self.routing.trace().loaded(N::NAME, 0, usize::from(is_first));
        Some(node)
    }

    /// The same, when fields will ask for nodes of another kind with the same ids: both are asked for at once.
    pub async fn nodes_with<N: Paired<M>, M: Cached>(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<N>>> {
        self.cache.nodes_with::<N, M>(&self.routing, &self.ahead, ids).await
    }

    /// Pages of lists, out of the cache as far as they are there and may be taken.
    pub async fn lists<L: Listed>(&self, lists: &[L]) -> Result<HashMap<L, Page<Arc<L::Node>>>> {
        self.cache.lists(&self.routing, &self.ahead, lists).await
    }
}

/// All loaders of one request, made when first asked for.
pub struct Loaders {
    reads: Reads,
    by_batch: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    /// What was read ahead of the fields that ask for it, by batch: a [`Held`] each.
    held: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

/// Answers by their keys.
type Held<B> = HashMap<<B as Batch>::Key, Answer<B>, RandomState>;

impl Loaders {
    pub fn new(reads: Reads) -> Self {
        Self { reads, by_batch: Mutex::default(), held: Mutex::default() }
    }

    /// The value of a key, read together with all keys that are asked for at the same moment; `None` when there is none.
    pub async fn load<B: Batch>(&self, key: B::Key) -> Result<Option<B::Value>> {
        if let Some(answer) = self.here::<B>(&key) {
            return answer;
        }
        // Boxed, so that a field which finds its value here does not carry the room for a statement about.
        let value = self.rounds::<B>().answered(slice::from_ref(&key)).boxed().await.answer(&key)?;
        self.show::<B>(value.as_ref());
        Ok(value)
    }

    /// The same without waiting; `None` when it has to be read first.
    pub fn here<B: Batch>(&self, key: &B::Key) -> Option<Answer<B>> {
        let answer = self.held::<B>(key).or_else(|| self.peek::<B>(key).map(|value| Ok(Some(value))))?;
        if let Ok(value) = &answer {
            self.show::<B>(value.as_ref());
        }
        Some(answer)
    }

    fn show<B: Batch>(&self, value: Option<&B::Value>) {
        if let Some(shown) = &self.reads.shown {
            B::show(value, shown);
        }
    }

    /// Reads what fields will ask for by [`load`](Self::load), so that they need not wait, not even for a failure. `None` when that is so
    /// already.
    pub fn ahead<B: Batch>(&self, mut keys: Vec<B::Key>) -> Option<BoxFuture<'_, ()>> {
        keys.retain(|key| self.held::<B>(key).is_none());
        (!keys.is_empty()).then(|| self.hold::<B>(keys).boxed())
    }

    async fn hold<B: Batch>(&self, mut keys: Vec<B::Key>) {
        let mut seen = HashSet::with_capacity_and_hasher(keys.len(), RandomState::default());
        keys.retain(|key| seen.insert(key.clone()));
        let (mut found, mut missing) =
            (Held::<B>::with_capacity_and_hasher(keys.len(), RandomState::default()), Vec::new());
        for key in keys {
            match self.peek::<B>(&key) {
                Some(value) => drop(found.insert(key, Ok(Some(value)))),
                None => missing.push(key),
            }
        }
        if !missing.is_empty() {
            let round = self.rounds::<B>().answered(&missing).await;
            found.extend(missing.into_iter().map(|key| {
                let answer = round.answer(&key);
                (key, answer)
            }));
        }
        let mut held = lock(&self.held);
        let held = held.entry(TypeId::of::<B>()).or_insert_with(|| Box::new(Held::<B>::default()));
        held.downcast_mut::<Held<B>>().expect("answers are held under the type of their batch").extend(found);
    }

    fn held<B: Batch>(&self, key: &B::Key) -> Option<Answer<B>> {
        lock(&self.held).get(&TypeId::of::<B>())?.downcast_ref::<Held<B>>()?.get(key).cloned()
    }

    fn peek<B: Batch>(&self, key: &B::Key) -> Option<B::Value> {
        let value = B::peek(&self.reads, key)?;
        self.reads.routing.trace().loaded(B::NAME, 1, 0);
        Some(value)
    }

    /// Forgets everything read so far: a write of this request may have changed it.
    pub fn forget(&self) {
        lock(&self.by_batch).clear();
        lock(&self.held).clear();
        self.reads.ahead.forget();
        self.reads.beside.forget();
    }

    fn rounds<B: Batch>(&self) -> Arc<Rounds<B>> {
        let mut loaders = lock(&self.by_batch);
        let rounds = loaders.entry(TypeId::of::<B>()).or_insert_with(|| Arc::new(Rounds::<B>::new(self.reads.clone())));
        rounds.clone().downcast().expect("a loader is kept under the type of its batch")
    }
}

static SIZES: ByLabel<Histogram> =
    ByLabel::new(|loader| metrics::histogram!("storefront_batch_keys", "loader" => loader));

/// A key as the loader gets it. For each that it hands out, it makes the text of an error that never comes: an empty one, here.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked<K>(K);

impl<K> Borrow<K> for Asked<K> {
    fn borrow(&self) -> &K {
        &self.0
    }
}

impl<K> Debug for Asked<K> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// The batch function as the `dataloader` crate calls it: every key gets a value, be it `None` or the failure.
struct Run<B> {
    reads: Reads,
    batch: PhantomData<fn() -> B>,
}

impl<B: Batch> BatchFn<Asked<B::Key>, Answer<B>> for Run<B> {
    async fn load(&mut self, keys: &[Asked<B::Key>]) -> HashMap<Asked<B::Key>, Answer<B>> {
        let keys: Vec<B::Key> = keys.iter().map(|Asked(key)| key.clone()).collect();
        SIZES.of(B::NAME).record(keys.len() as f64);
        self.reads.routing.trace().loaded(B::NAME, 0, keys.len());
        match B::load(&self.reads, &keys).await {
            Ok(mut found) => keys
                .into_iter()
                .map(|key| (found.remove(&key), key))
                .map(|(value, key)| (Asked(key), Ok(value)))
                .collect(),
            Err(error) => keys.into_iter().map(|key| (Asked(key), Err(error.clone()))).collect(),
        }
    }
}

/// One loader, whose callers go in rounds.
///
/// By itself the loader wakes its callers one after another, as each takes its lock from the one before. What they ask for next
/// then trickles in, and with ten thousand of them the next level's batch runs before all have asked. Here the first caller of a
/// round leads: it alone asks the loader, for everyone, and all others wake at once when it has the answer.
struct Rounds<B: Batch> {
    loader: Loader<Asked<B::Key>, Answer<B>, Run<B>>,
    routing: Routing,
    gathering: Mutex<Option<Arc<Round<B>>>>,
}

type Answer<B> = Result<Option<<B as Batch>::Value>>;

/// Callers who ask at the same moment.
struct Round<B: Batch> {
    keys: Mutex<Vec<Asked<B::Key>>>,
    answers: OnceLock<HashMap<Asked<B::Key>, Answer<B>>>,
    over: Arc<Notify>,
}

impl<B: Batch> Round<B> {
    /// The answer to a key of a round that has answers: its loader gives one to every key.
    fn answer(&self, key: &B::Key) -> Answer<B> {
        self.answers.get().and_then(|answers| answers.get(key)).expect("a round answers its keys").clone()
    }
}

impl<B: Batch> Rounds<B> {
    fn new(reads: Reads) -> Self {
        let routing = reads.routing.clone();
        let loader = Loader::new(Run { reads, batch: PhantomData });
        // The size of a batch is bounded by the limits on an operation. The loader's own bound would run a batch before all have asked.
        // Nor does it wait for more: the round was over before it is asked.
        let loader = loader.with_yield_count(0).with_max_batch_size(usize::MAX);
        Self { loader, routing, gathering: Mutex::default() }
    }

    /// A round that has the answers to these keys.
    async fn answered(&self, keys: &[B::Key]) -> Arc<Round<B>> {
        loop {
            let (round, waiting) = self.join(keys);
            match waiting {
                Some(over) => tokio::task::unconstrained(over).await,
                // Unconstrained: tokio makes a task pause after 128 locks, and a batch would run without the fields behind that.
                None => tokio::task::unconstrained(self.lead(&round)).await,
            }
            // Without answers the leader was dropped half-way, because a sibling of its field failed. The next round has another.
            if round.answers.get().is_some() {
                return round;
            }
        }
    }

    /// Joins the round that gathers, or opens one to lead. Who does not lead waits for its end.
    fn join(&self, keys: &[B::Key]) -> (Arc<Round<B>>, Option<OwnedNotified>) {
        let asked = keys.iter().cloned().map(Asked);
        let mut gathering = lock(&self.gathering);
        match &*gathering {
            Some(round) => {
                lock(&round.keys).extend(asked);
                let over = round.over.clone().notified_owned();
                (round.clone(), Some(over))
            }
            None => {
                let round = Arc::new(Round {
                    keys: Mutex::new(asked.collect()),
                    answers: OnceLock::new(),
                    over: Arc::default(),
                });
                *gathering = Some(round.clone());
                (round, None)
            }
        }
    }

    /// Lets everyone else join, closes the round and asks the loader for all of it.
    async fn lead(&self, round: &Arc<Round<B>>) {
        let end = End { rounds: self, round };
        tokio::task::yield_now().await;
        end.close();
        let keys = std::mem::take(&mut *lock(&round.keys));
        if self.routing.trace().is_kept() {
            self.routing.trace().loaded(B::NAME, keys.iter().collect::<HashSet<_>>().len(), 0);
        }
        if let Ok(answers) = self.loader.try_load_many(keys).await {
            let _ = round.answers.set(answers);
        }
    }
}

/// The end of a round: however its leader ends, nobody joins it any more and everyone in it wakes.
struct End<'a, B: Batch> {
    rounds: &'a Rounds<B>,
    round: &'a Arc<Round<B>>,
}

impl<B: Batch> End<'_, B> {
    fn close(&self) {
        let mut gathering = lock(&self.rounds.gathering);
        if gathering.as_ref().is_some_and(|gathering| Arc::ptr_eq(gathering, self.round)) {
            *gathering = None;
        }
    }
}

impl<B: Batch> Drop for End<'_, B> {
    fn drop(&mut self) {
        self.close();
        self.round.over.notify_waiters();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
