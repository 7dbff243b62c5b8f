//! The change log: whoever writes, the cache hears of it; and what it heard of is cleared away.

use futures_util::future::join_all;
use serde_json::json;

use super::entry::{Entry, version};
use super::market::{PRODUCT, until_hot, until_named};
use super::stall::Stall;
use crate::support::{Fleet, until};

const OPEN: &str = "SELECT count(*) FROM change_log WHERE NOT is_settled";
const UNFENCED: &str = "SELECT count(*) FROM change_log WHERE fenced_at IS NULL";

async fn execute(fleet: &Fleet, sql: &str) {
    fleet.primary().execute(&fleet.database, sql).await.unwrap();
}

#[tokio::test]
async fn what_is_written_by_hand_is_seen_by_shoppers() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open_with(&fleet, 20).await;
    let other = fleet.cached(&[]).await;
    for product in &stall.products {
        until_hot(&stall.shop, product).await;
        until_hot(&other, product).await;
    }

    execute(&fleet, "UPDATE stores SET name = 'by hand'; UPDATE skus SET price = 1234; UPDATE stock SET quantity = 77")
        .await;
    execute(&fleet, "UPDATE products SET name = 'by hand'").await;

    let expected = json!({ "name": "by hand", "store": { "name": "by hand" },
        "skus": [{ "price": { "amount": "12.34" }, "stock": { "quantity": 77 } }] });
    for shop in [&stall.shop, &other] {
        for product in &stall.products {
            until("shoppers see it", async || {
                shop.ask(PRODUCT, json!({ "id": product.id })).await.data("/product") == &expected
            })
            .await;
            until_hot(shop, product).await;
        }
    }
    stall.shop.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_deletion_by_hand_is_seen_by_shoppers() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    for product in &stall.products {
        until_hot(&stall.shop, product).await;
    }

    execute(&fleet, "DELETE FROM products").await;

    for product in &stall.products {
        let gone = async || stall.shop.ask(PRODUCT, json!({ "id": product.id })).await.data("/product").is_null();
        until("it is gone", gone).await;
    }
    stall.shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn rows_are_settled_after_the_second_fence_and_deleted_when_they_are_old() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    until("all is fenced", async || fleet.number(UNFENCED).await == 0).await;
    let rows = fleet.number("SELECT count(*) FROM change_log").await;
    assert!(rows > 0);

    until("all is fenced again", async || fleet.number(OPEN).await == 0).await;
    let settled =
        "SELECT count(*) FROM change_log WHERE is_settled AND clock_timestamp() > fenced_at + interval '5 seconds'";
    assert_eq!(fleet.number(settled).await, rows);
    stall.rename(&stall.products[0], "new").await;
    execute(&fleet, "UPDATE change_log SET fenced_at = fenced_at - interval '20 minutes' WHERE is_settled").await;

    until("old rows are deleted", async || fleet.number("SELECT count(*) FROM change_log").await < rows).await;
    assert_eq!(fleet.number("SELECT count(*) FROM change_log").await, 1);
    stall.shop.stop().await;
    fleet.end().await;
}

/// Stored as by a reader that was on its way, when Redis had just lost the first fence. Nobody reads.
#[tokio::test]
async fn an_old_value_that_comes_behind_the_first_fence_goes_with_the_second() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    let product = &stall.products[0];
    let entry = Entry::of(&fleet, &stall.shop, "product", &product.id).await;
    let old = entry.stored_by(async || stall.read(product).await).await;
    stall.rename(product, "new").await;
    let id = stall.shop.key(&product.id);
    let row = format!("kind = 'PRODUCT' AND node_id = '{id}' AND version > {}", version(&old));
    let fenced = format!("SELECT count(*) FROM change_log WHERE {row} AND fenced_at IS NOT NULL");
    until("the write is swept", async || fleet.number(&fenced).await == 1).await;

    entry.evict_fence().await;
    entry.set(&old).await;
    // A busy machine may have been here after the second sweep.
    execute(&fleet, &format!("UPDATE change_log SET is_settled = false WHERE {row}")).await;

    until("the old value is gone", async || entry.version().await.is_none_or(|stored| stored > version(&old))).await;
    assert!(entry.fence().await > Some(version(&old)));
    stall.shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn an_instance_without_a_cache_leaves_rows_to_those_that_have_one() {
    let fleet = Fleet::shared().await;
    let insert = |age: &str| {
        format!(
            "INSERT INTO change_log (kind, node_id, version, created_at) \
             VALUES ('PRODUCT', gen_random_uuid(), 1, now() - interval '{age}')"
        )
    };
    for age in ["2 days", "20 minutes", "0 seconds"] {
        execute(&fleet, &insert(age)).await;
    }

    let shop = fleet.instance(&[]).await;

    // The oldest one is of no use to anyone.
    until("the oldest row is deleted", async || fleet.number("SELECT count(*) FROM change_log").await < 3).await;
    assert_eq!(fleet.number(UNFENCED).await, 2);
    assert_eq!(fleet.number(OPEN).await, 2);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_bulk_of_changes_is_swept_by_two_instances_that_do_not_get_in_each_others_way() {
    let fleet = Fleet::shared().await;
    let (one, other) = (Stall::open(&fleet).await, fleet.cached(&[]).await);
    let product = &one.products[0];
    let bulk = "INSERT INTO change_log (kind, node_id, version) \
         SELECT 'PRODUCT', gen_random_uuid(), n FROM generate_series(1, 20000) n";

    execute(&fleet, bulk).await;
    execute(&fleet, "UPDATE products SET name = 'behind the bulk'").await;
    let swept = until("all is fenced", async || fleet.number(UNFENCED).await == 0);
    let served = async {
        for round in 0..20 {
            let shops = [&one.shop, &other];
            let answers = join_all(shops.map(|shop| shop.ask(PRODUCT, json!({ "id": product.id })))).await;
            assert!(answers.iter().all(|answer| answer.json.get("errors").is_none()), "round {round}");
        }
    };
    tokio::join!(swept, served);

    until_named(&one.shop, product, "behind the bulk").await;
    let deadlocks = format!("SELECT deadlocks FROM pg_stat_database WHERE datname = '{}'", fleet.database);
    assert_eq!(fleet.number(&deadlocks).await, 0);
    one.shop.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_truncated_table_is_seen_by_shoppers() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    let id = &stall.products[0].id;
    until_hot(&stall.shop, &stall.products[0]).await;
    let read = async |query: &str| stall.shop.ask(query, json!({ "id": id })).await;

    execute(&fleet, "TRUNCATE stock").await;

    let stock = "query ($id: ID!) { product(id: $id) { inStock skus { stock { quantity } } } }";
    let nothing = json!({ "inStock": false, "skus": [{ "stock": { "quantity": 0 } }] });
    until("its stock is gone", async || read(stock).await.data("/product") == &nothing).await;

    execute(&fleet, "TRUNCATE products CASCADE").await;

    let product = "query ($id: ID!) { product(id: $id) { id } products(first: 2) { nodes { id } } }";
    let empty = json!({ "product": null, "products": { "nodes": [] } });
    until("all products are gone", async || read(product).await.json["data"] == empty).await;
    stall.shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn rows_of_a_transaction_that_began_long_ago_are_fenced_twice_before_they_go() {
    let fleet = Fleet::shared().await;
    execute(
        &fleet,
        "INSERT INTO change_log (kind, node_id, version, created_at) \
         SELECT 'PRODUCT', gen_random_uuid(), 1, now() - interval '20 minutes' FROM generate_series(1, 3000)",
    )
    .await;

    let shop = fleet.cached(&[]).await;

    until("all are fenced twice", async || {
        fleet.number("SELECT count(*) FROM change_log WHERE is_settled").await == 3000
    })
    .await;
    shop.stop().await;
    fleet.end().await;
}
