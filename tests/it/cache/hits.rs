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
