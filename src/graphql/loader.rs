//! Batched reads: what the fields of one request ask for one by one is read from the database together.
//!
//! A domain names what it loads by implementing [`Batch`]; this file turns that into a loader of the `dataloader` crate. Loaders
//! live as long as one request: what they hold is never seen by another one. Failures are values, so one lost batch fails
//! the fields that asked and nothing else.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use dataloader::BatchFn;
use dataloader::cached::Loader;
use futures_util::poll;
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::db::Routing;
use crate::error::{Error, Result};

/// No operation within the limits asks one loader for more keys at once: a page of 100 under each of 100 parents, ten skus each.
const LARGEST_BATCH: usize = 100_000;

/// A read by key that is done for many keys in one statement.
pub trait Batch: Send + Sync + 'static {
    type Key: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    type Value: Clone + Send + Sync + 'static;

    /// The name in explain and in the metrics.
    const NAME: &'static str;

    /// The values of those keys that have one. Runs when the batch is complete, so the host is chosen then.
    fn load(
        routing: &Routing,
        keys: &[Self::Key],
    ) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>>> + Send;
}

/// All loaders of one request, made when first asked for.
pub struct Loaders {
    routing: Arc<Routing>,
    by_batch: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Loaders {
    pub fn new(routing: Arc<Routing>) -> Self {
        Self { routing, by_batch: Mutex::default() }
    }

    /// The value of a key, read together with all keys that are asked for at the same moment; `None` when there is none.
    pub async fn load<B: Batch>(&self, key: B::Key) -> Result<Option<B::Value>> {
        let rounds = self.rounds::<B>();
        // Unconstrained: tokio makes a task pause after 128 locks, and a batch would run without the fields behind that.
        tokio::task::unconstrained(rounds.load(key)).await
    }

    /// Forgets everything read so far: a write of this request may have changed it.
    pub fn forget(&self) {
        lock(&self.by_batch).clear();
    }

    fn rounds<B: Batch>(&self) -> Arc<Rounds<B>> {
        let mut loaders = lock(&self.by_batch);
        let rounds =
            loaders.entry(TypeId::of::<B>()).or_insert_with(|| Arc::new(Rounds::<B>::new(self.routing.clone())));
        rounds.clone().downcast().expect("a loader is kept under the type of its batch")
    }
}

/// The batch function as the `dataloader` crate calls it: every key gets a value, be it `None` or the failure.
struct Run<B> {
    routing: Arc<Routing>,
    batch: PhantomData<fn() -> B>,
}

impl<B: Batch> BatchFn<B::Key, Result<Option<B::Value>>> for Run<B> {
    async fn load(&mut self, keys: &[B::Key]) -> HashMap<B::Key, Result<Option<B::Value>>> {
        metrics::histogram!("storefront_batch_keys", "loader" => B::NAME).record(keys.len() as f64);
        match B::load(&self.routing, keys).await {
            Ok(mut found) => keys.iter().map(|key| (key.clone(), Ok(found.remove(key)))).collect(),
            Err(error) => keys.iter().map(|key| (key.clone(), Err::<_, Error>(error.clone()))).collect(),
        }
    }
}

/// One loader, whose callers go in rounds.
///
/// By itself the loader wakes its callers one after another, as each takes its lock from the one before. What they ask for next
/// then trickles in, and with ten thousand of them the next level's batch runs before all have asked. Here the first caller of a
/// round leads: it alone waits for the batch, and all others wake at once when it is done.
struct Rounds<B: Batch> {
    loader: Loader<B::Key, Result<Option<B::Value>>, Run<B>>,
    current: Mutex<Current>,
}

#[derive(Default)]
enum Current {
    /// Nobody asks. The next caller leads.
    #[default]
    Idle,
    /// The leader lets everyone else ask before it runs the batch.
    Gathering(Arc<Notify>),
    /// The batch runs. Who comes now waits for the next round, and does not touch the loader, whose lock is held.
    Running(Arc<Notify>),
    /// A leader was dropped half-way, because a sibling of its field failed. From then on every caller goes by itself, as the
    /// loader alone would have it.
    Leaderless,
}

enum Turn<'a, B: Batch> {
    Leads(Lead<'a, B>),
    Follows(OwnedNotified),
    Waits(OwnedNotified),
    ByItself,
}

impl<B: Batch> Rounds<B> {
    fn new(routing: Arc<Routing>) -> Self {
        let loader = Loader::new(Run { routing, batch: PhantomData });
        Self { loader: loader.with_yield_count(1).with_max_batch_size(LARGEST_BATCH), current: Mutex::default() }
    }

    async fn load(&self, key: B::Key) -> Result<Option<B::Value>> {
        loop {
            let mut asked = pin!(self.loader.try_load(key.clone()));
            let answer = match self.turn() {
                Turn::Waits(round) => {
                    round.await;
                    continue;
                }
                Turn::Leads(lead) => {
                    let answer = match poll!(asked.as_mut()) {
                        Poll::Ready(answer) => answer,
                        Poll::Pending => {
                            tokio::task::yield_now().await;
                            lead.run();
                            asked.await
                        }
                    };
                    lead.end();
                    answer
                }
                Turn::Follows(round) => match poll!(asked.as_mut()) {
                    Poll::Ready(answer) => answer,
                    Poll::Pending => {
                        round.await;
                        asked.await
                    }
                },
                Turn::ByItself => asked.await,
            };
            // The loader knows nothing of a key only when a leader was dropped with the batch. It is asked again.
            if let Ok(value) = answer {
                return value;
            }
        }
    }

    fn turn(&self) -> Turn<'_, B> {
        let mut current = lock(&self.current);
        match &*current {
            Current::Idle => {
                let round = Arc::new(Notify::new());
                *current = Current::Gathering(round.clone());
                Turn::Leads(Lead { rounds: self, round, has_ended: false })
            }
            Current::Gathering(round) => Turn::Follows(round.clone().notified_owned()),
            Current::Running(round) => Turn::Waits(round.clone().notified_owned()),
            Current::Leaderless => Turn::ByItself,
        }
    }
}

/// The lead of a round. When it is dropped, the round is over and everyone in it wakes.
struct Lead<'a, B: Batch> {
    rounds: &'a Rounds<B>,
    round: Arc<Notify>,
    has_ended: bool,
}

impl<B: Batch> Lead<'_, B> {
    fn run(&self) {
        *lock(&self.rounds.current) = Current::Running(self.round.clone());
    }

    fn end(mut self) {
        self.has_ended = true;
    }
}

impl<B: Batch> Drop for Lead<'_, B> {
    fn drop(&mut self) {
        *lock(&self.rounds.current) = if self.has_ended { Current::Idle } else { Current::Leaderless };
        self.round.notify_waiters();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use clap::Parser;
    use futures_util::future::join_all;

    use super::*;
    use crate::config::DatabaseConfig;
    use crate::db::Db;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        database: DatabaseConfig,
    }

    async fn loaders(folder: &tempfile::TempDir) -> Loaders {
        let url = format!("sqlite://{}", folder.path().join("shop.db").display());
        let flags = Flags::parse_from(["test", "--database-url", &url]);
        Loaders::new(Arc::new(Routing::new(Arc::new(Db::connect(&flags.database).await.unwrap()))))
    }

    /// Doubles its keys, and counts its batches.
    struct Double;
    static DOUBLED: AtomicUsize = AtomicUsize::new(0);

    impl Batch for Double {
        type Key = u32;
        type Value = u32;
        const NAME: &'static str = "Double";

        async fn load(_: &Routing, keys: &[u32]) -> Result<HashMap<u32, u32>> {
            DOUBLED.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(keys.iter().map(|key| (*key, key * 2)).collect())
        }
    }

    #[tokio::test]
    async fn ten_thousand_callers_on_two_levels_are_two_batches() {
        let folder = tempfile::tempdir().unwrap();
        let loaders = loaders(&folder).await;
        let twice = async |key: u32| {
            let doubled = loaders.load::<Double>(key).await.unwrap().unwrap();
            loaders.load::<Double>(doubled + 100_000).await.unwrap().unwrap()
        };

        let hundreds = (0..100).map(|hundred| join_all((0..100).map(move |one| hundred * 100 + one).map(&twice)));
        let found: Vec<u32> = join_all(hundreds).await.into_iter().flatten().collect();

        assert!(found.into_iter().eq((0..10_000).map(|key| (key * 2 + 100_000) * 2)));
        assert_eq!(DOUBLED.load(Ordering::Relaxed), 2);
    }

    /// Never answers the first time.
    struct Stuck;
    static STUCK: AtomicUsize = AtomicUsize::new(0);

    impl Batch for Stuck {
        type Key = u32;
        type Value = u32;
        const NAME: &'static str = "Stuck";

        async fn load(_: &Routing, keys: &[u32]) -> Result<HashMap<u32, u32>> {
            if STUCK.fetch_add(1, Ordering::Relaxed) == 0 {
                std::future::pending::<()>().await;
            }
            Ok(keys.iter().map(|key| (*key, key + 1)).collect())
        }
    }

    #[tokio::test]
    async fn a_leader_that_is_dropped_with_its_batch_takes_nobody_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let loaders = loaders(&folder).await;
        let leader = Box::pin(loaders.load::<Stuck>(1));
        let followers = join_all((1..5).map(|key| loaders.load::<Stuck>(key)));
        let gone = async {
            // Dropped as soon as it has begun the batch.
            let stuck = async {
                while STUCK.load(Ordering::Relaxed) == 0 {
                    tokio::task::yield_now().await
                }
            };
            futures_util::future::select(leader, Box::pin(stuck)).await;
        };

        let ((), found) = tokio::join!(gone, followers);

        assert_eq!(found.into_iter().map(|value| value.unwrap().unwrap()).collect::<Vec<_>>(), [2, 3, 4, 5]);
    }
}
