//! What a hot read costs.

use serde_json::json;

use crate::support::{Answer, EXPLAIN, Fleet, Shop};

const PRODUCT: &str =
    "query ($id: ID!) { product(id: $id) { name store { name } skus { price { amount } stock { quantity } } } }";

async fn read(shop: &Shop, id: &str) -> Answer {
    shop.send(PRODUCT, json!({ "id": id }), &[EXPLAIN]).await
}

/// Statements, and round trips to Redis.
fn costs(answer: &Answer) -> (u64, u64) {
    (answer.statements(), answer.json["extensions"]["explain"]["cache"]["calls"].as_u64().unwrap())
}

#[tokio::test]
async fn a_hot_product_with_store_skus_and_stock_costs_no_statement() {
    let fleet = Fleet::shared().await;
    let shop = fleet.cached(&["--local-cache-ttl-ms", "0"]).await;
    shop.fill(1, 2).await;
    fleet.stack().await_replay().await.unwrap();
    let id = shop.ask("{ products(first: 1) { nodes { id } } }", json!({})).await.string("/products/nodes/0/id");

    let cold = read(&shop, &id).await;
    let hot = read(&shop, &id).await;

    assert_eq!(costs(&cold).0, 3, "{}", cold.text);
    assert_eq!(costs(&hot), (0, 2), "{}", hot.text);
    assert_eq!(cold.data("/product"), hot.data("/product"));
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
        read(&shop, id).await;
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
