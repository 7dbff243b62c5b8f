//! Batches by the rounds of their callers.

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
    let routing = Routing::new(Arc::new(Db::connect(&flags.database).await.unwrap()));
    Loaders::new(Reads::new(routing, Arc::new(Cache::off())))
}

/// Doubles its keys, and counts its batches.
struct Double;
static DOUBLED: AtomicUsize = AtomicUsize::new(0);

impl Batch for Double {
    type Key = u32;
    type Value = u32;
    const NAME: &'static str = "Double";

    async fn load(_: &Reads, keys: &[u32]) -> Result<HashMap<u32, u32>> {
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

/// Three further keys for each key.
struct Children;

impl Batch for Children {
    type Key = u32;
    type Value = Vec<u32>;
    const NAME: &'static str = "Children";

    async fn load(_: &Reads, keys: &[u32]) -> Result<HashMap<u32, Vec<u32>>> {
        tokio::task::yield_now().await;
        Ok(keys.iter().map(|key| (*key, vec![key / 2, key / 3, key / 5])).collect())
    }
}

/// The same loader on every level, some keys known and some not, and fields that come late: nobody waits for ever.
#[tokio::test]
async fn callers_of_adjacent_levels_never_wait_for_each_other() {
    fn descend<'a>(loaders: &'a Loaders, key: u32, depth: u32) -> futures_util::future::BoxFuture<'a, u32> {
        Box::pin(async move {
            let children = loaders.load::<Children>(key).await.unwrap().unwrap();
            for _ in 0..key % 4 {
                tokio::task::yield_now().await;
            }
            if depth == 0 {
                return 1;
            }
            join_all(children.into_iter().map(|child| descend(loaders, child, depth - 1))).await.into_iter().sum()
        })
    }
    let folder = tempfile::tempdir().unwrap();
    let loaders = loaders(&folder).await;

    for first in 0..20 {
        let keys = (first * 37..first * 37 + 100).map(|key| descend(&loaders, key, 3));
        let found: u32 = join_all(keys).await.into_iter().sum();
        assert_eq!(found, 100 * 27);
        loaders.forget();
    }
}

/// Never answers the first time.
struct Stuck;
static STUCK: AtomicUsize = AtomicUsize::new(0);

impl Batch for Stuck {
    type Key = u32;
    type Value = u32;
    const NAME: &'static str = "Stuck";

    async fn load(_: &Reads, keys: &[u32]) -> Result<HashMap<u32, u32>> {
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
