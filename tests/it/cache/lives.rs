//! How long values stay in Redis.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::hot::{PATIENT, REMOTE_ONLY, filled, keys, prefix, redis, until_hot};

const PRODUCTS: &str =
    "{ products(first: 20) { nodes { name store { name } category { name } skus { stock { quantity } } } } }";
const TREE: &str = "{ categories(rootsOnly: true) { nodes { name children { name } } } }";
/// So far apart that no tenth more or less makes one of them another; and no busy machine.
const LIVES: [(&str, &str); 4] = [
    ("--product-ttl-secs", "10000"),
    ("--stock-ttl-secs", "20000"),
    ("--list-ttl-secs", "40000"),
    ("--category-list-ttl-secs", "80000"),
];
/// The longest that a test takes.
const TEST_MS: i64 = 120_000;

#[tokio::test]
async fn what_is_stored_lives_as_long_as_its_setting_a_tenth_more_or_less() {
    let fleet = filled(1, 20).await;
    let lives: Vec<&str> = LIVES.iter().flat_map(|(flag, secs)| [*flag, *secs]).collect();
    let shop = fleet.cached(&[PATIENT, REMOTE_ONLY, &lives].concat()).await;
    for query in [PRODUCTS, TREE] {
        until_hot(&shop, query, json!({})).await;
    }

    let (mut session, prefix) = (redis(&fleet).await, prefix(&shop));
    let mut left_ms: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for key in keys(&mut session, &prefix).await {
        let name = key.strip_prefix(&prefix).unwrap();
        // `product:ID}:v`, `lists}:NAME:HASH`; beside them fences and marks, which no setting rules.
        let kind = match name.strip_prefix("lists}:") {
            Some(list) => list.split(':').next().unwrap(),
            None if name.ends_with(":v") => name.split(':').next().unwrap(),
            None => continue,
        };
        let left: i64 = ::redis::cmd("PTTL").arg(&key).query_async(&mut session).await.unwrap();
        left_ms.entry(kind.to_owned()).or_default().insert(left);
    }

    let of = |secs: i64| (secs * 900 - TEST_MS)..=(secs * 1100);
    for (kind, secs) in [
        ("product", 10_000),
        ("store", 10_000),
        ("category", 10_000),
        ("stock", 20_000),
        ("ProductPage", 40_000),
        ("CategoryPage", 80_000),
        ("ChildrenByCategory", 80_000),
    ] {
        let left_ms = &left_ms.get(kind).unwrap_or_else(|| panic!("no {kind} in {left_ms:?}"));
        assert!(left_ms.iter().all(|left| of(secs).contains(left)), "{kind}: {left_ms:?}");
    }
    // They do not end together.
    for kind in ["product", "stock"] {
        let (first, last) = (left_ms[kind].first().unwrap(), left_ms[kind].last().unwrap());
        assert!(left_ms[kind].len() > 10 && last - first > TEST_MS, "{kind}: {left_ms:?}");
    }
    shop.stop().await;
    fleet.end().await;
}
