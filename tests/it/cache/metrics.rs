//! What `/metrics` tells of the cache. The program itself is asked, since a process has one set of metrics.

use std::collections::BTreeSet;

use redis::AsyncCommands;
use serde_json::json;
use storefront::db::NodeKind;

use super::hot::{REMOTE_ONLY, cached, filled, id_of, lists_prefix, node_prefix, redis, until_hot};
use super::process::Process;
use crate::support::{Answer, EXPLAIN, STAFF, TOKEN, UNCACHED, until};

const PRODUCT: &str = "query ($id: ID!) { product(id: $id) { name } }";
const LIST: &str = "{ products { nodes { name } } }";
const STORE: &str = "{ stores { nodes { name } } }";

impl Process {
    async fn read_name(&self, id: &str) -> Answer {
        self.send(PRODUCT, json!({ "id": id }), &[EXPLAIN]).await
    }

    /// Asks until a counter of the cache has risen.
    async fn until_risen(&self, name: &str, labels: &[(&str, &str)], ask: impl AsyncFnMut()) {
        self.until_metric_risen(&format!("storefront_cache_{name}"), labels, ask).await;
    }

    async fn until_metric_risen(&self, name: &str, labels: &[(&str, &str)], mut ask: impl AsyncFnMut()) {
        let before = self.metric(name, labels).await;
        until(&format!("{name} {labels:?} has risen"), async || {
            ask().await;
            self.metric(name, labels).await > before
        })
        .await;
    }
}

/// The metrics of the cache, without what all of them begin with.
const METRICS: [&str; 9] = [
    "cache_fences_total",
    "cache_fills_total",
    "cache_passed_total",
    "cache_reads_total",
    "cache_refused_fills_total",
    "cache_swept_total",
    "redis_breaker_open",
    "redis_breaker_rejections_total",
    "redis_failures_total",
];

const LONG_LOCAL: [(&str, &str); 1] = [("STOREFRONT_LOCAL_CACHE_TTL_MS", "10000")];

#[tokio::test]
async fn reads_and_fills_are_counted_by_kind_and_outcome() {
    let fleet = filled(1, 2).await;
    let other = cached(&fleet, REMOTE_ONLY).await;
    let (id, second) = (id_of(&other, "product", "store-1-1").await, id_of(&other, "product", "store-1-2").await);
    let served = Process::patient(&fleet, &LONG_LOCAL).await;
    let reads = |outcome| [("kind", "product"), ("outcome", outcome)];

    let counted = async |name: &str, labels: &[(&str, &str)], query: &str, id: &str| {
        until(&format!("{name} {labels:?} counts"), async || {
            // An explained request is answered from its parts, never by a whole answer that lives as long as they do.
            served.send(query, json!({ "id": id }), &[EXPLAIN]).await;
            served.counted(name, labels).await > 0.0
        })
        .await;
    };
    assert_eq!(served.counted("reads_total", &[]).await, 0.0);

    counted("reads_total", &reads("miss"), PRODUCT, &id).await;
    counted("fills_total", &[("kind", "product")], PRODUCT, &id).await;
    counted("reads_total", &reads("local_hit"), PRODUCT, &id).await;
    assert_eq!(served.counted("reads_total", &[("kind", "list")]).await, 0.0);
    let list = "query ($id: ID) { products(first: 2) { nodes { name } } product(id: $id) { name } }";
    counted("reads_total", &[("kind", "list"), ("outcome", "miss")], list, &id).await;
    counted("fills_total", &[("kind", "list")], list, &id).await;
    counted("reads_total", &[("kind", "list"), ("outcome", "local_hit")], list, &id).await;

    until_hot(&other, PRODUCT, json!({ "id": second })).await;
    let through_redis = Process::patient(&fleet, &LONG_LOCAL).await;
    until("a hit counts", async || {
        through_redis.read_name(&second).await;
        through_redis.counted("reads_total", &reads("hit")).await > 0.0
    })
    .await;
    through_redis.program.stop().await;
    served.program.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn values_that_are_passed_by_and_fills_that_are_refused_are_counted_by_reason() {
    let fleet = filled(1, 2).await;
    let other = cached(&fleet, REMOTE_ONLY).await;
    let id = id_of(&other, "product", "store-1-1").await;
    let served = Process::patient(&fleet, &[]).await;
    let redis = redis(&fleet).await;
    let prefix = node_prefix(&other, NodeKind::Product, &id);
    let (value, fence) = (format!("{prefix}v"), format!("{prefix}f"));
    let set = async |key: &str, bytes: &[u8]| redis.clone().set::<_, _, ()>(key, bytes).await.unwrap();
    let passed = |reason| [("kind", "product"), ("reason", reason)];
    served.until_risen("reads_total", &[("outcome", "hit")], async || drop(served.read_name(&id).await)).await;
    let old: Vec<u8> = redis.clone().get(&value).await.unwrap();

    let renamed = other.write("productUpdate", json!({ "id": id, "name": "Renamed" }), "product { name }").await;
    let token = renamed.token();
    served
        .until_risen("passed_total", &passed("behind_token"), async || {
            set(&value, &old).await;
            let answer = served.send(PRODUCT, json!({ "id": id }), &[(TOKEN, &token)]).await;
            assert_eq!(answer.string("/product/name"), "Renamed");
        })
        .await;
    let corrupt = [&old[..1], b"of no sense at all"].concat();
    let other_schema = [&[old[0] + 1], &old[1..]].concat();
    for (bytes, reason) in [(corrupt, "corrupt"), (other_schema, "other_schema")] {
        served
            .until_risen("passed_total", &passed(reason), async || {
                set(&value, &bytes).await;
                assert_eq!(served.read_name(&id).await.string("/product/name"), "Renamed");
            })
            .await;
    }

    let refused = |kind, reason| [("kind", kind), ("reason", reason)];
    served
        .until_risen("refused_fills_total", &refused("product", "fenced"), async || {
            let _: u64 = redis.clone().del(&value).await.unwrap();
            set(&fence, b"900000000").await;
            served.read_name(&id).await;
        })
        .await;
    let mark = format!("{}mark:product", lists_prefix(&other));
    served
        .until_risen("refused_fills_total", &refused("list", "behind_mark"), async || {
            set(&mark, i64::MAX.to_string().as_bytes()).await;
            served.send(LIST, json!({}), &[]).await;
        })
        .await;
    let mark = format!("{}mark:store", lists_prefix(&other));
    served
        .until_risen("fills_total", &[("kind", "list")], async || drop(served.send(STORE, json!({}), &[]).await))
        .await;
    served
        .until_risen("refused_fills_total", &refused("list", "no_mark"), async || {
            let _: u64 = redis.clone().del(&mark).await.unwrap();
            served.send(STORE, json!({}), &[]).await;
        })
        .await;
    served
        .until_risen("passed_total", &[("kind", "list"), ("reason", "ended")], async || {
            served.send(STORE, json!({}), &[]).await;
            let _: i64 = redis.clone().incr(&mark, 1).await.unwrap();
            served.send(STORE, json!({}), &[]).await;
        })
        .await;

    let long = "UPDATE products SET description = repeat('x', 70000)";
    fleet.primary().execute(&fleet.database, long).await.unwrap();
    served
        .until_risen("refused_fills_total", &refused("product", "too_long"), async || {
            let _: u64 = redis.clone().del(&[&value, &fence]).await.unwrap();
            served.read_name(&id).await;
        })
        .await;
    served.program.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn fences_sweeps_and_the_breaker_are_counted_and_every_metric_is_described() {
    let fleet = filled(1, 1).await;
    let other = fleet.instance(UNCACHED).await;
    let (id, store) = (id_of(&other, "product", "store-1-1").await, id_of(&other, "store", "store-1").await);
    let proxy = fleet.redis().proxy().unwrap();
    let served = Process::start(&fleet, &[("REDIS_URL", &proxy.url(&fleet.redis().url()))]).await;
    let rename = async || {
        let mutation = "mutation ($id: ID!) { storeUpdate(input: {id: $id, name: \"New\"}) { store { name } } }";
        served.send(mutation, json!({ "id": store }), &[STAFF]).await;
    };
    let main = [("endpoint", "main")];
    assert_eq!(served.metric("storefront_redis_breaker_open", &main).await, 0.0);

    served.until_risen("fences_total", &[("outcome", "heard")], rename).await;
    let by_hand = "UPDATE stores SET name = 'By hand'";
    served
        .until_risen("swept_total", &[], async || {
            fleet.primary().execute(&fleet.database, by_hand).await.unwrap();
        })
        .await;
    served
        .until_risen("refused_fills_total", &[("reason", "too_long")], async || {
            let long = "UPDATE products SET description = repeat('x', 70000)";
            fleet.primary().execute(&fleet.database, long).await.unwrap();
            served.read_name(&id).await;
        })
        .await;

    proxy.cut();
    served
        .until_metric_risen("storefront_redis_failures_total", &main, async || drop(served.read_name(&id).await))
        .await;
    served.until_risen("fences_total", &[("outcome", "unheard")], rename).await;
    until("the breaker is open", async || {
        served.read_name(&id).await;
        served.metric("storefront_redis_breaker_open", &main).await == 1.0
    })
    .await;
    served.until_metric_risen("storefront_redis_breaker_rejections_total", &main, rename).await;
    served
        .until_risen("refused_fills_total", &[("reason", "unreached")], async || {
            served.send("{ stores { nodes { products { nodes { category { name } } } } } }", json!({}), &[]).await;
        })
        .await;

    proxy.heal().unwrap();
    until("the breaker is closed", async || served.metric("storefront_redis_breaker_open", &main).await == 0.0).await;
    served
        .until_risen("reads_total", &[("outcome", "hit")], async || {
            served.send("{ stores { nodes { name } } }", json!({}), &[]).await;
        })
        .await;

    let redis = redis(&fleet).await;
    let value = format!("{}v", node_prefix(&other, NodeKind::Store, &store));
    served
        .until_risen("passed_total", &[("reason", "corrupt")], async || {
            redis.clone().set::<_, _, ()>(&value, b"no value").await.unwrap();
            served.send("{ stores { nodes { name } } }", json!({}), &[]).await;
        })
        .await;

    let text = served.program.get("/metrics").await.text().await.unwrap();
    let names: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .filter_map(|name| name.strip_prefix("storefront_"))
        .filter(|name| ["cache_", "redis_"].iter().any(|part| name.starts_with(part)))
        .collect();
    assert_eq!(names, BTreeSet::from(METRICS));
    let readme = include_str!("../../../README.md");
    for name in METRICS {
        assert!(text.contains(&format!("# HELP storefront_{name} ")), "{name} is not described");
        let is_told = |row: &str| {
            row.starts_with("| `storefront_")
                && ['`', '{'].iter().any(|end| row.contains(&format!("`storefront_{name}{end}")))
        };
        assert!(readme.lines().any(is_told), "{name} has no row in README.md");
    }
    served.program.stop().await;
    other.stop().await;
    fleet.end().await;
}
