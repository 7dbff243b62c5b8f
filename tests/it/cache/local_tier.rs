//! The in-process tier: who may be served from it, and for how long it may be behind.

use redis::AsyncCommands;
use serde_json::json;
use storefront::db::NodeKind;

use super::hot::{LONG_LOCAL, cached, filled, id_of, node_prefix, read, redis, until_hot};
use crate::support::{EXPLAIN, Kind, STAFF, Shop, TOKEN, UNCACHED, until};

const PRODUCT: &str = "query ($id: ID!) { product(id: $id) { name } }";

/// Renames a product; the token.
async fn rename(shop: &Shop, id: &str, name: &str) -> String {
    shop.write("productUpdate", json!({ "id": id, "name": name }), "product { name }").await.token()
}

#[tokio::test]
async fn a_token_that_names_a_node_passes_an_older_one_by_and_takes_others_freely() {
    let fleet = filled(1, 2).await;
    let (one, other) = (cached(&fleet, LONG_LOCAL).await, cached(&fleet, LONG_LOCAL).await);
    let (first, second) = (id_of(&one, "product", "store-1-1").await, id_of(&one, "product", "store-1-2").await);
    for id in [&first, &second] {
        until_hot(&other, PRODUCT, json!({ "id": id })).await;
        read(&other, PRODUCT, json!({ "id": id })).await;
    }

    let token = rename(&one, &first, "Renamed").await;
    let mine = other.send(PRODUCT, json!({ "id": first }), &[EXPLAIN, (TOKEN, &token)]).await;
    let not_mine = other.send(PRODUCT, json!({ "id": second }), &[EXPLAIN, (TOKEN, &token)]).await;

    assert_eq!(mine.string("/product/name"), "Renamed");
    assert_eq!(mine.found("ProductById").0, 0, "{}", mine.text);
    assert_eq!(not_mine.found("ProductById"), (1, 0, 0), "{}", not_mine.text);
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn who_wrote_finds_nothing_older_on_the_instance_that_wrote() {
    let fleet = filled(1, 1).await;
    let shop = cached(&fleet, LONG_LOCAL).await;
    let id = id_of(&shop, "product", "store-1-1").await;

    for round in 0..10 {
        until_hot(&shop, PRODUCT, json!({ "id": id })).await;
        let name = format!("Round {round}");
        rename(&shop, &id, &name).await;
        fleet.stack().await_replay().await.unwrap();

        // Even without the token: this instance has heard of the write.
        assert_eq!(shop.ask(PRODUCT, json!({ "id": id })).await.string("/product/name"), name);
    }
    shop.stop().await;
    fleet.end().await;
}

/// The fields of a mutation's payload see the primary, whatever this process holds.
#[tokio::test]
async fn a_pinned_request_takes_nothing_from_the_process() {
    let fleet = filled(1, 1).await;
    let shop = cached(&fleet, LONG_LOCAL).await;
    let (product, store) = (id_of(&shop, "product", "store-1-1").await, id_of(&shop, "store", "store-1").await);
    let with_store = "query ($id: ID!) { product(id: $id) { name store { name } } }";
    until_hot(&shop, with_store, json!({ "id": product })).await;
    assert_eq!(read(&shop, with_store, json!({ "id": product })).await.calls(), 0);

    // By hand, and so that no fence tells of it.
    let by_hand = "ALTER TABLE stores DISABLE TRIGGER USER; UPDATE stores SET name = 'By hand', version = version + 1; \
                   ALTER TABLE stores ENABLE TRIGGER USER";
    fleet.primary().execute(&fleet.database, by_hand).await.unwrap();
    let mutation =
        "mutation ($id: ID!) { productUpdate(input: {id: $id, name: \"New\"}) { product { store { name } } } }";
    let free = shop.ask("query ($id: ID!) { node(id: $id) { ... on Store { name } } }", json!({ "id": store })).await;
    let pinned = shop.send(mutation, json!({ "id": product }), &[STAFF, EXPLAIN]).await;

    assert_eq!(free.string("/node/name"), "Store", "it is not in the process at all");
    assert_eq!(pinned.string("/productUpdate/product/store/name"), "By hand");
    assert_eq!(pinned.calls(), 0, "{}", pinned.text);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_of_another_instance_is_seen_within_the_life_of_an_entry() {
    let fleet = filled(1, 2).await;
    let (one, other) = (cached(&fleet, LONG_LOCAL).await, cached(&fleet, &["--local-cache-ttl-ms", "300"]).await);
    let id = id_of(&one, "product", "store-1-1").await;
    let list = "{ products { nodes { name } } }";
    until_hot(&other, PRODUCT, json!({ "id": id })).await;
    until_hot(&other, list, json!({})).await;

    rename(&one, &id, "Renamed").await;

    // Far below the life of what Redis holds, which is a day here.
    until("the new name is seen", async || {
        read(&other, PRODUCT, json!({ "id": id })).await.string("/product/name") == "Renamed"
            && read(&other, list, json!({})).await.strings("/products/nodes", "name").contains(&"Renamed".to_owned())
    })
    .await;
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}

/// What left Redis stays in the process until its time is over, and no longer.
#[tokio::test]
async fn an_entry_ends_with_its_time() {
    let fleet = filled(1, 1).await;
    let shop = cached(&fleet, &["--local-cache-ttl-ms", "200"]).await;
    let id = id_of(&shop, "product", "store-1-1").await;
    until_hot(&shop, PRODUCT, json!({ "id": id })).await;
    let value = format!("{}v", node_prefix(&shop, NodeKind::Product, &id));
    let dropped: u64 = redis(&fleet).await.del(value).await.unwrap();
    assert_eq!(dropped, 1);

    until("it is read from the database again", async || {
        read(&shop, PRODUCT, json!({ "id": id })).await.statements() == 1
    })
    .await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn without_redis_every_read_on_postgres_goes_to_the_database() {
    for flags in [&[][..], UNCACHED, &["--baseline=true"]] {
        let shop = Shop::start_with(Kind::Postgres, flags).await;
        shop.fill(1, 1).await;
        let id = id_of(&shop, "product", "store-1-1").await;

        for _ in 0..3 {
            let answer = read(&shop, PRODUCT, json!({ "id": id })).await;
            assert_eq!((answer.statements(), answer.calls()), (1, 0), "{flags:?}: {}", answer.text);
            assert_eq!(answer.cache()["reads"], json!([]), "{flags:?}");
            let list = read(&shop, "{ products { nodes { name } } }", json!({})).await;
            assert_eq!(list.statements(), 1, "{flags:?}: {}", list.text);
        }
        shop.stop().await;
    }
}
