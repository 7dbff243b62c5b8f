//! What tests of hot reads share: a shop that was filled long ago, and what an answer cost.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use storefront::db::NodeKind;
use storefront::graphql::{Kind, plain_id};
use uuid::Uuid;

use crate::support::{Answer, EXPLAIN, Fleet, Shop, UNCACHED, until};

/// Values live for a day, and a busy machine is no Redis that is away.
pub const PATIENT: &[&str] = &[
    "--redis-timeout-ms",
    "5000",
    "--redis-connect-timeout-ms",
    "5000",
    "--product-ttl-secs",
    "86400",
    "--stock-ttl-secs",
    "86400",
    "--list-ttl-secs",
    "86400",
    "--category-list-ttl-secs",
    "86400",
];
/// No in-process tier.
pub const REMOTE_ONLY: &[&str] = &["--local-cache-ttl-ms", "0"];
/// An in-process tier that holds what it has for as long as a test takes.
pub const LONG_LOCAL: &[&str] = &["--local-cache-ttl-ms", "10000"];

/// A fleet with a shop that was filled long ago: its change log is swept.
pub async fn filled(stores: u32, products: u32) -> Fleet {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(UNCACHED).await;
    shop.fill(stores, products).await;
    settle(&fleet).await;
    shop.stop().await;
    fleet
}

/// Lets everything that was written so far be swept long since. Servers that cache may not run yet.
pub async fn settle(fleet: &Fleet) {
    let swept = "UPDATE change_log SET fenced_at = now(), is_settled = true";
    fleet.primary().execute(&fleet.database, swept).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
}

/// An instance on a fleet, with patience and further flags.
pub async fn cached(fleet: &Fleet, flags: &[&str]) -> Shop {
    fleet.cached(&[PATIENT, flags].concat()).await
}

/// A shopper's read, explained.
pub async fn read(shop: &Shop, query: &str, variables: Value) -> Answer {
    shop.send(query, variables, &[EXPLAIN]).await
}

/// Asks again and again until the answer costs no statement and misses nothing; that answer. One without a statement of its own may have
/// been served by another request's.
pub async fn until_hot(shop: &Shop, query: &str, variables: Value) -> Answer {
    let mut answer = read(shop, query, variables.clone()).await;
    until(&format!("{query} is hot"), async || {
        answer = read(shop, query, variables.clone()).await;
        answer.statements() == 0 && answer.misses() == 0
    })
    .await;
    answer
}

/// The id of a product, a store or a category, asked of the database: the cache learns nothing of it.
pub async fn id_of(shop: &Shop, noun: &str, slug: &str) -> String {
    let (table, kind) = match noun {
        "product" => ("products", Kind::Product),
        "store" => ("stores", Kind::Store),
        _ => ("categories", Kind::Category),
    };
    let pool = shop.database_pool().await;
    let sql = format!("SELECT id FROM {table} WHERE slug = '{slug}'");
    let row = pool.query_one_raw(Statement::from_string(pool.get_database_backend(), sql)).await.unwrap().unwrap();
    let id: Uuid = row.try_get("", "id").unwrap();
    pool.close().await.unwrap();
    plain_id(kind, id).to_string()
}

impl Answer {
    /// Round trips to Redis.
    #[track_caller]
    pub fn calls(&self) -> u64 {
        self.cache()["calls"].as_u64().unwrap()
    }

    /// What the cache did for an explained answer.
    #[track_caller]
    pub fn cache(&self) -> &Value {
        let cache = &self.json["extensions"]["explain"]["cache"];
        assert!(cache.is_object(), "nothing explained in {}", self.text);
        cache
    }

    /// What was looked for and not found.
    #[track_caller]
    fn misses(&self) -> u64 {
        self.cache()["reads"].as_array().unwrap().iter().map(|reads| reads["missed"].as_u64().unwrap()).sum()
    }

    /// What a loader found in the process, in the store, and not at all.
    #[track_caller]
    pub fn found(&self, loader: &str) -> (u64, u64, u64) {
        let reads = self.cache()["reads"].as_array().unwrap();
        let Some(reads) = reads.iter().find(|reads| reads["loader"] == loader) else { return (0, 0, 0) };
        let number = |name: &str| reads[name].as_u64().unwrap();
        (number("inProcess"), number("stored"), number("missed"))
    }
}

/// A session on a fleet's Redis.
pub async fn redis(fleet: &Fleet) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(fleet.redis().url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// The beginning of the keys of all that a shop's database has in Redis, but for the kind.
pub fn prefix(shop: &Shop) -> String {
    let scope = shop.db.scope().unwrap();
    format!("storefront:{{{:x}.{:x}.{:x}:", scope.system, scope.timeline, scope.database)
}

/// The beginning of the keys of lists and their marks.
pub fn lists_prefix(shop: &Shop) -> String {
    format!("{}lists}}:", prefix(shop))
}

/// The beginning of the keys of one node, its value and its fence.
pub fn node_prefix(shop: &Shop, kind: NodeKind, id: &str) -> String {
    format!("{}{}:{}}}:", prefix(shop), kind.word(), shop.key(id).simple())
}

/// All keys that begin so.
pub async fn keys(redis: &mut redis::aio::MultiplexedConnection, prefix: &str) -> Vec<String> {
    redis::cmd("KEYS").arg(format!("{prefix}*")).query_async(redis).await.unwrap()
}
