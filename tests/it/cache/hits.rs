//! What hot reads cost, and how explain tells of it.

use devstack::StackOptions;
use serde_json::json;

use super::hot::{LONG_LOCAL, REMOTE_ONLY, cached, filled, id_of, read, redis, settle, until_hot};
use crate::support::{Answer, Fleet, UNCACHED};

const PRODUCT: &str =
    "query ($id: ID!) { product(id: $id) { name store { name } skus { price { amount } stock { quantity } } } }";

/// Statements, and round trips to Redis.
fn costs(answer: &Answer) -> (u64, u64) {
    (answer.statements(), answer.calls())
}

#[tokio::test]
async fn a_hot_product_with_store_skus_and_stock_costs_two_round_trips_and_no_statement() {
    let fleet = filled(1, 2).await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let id = id_of(&shop, "product", "store-1-1").await;

    let cold = read(&shop, PRODUCT, json!({ "id": id })).await;
    let hot = until_hot(&shop, PRODUCT, json!({ "id": id })).await;

    // The product with its stock, and the store.
    assert_eq!(cold.statements(), 2, "{}", cold.text);
    assert_eq!(costs(&hot), (0, 2), "{}", hot.text);
    assert_eq!(cold.data("/product"), hot.data("/product"));
    let reads = |found: &str| {
        ["ProductById", "StoreById", "StockByProduct"].map(|loader| {
            let mut reads = json!({ "loader": loader, "inProcess": 0, "stored": 0, "missed": 0 });
            reads[found] = json!(1);
            reads
        })
    };
    for (answer, found) in [(&cold, "missed"), (&hot, "stored")] {
        let told = answer.cache()["reads"].as_array().unwrap();
        assert_eq!(told.len(), 3, "{}", answer.text);
        assert!(reads(found).iter().all(|reads| told.contains(reads)), "{}", answer.text);
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn the_in_process_tier_spares_the_round_trips_as_well() {
    let fleet = filled(1, 2).await;
    let (one, other) = (cached(&fleet, LONG_LOCAL).await, cached(&fleet, LONG_LOCAL).await);
    let id = id_of(&one, "product", "store-1-1").await;

    let cold = until_hot(&one, PRODUCT, json!({ "id": id })).await;
    let through_redis = read(&other, PRODUCT, json!({ "id": id })).await;
    let hot = read(&other, PRODUCT, json!({ "id": id })).await;

    assert_eq!(costs(&through_redis), (0, 2), "{}", through_redis.text);
    assert_eq!(costs(&hot), (0, 0), "{}", hot.text);
    for loader in ["ProductById", "StoreById", "StockByProduct"] {
        assert_eq!(hot.found(loader), (1, 0, 0), "{}", hot.text);
    }
    assert_eq!(cold.data("/product"), hot.data("/product"));
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn many_nodes_are_asked_for_in_mgets_of_fifty() {
    // Redis counts for all who use it.
    let fleet = Fleet::faulty_with(StackOptions { replicas: 1, ..StackOptions::default() }).await;
    let writer = fleet.instance(UNCACHED).await;
    writer.fill(1, 101).await;
    settle(&fleet).await;
    let all = writer.ask("{ products(first: 100) { nodes { id } } }", json!({})).await;
    let ids = all.strings("/products/nodes", "id");
    writer.stop().await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { name skus { stock { quantity } } } } }";
    until_hot(&shop, nodes, json!({ "ids": ids })).await;
    let mgets = async || -> u64 {
        let stats: String =
            ::redis::cmd("INFO").arg("commandstats").query_async(&mut redis(&fleet).await).await.unwrap();
        let mgets = stats.lines().find_map(|line| line.strip_prefix("cmdstat_mget:calls=")).unwrap();
        mgets.split(',').next().unwrap().parse().unwrap()
    };

    let before = mgets().await;
    let rows_only = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { name } } }";
    let hot = read(&shop, rows_only, json!({ "ids": ids })).await;
    assert_eq!((hot.statements(), mgets().await - before), (0, 2), "{}", hot.text);

    let hot = read(&shop, rows_only, json!({ "ids": ids[..50] })).await;
    assert_eq!((hot.statements(), mgets().await - before), (0, 3), "{}", hot.text);

    let hot = read(&shop, nodes, json!({ "ids": ids })).await;
    assert_eq!((hot.statements(), mgets().await - before), (0, 7), "{}", hot.text);
    assert_eq!(hot.found("StockByProduct"), (0, 100, 0));
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_slug_that_went_to_another_product_leads_there_whatever_is_cached() {
    let fleet = Fleet::shared().await;
    let shop = fleet.cached(&["--local-cache-ttl-ms", "10000"]).await;
    shop.fill(2, 1).await;
    fleet.stack().await_replay().await.unwrap();
    let seen = shop.ask("{ products(first: 2) { nodes { id slug } } }", json!({})).await;
    let (one, slug) = (seen.string("/products/nodes/0/id"), seen.string("/products/nodes/0/slug"));
    let other = seen.string("/products/nodes/1/id");
    for id in [&one, &other] {
        read(&shop, PRODUCT, json!({ "id": id })).await;
    }

    let rename = |old: &str, new: &str| format!("UPDATE products SET slug = '{new}' WHERE slug = '{old}'");
    let second = seen.string("/products/nodes/1/slug");
    let swap = format!("{}; {}", rename(&slug, "elsewhere"), rename(&second, &slug));
    fleet.primary().execute(&fleet.database, &swap).await.unwrap();
    fleet.stack().await_replay().await.unwrap();

    let by_slug = "query ($slug: String!) { product(slug: $slug) { id slug } }";
    let found = shop.ask(by_slug, json!({ "slug": slug })).await;
    assert_eq!((found.string("/product/id"), found.string("/product/slug")), (other, slug));
    let hot = shop.explain(by_slug, json!({ "slug": "elsewhere" })).await;
    assert_eq!(hot.string("/product/id"), one);
    shop.stop().await;
    fleet.end().await;
}
