//! A server that has a product in its cache learns of an import from the change log.

use serde_json::json;

use super::{import, product};
use crate::support::{EXPLAIN, Fleet, Shop, on_both, run, until};

on_both!(a_running_server_shows_what_was_imported);

const FILE: &str = "Handle,Title,Published,Option1 Name,Option1 Value,Variant Inventory Qty,Variant Price\nmug,Mug,true,Size,S,1,3\nmug,,,,L,1,4\n";
const CHANGED: &str = "Handle,Title,Published,Option1 Name,Option1 Value,Variant Inventory Qty,Variant Price\nmug,Big mug,true,Size,L,7,5\n";
const MUG: &str = "{ product(slug: \"mug\") { name skus { title price { amount } stock { quantity } } } \
     products(first: 5) { nodes { name priceRange { max { amount } } } } }";

fn changed() -> serde_json::Value {
    json!({
        "product": { "name": "Big mug", "skus": [{ "title": "L", "price": { "amount": "5.00" }, "stock": { "quantity": 7 } }] },
        "products": { "nodes": [{ "name": "Big mug", "priceRange": { "max": { "amount": "5.00" } } }] }
    })
}

async fn a_running_server_shows_what_was_imported(shop: &Shop) {
    import(shop, FILE, &[]).await.succeeded();
    until("the product is there", async || !product(shop, "mug").await.is_null()).await;
    shop.ask(MUG, json!({})).await;

    import(shop, CHANGED, &[]).await.succeeded();

    until("the change is seen", async || shop.ask(MUG, json!({})).await.json["data"] == changed()).await;
}

#[tokio::test]
async fn servers_that_share_redis_show_what_was_imported() {
    let fleet = Fleet::shared().await;
    let folder = tempfile::tempdir().unwrap();
    let url = fleet.primary_url();
    let import = async |text: &str| {
        std::fs::write(folder.path().join("shop.csv"), text).unwrap();
        run(folder.path(), &["import", "shop.csv"], &[("DATABASE_URL", &url)]).await.succeeded();
    };
    let shop = fleet.cached(&[]).await;
    import(FILE).await;
    until("the product is cached", async || {
        let asked = shop.send(MUG, json!({}), &[EXPLAIN]).await;
        asked.json["data"]["product"]["name"] == "Mug" && asked.statements() <= 1
    })
    .await;

    import(CHANGED).await;

    until("the change is seen", async || shop.ask(MUG, json!({})).await.json["data"] == changed()).await;
    shop.stop().await;
    fleet.end().await;
}
