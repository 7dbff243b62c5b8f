//! Warming: what is viewed most is read before anyone asks.

use redis::AsyncCommands;
use serde_json::json;
use storefront::db::NodeKind;

use super::hot::{REMOTE_ONLY, cached, filled, node_prefix, read, redis};
use crate::support::{Program, Shop, until};

const PRODUCT: &str = "query ($id: ID!) { product(id: $id) { name store { name } skus { stock { quantity } } } }";

/// The key of the views of a shop's products.
fn views_key(shop: &Shop) -> String {
    let scope = shop.db.scope().unwrap();
    format!("storefront:{{{:x}.{:x}:views}}", scope.system, scope.database)
}

#[tokio::test]
async fn the_most_viewed_products_are_read_by_a_new_instance_in_one_statement() {
    let fleet = filled(1, 60).await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let ids = shop.ask("{ products(first: 60) { nodes { id } } }", json!({})).await.strings("/products/nodes", "id");
    let (often, seldom) = (&ids[0], &ids[1]);
    for (id, views) in [(often, 3), (seldom, 1)] {
        for _ in 0..views {
            read(&shop, PRODUCT, json!({ "id": id })).await;
        }
    }
    // A list is no view.
    read(&shop, "{ products(first: 10) { nodes { name } } }", json!({})).await;

    let mut redis = redis(&fleet).await;
    let member = |id: &str| shop.key(id).simple().to_string();
    until("the views are counted", async || {
        let ranked: Vec<String> = redis.clone().zrevrange(views_key(&shop), 0, -1).await.unwrap();
        ranked == [member(often), member(seldom)]
    })
    .await;
    let weights: Vec<f64> = redis.zscore_multiple(views_key(&shop), &[member(often), member(seldom)]).await.unwrap();
    assert!((weights[0] / weights[1] - 3.0).abs() < 0.01, "{weights:?}");

    // Two less viewed than all others: only fifty are read.
    for id in &ids[2..52] {
        let _: f64 = redis.zincr(views_key(&shop), member(id), weights[0] * 10.0).await.unwrap();
    }
    for id in &ids {
        for kind in [NodeKind::Product, NodeKind::Stock] {
            let _: u64 = redis.del(format!("{}v", node_prefix(&shop, kind, id))).await.unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (primary, replicas, url) = (fleet.primary_url(), fleet.replica_urls().join(","), fleet.redis().url());
    let environment = [("DATABASE_URL", primary.as_str()), ("REPLICA_URLS", &replicas), ("REDIS_URL", &url)];
    let other = Program::serve(folder.path(), &environment).await;
    let is_there = async |id: &str, kind| -> bool {
        redis.clone().exists(format!("{}v", node_prefix(&shop, kind, id))).await.unwrap()
    };
    for kind in [NodeKind::Product, NodeKind::Stock] {
        for id in &ids[2..52] {
            until("a much viewed product is warm", async || is_there(id, kind).await).await;
        }
    }

    for id in [often, seldom, &ids[55]] {
        assert!(!is_there(id, NodeKind::Product).await);
    }
    let metrics = other.get("/metrics").await.text().await.unwrap();
    // Their stock comes with them.
    let counted = "storefront_sql_statements_total{label=\"ProductById\"} 1";
    assert!(metrics.lines().any(|line| line == counted), "no {counted}");
    let warm = read(&shop, PRODUCT, json!({ "id": ids[20] })).await;
    assert_eq!(warm.statements(), 0, "{}", warm.text);
    other.stop().await;
    shop.stop().await;
    fleet.end().await;
}
