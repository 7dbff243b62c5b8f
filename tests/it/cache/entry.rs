//! What Redis holds of a node, past the servers; and fills that come late, played by hand.

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Cmd};

use crate::support::{Fleet, Shop, until};

/// A moment in microseconds that no server sees.
const NEVER_LATE: i64 = 9_000_000_000_000_000;

/// The place of a node in Redis.
pub struct Entry {
    redis: MultiplexedConnection,
    value: String,
    fence: String,
}

impl Entry {
    /// Of a kind by its word in keys, and a global id; in the history that the instance knows now.
    pub async fn of(fleet: &Fleet, shop: &Shop, kind: &str, id: &str) -> Self {
        let scope = shop.db.scope().expect("the history is known");
        let slot = format!("{:x}.{:x}.{:x}", scope.system, scope.timeline, scope.database);
        let tag = format!("storefront:{{{slot}:{kind}:{}}}", shop.key(id).simple());
        let redis = redis::Client::open(fleet.redis().url()).unwrap();
        let redis = redis.get_multiplexed_async_connection().await.unwrap();
        Self { redis, value: format!("{tag}:v"), fence: format!("{tag}:f") }
    }

    pub async fn bytes(&self) -> Option<Vec<u8>> {
        self.redis.clone().get(&self.value).await.unwrap()
    }

    /// The version of the value that is there.
    pub async fn version(&self) -> Option<i64> {
        self.bytes().await.map(|bytes| version(&bytes))
    }

    /// The value, which reads bring there: in the background, and not from a replica that happens to be late.
    pub async fn stored_by<T>(&self, read: impl AsyncFn() -> T) -> Vec<u8> {
        until("the node is stored", async || {
            read().await;
            self.bytes().await.is_some()
        })
        .await;
        self.bytes().await.unwrap()
    }

    /// Puts any bytes in the place of the value.
    pub async fn set(&self, bytes: &[u8]) {
        let () = self.redis.clone().set_ex(&self.value, bytes, 60).await.unwrap();
    }

    /// The lowest version that may be stored, while a fence stands.
    pub async fn fence(&self) -> Option<i64> {
        self.redis.clone().get(&self.fence).await.unwrap()
    }

    /// Lets Redis lose the fence, as a full one does.
    pub async fn evict_fence(&self) {
        let () = self.redis.clone().del(&self.fence).await.unwrap();
    }

    /// Lets Redis lose the value.
    pub async fn evict_value(&self) {
        let () = self.redis.clone().del(&self.value).await.unwrap();
    }

    /// Puts what makes no sense in the place of the value and of the fence.
    pub async fn spoil(&self) {
        let mut spoilt = redis::pipe();
        spoilt.del(&self.value).rpush(&self.value, "x").set(&self.fence, "abc");
        spoilt.exec_async(&mut self.redis.clone()).await.unwrap();
    }

    /// A fill with these bytes, as an instance sends it; what became of it.
    pub async fn put(&self, bytes: &[u8]) -> String {
        let (outcome,) = self.put_command(bytes).query_async(&mut self.redis.clone()).await.unwrap();
        outcome
    }

    /// The same when Redis has just lost the fence, which a sweep may bring back at any moment.
    pub async fn put_unfenced(&self, bytes: &[u8]) -> String {
        let mut both = redis::pipe();
        both.atomic().del(&self.fence).ignore().add_command(self.put_command(bytes));
        let ((outcome,),): ((String,),) = both.query_async(&mut self.redis.clone()).await.unwrap();
        outcome
    }

    /// A fill with these bytes that was to be there so many microseconds from now, by the clock of Redis; what became of it.
    pub async fn put_within(&self, bytes: &[u8], micros: i64) -> String {
        let mut redis = self.redis.clone();
        let (secs, past_secs): (i64, i64) = redis::cmd("TIME").query_async(&mut redis).await.unwrap();
        let last_moment = secs * 1_000_000 + past_secs + micros;
        let (outcome,) = self.put_by(bytes, last_moment).query_async(&mut redis).await.unwrap();
        outcome
    }

    fn put_command(&self, bytes: &[u8]) -> Cmd {
        self.put_by(bytes, NEVER_LATE)
    }

    fn put_by(&self, bytes: &[u8], last_moment: i64) -> Cmd {
        let mut eval = redis::cmd("EVAL");
        eval.arg(include_str!("../../../src/cache/put.lua")).arg(2).arg(&self.value).arg(&self.fence);
        eval.arg(version(bytes)).arg(60_000).arg(bytes).arg(last_moment);
        eval
    }
}

/// The version in the head of a value.
pub fn version(bytes: &[u8]) -> i64 {
    i64::from_be_bytes(bytes[1..9].try_into().unwrap())
}

/// The same value as another version of the program would write it, which nobody else can read.
pub fn of_other_schema(bytes: &[u8]) -> Vec<u8> {
    [&[bytes[0] ^ 0x80], &bytes[1..]].concat()
}

/// The same value with another version in its head.
pub fn at_version(bytes: &[u8], version: i64) -> Vec<u8> {
    [&bytes[..1], &version.to_be_bytes(), &bytes[9..]].concat()
}
