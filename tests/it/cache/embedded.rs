//! The embedded database: the same rules in the process, which is the only one that usually writes.

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use super::hot::{id_of, read, until_hot};
use crate::support::{EXPLAIN, Kind, STAFF, Shop, TOKEN, UNCACHED, until};

const PRODUCT: &str =
    "query ($id: ID!) { product(id: $id) { name status store { name } skus { price { amount } stock { quantity } } } }";
const LIST: &str =
    "{ products(orderBy: {field: NAME}) { nodes { slug name skus { price { amount } } } pageInfo { endCursor } } }";
const TREE: &str = "{ categories(rootsOnly: true) { nodes { name children { name ancestors { name } } } } }";
const STORES: &str = "{ stores { nodes { name } } }";

async fn shop() -> (Shop, String) {
    let shop = Shop::start(Kind::Sqlite).await;
    shop.fill(1, 3).await;
    let id = id_of(&shop, "product", "store-1-1").await;
    (shop, id)
}

#[tokio::test]
async fn hot_nodes_and_lists_cost_no_statement() {
    let (shop, id) = shop().await;

    for (query, variables) in
        [(PRODUCT, json!({ "id": id })), (LIST, json!({})), (TREE, json!({})), (STORES, json!({}))]
    {
        let cold = read(&shop, query, variables.clone()).await;
        let hot = until_hot(&shop, query, variables).await;

        assert!(cold.statements() > 0, "{}", cold.text);
        assert_eq!(cold.json["data"], hot.json["data"]);
        assert_eq!(hot.calls(), 0, "{}", hot.text);
        let reads = hot.cache()["reads"].as_array().unwrap();
        assert!(!reads.is_empty() && reads.iter().all(|reads| reads["missed"] == 0 && reads["inProcess"] == 0));
    }
    shop.stop().await;
}

/// Without a token: there is only one process, and its write has ended what was cached before it is answered.
#[tokio::test]
async fn a_write_is_seen_by_everyone_with_the_next_read() {
    let (shop, id) = shop().await;
    let store = id_of(&shop, "store", "store-1").await;
    let category = id_of(&shop, "category", "some").await;
    let hot = async || {
        for (query, variables) in
            [(PRODUCT, json!({ "id": id })), (LIST, json!({})), (TREE, json!({})), (STORES, json!({}))]
        {
            until_hot(&shop, query, variables).await;
        }
    };
    let shown = async |query: &str, text: &str| {
        let answer = shop.ask(query, json!({ "id": id })).await;
        assert!(answer.text.contains(text), "no {text} in {}", answer.text);
    };

    hot().await;
    shop.done("productUpdate", json!({ "id": id, "name": "Renamed product" }), "product { id }").await;
    shown(PRODUCT, "Renamed product").await;
    shown("{ products(orderBy: {field: NAME}) { nodes { name } } }", "Renamed product").await;

    hot().await;
    shop.rename(&store, "Renamed store").await;
    shown(PRODUCT, "Renamed store").await;
    shown(STORES, "Renamed store").await;

    hot().await;
    shop.done("categoryUpdate", json!({ "id": category, "name": "Renamed category" }), "category { id }").await;
    shown(TREE, "Renamed category").await;

    hot().await;
    let sku = shop.ask_as_staff("query ($id: ID!) { product(id: $id) { skus { id } } }", json!({ "id": id })).await;
    let sku = sku.string("/product/skus/0/id");
    shop.done("skuUpdate", json!({ "id": sku, "price": "77.00" }), "sku { id }").await;
    shown(PRODUCT, "77.00").await;
    shown(LIST, "77.00").await;
    shop.stock(&sku, 4321).await;
    shown(PRODUCT, "4321").await;

    hot().await;
    shop.done("productUpdate", json!({ "id": id, "status": "DRAFT" }), "product { id }").await;
    assert_eq!(shop.ask(PRODUCT, json!({ "id": id })).await.data("/product"), &Value::Null);
    assert_eq!(shop.ask(LIST, json!({})).await.strings("/products/nodes", "slug").len(), 2);
    shop.stop().await;
}

#[tokio::test]
async fn a_change_by_another_process_is_seen_after_a_moment() {
    let (shop, id) = shop().await;
    for (query, variables) in [(PRODUCT, json!({ "id": id })), (LIST, json!({})), (STORES, json!({}))] {
        until_hot(&shop, query, variables).await;
    }

    let other = shop.database_pool().await;
    // The change log does not tell of it.
    let by_hand = "BEGIN; UPDATE products SET name = 'By hand'; UPDATE stores SET name = 'By hand'; \
                   DELETE FROM change_log; COMMIT";
    other.execute_unprepared(by_hand).await.unwrap();
    other.close().await.unwrap();

    // What is cached lives for minutes.
    for (query, variables) in [(PRODUCT, json!({ "id": id })), (LIST, json!({})), (STORES, json!({}))] {
        until("it is seen", async || shop.ask(query, variables.clone()).await.text.contains("By hand")).await;
    }
    shop.stop().await;
}

/// A write of the server itself is none of another process: it ends what it changed, and the rest stays cached.
#[tokio::test]
async fn own_writes_leave_other_nodes_where_they_are() {
    let (shop, id) = shop().await;
    let store = id_of(&shop, "store", "store-1").await;
    let rows = "query ($id: ID!) { product(id: $id) { name } }";
    until_hot(&shop, rows, json!({ "id": id })).await;
    // The change log of what was filled by hand is swept for the second time.
    let unsettled = "SELECT count(*) AS open FROM change_log WHERE NOT is_settled";
    let open = async || {
        let count = Statement::from_string(DbBackend::Sqlite, unsettled);
        let row = shop.db.administration().query_one_raw(count).await.unwrap().unwrap();
        row.try_get::<i64>("", "open").unwrap()
    };
    until("all is swept", async || open().await == 0).await;
    until_hot(&shop, rows, json!({ "id": id })).await;

    for round in 0..5 {
        shop.rename(&store, &format!("Round {round}")).await;
    }
    until("the sweeper has gone over it", async || open().await == 0).await;

    assert_eq!(read(&shop, rows, json!({ "id": id })).await.statements(), 0);
    shop.stop().await;
}

#[tokio::test]
async fn tokens_and_pinned_requests_are_served_as_on_postgres() {
    let (shop, id) = shop().await;
    until_hot(&shop, PRODUCT, json!({ "id": id })).await;
    until_hot(&shop, LIST, json!({})).await;
    let token = shop.write("productUpdate", json!({ "id": id, "name": "Mine" }), "product { id }").await.token();

    let mine = shop.send(PRODUCT, json!({ "id": id }), &[EXPLAIN, (TOKEN, &token)]).await;
    let list = shop.send(LIST, json!({}), &[EXPLAIN, (TOKEN, &token)]).await;
    let mutation =
        "mutation ($id: ID!) { productUpdate(input: {id: $id, name: \"New\"}) { product { name store { name } } } }";
    let pinned = shop.send(mutation, json!({ "id": id }), &[STAFF, EXPLAIN]).await;

    assert_eq!(mine.string("/product/name"), "Mine");
    assert_eq!(list.found("ProductPage"), (0, 0, 0), "{}", list.text);
    let taken = pinned.cache()["reads"].as_array().unwrap().iter().map(|reads| reads["stored"].as_u64().unwrap());
    assert_eq!(taken.sum::<u64>(), 0, "{}", pinned.text);
    shop.stop().await;
}

#[tokio::test]
async fn switched_off_there_is_no_cache() {
    for flags in [UNCACHED, &["--baseline=true"]] {
        let shop = Shop::start_with(Kind::Sqlite, flags).await;
        shop.fill(1, 1).await;
        let id = id_of(&shop, "product", "store-1-1").await;

        for _ in 0..3 {
            let answer = read(&shop, PRODUCT, json!({ "id": id })).await;
            assert_eq!(answer.statements(), 1, "{flags:?}: {}", answer.text);
            assert_eq!(answer.cache()["reads"], json!([]), "{flags:?}");
        }
        shop.stop().await;
    }
}

/// No memory for it, and nothing breaks.
#[tokio::test]
async fn a_cache_without_room_is_right_all_the_same() {
    let shop = Shop::start_with(Kind::Sqlite, &["--local-cache-mb", "0"]).await;
    shop.fill(1, 1).await;
    let id = id_of(&shop, "product", "store-1-1").await;

    for round in 0..5 {
        let name = format!("Round {round}");
        shop.ask(PRODUCT, json!({ "id": id })).await;
        shop.done("productUpdate", json!({ "id": id, "name": name }), "product { id }").await;
        assert_eq!(shop.ask(PRODUCT, json!({ "id": id })).await.string("/product/name"), name);
    }
    shop.stop().await;
}
