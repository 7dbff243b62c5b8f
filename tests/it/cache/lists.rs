//! First pages of products: what they cost, what ends them, and who is not served from them.

use devstack::StackOptions;
use redis::AsyncCommands;
use serde_json::{Value, json};

use super::hot::{REMOTE_ONLY, cached, filled, id_of, keys, lists_prefix, read, redis, settle, until_hot};
use crate::support::{Answer, EXPLAIN, Fleet, STAFF, Shop, TOKEN, UNCACHED, until};

const BY_PRICE: &str = "{ products(first: 5, orderBy: {field: PRICE}) {
    nodes { slug name priceRange { min { amount } } skus { price { amount } } } pageInfo { hasNextPage endCursor }
} }";

/// The slugs of a shopper's first page, cheapest first, read once every replica has all that was written.
async fn page(fleet: &Fleet, shop: &Shop) -> (Answer, String) {
    fleet.stack().await_replay().await.unwrap();
    let answer = read(shop, BY_PRICE, json!({})).await;
    let slugs = answer.strings("/products/nodes", "slug").join(" ");
    (answer, slugs)
}

#[tokio::test]
async fn a_hot_list_of_every_shape_costs_no_statement() {
    let fleet = filled(2, 4).await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let store = id_of(&shop, "store", "store-1").await;
    let category = id_of(&shop, "category", "all").await;

    for (query, lists) in [
        ("{ products(first: 3) { nodes { name } } }".to_owned(), 1),
        ("{ products { edges { cursor node { name store { name } skus { stock { quantity } } } } } }".to_owned(), 1),
        ("{ products(where: {inStock: {eq: true}}, orderBy: {field: NAME}) { nodes { slug } } }".to_owned(), 1),
        (format!("{{ node(id: \"{store}\") {{ ... on Store {{ products(first: 2) {{ nodes {{ name }} }} }} }} }}"), 1),
        (
            format!(
                "{{ node(id: \"{category}\") {{ ... on Category {{ one: products {{ nodes {{ name }} }} \
                 other: products(includeDescendants: false) {{ nodes {{ name }} }} }} }} }}"
            ),
            2,
        ),
        ("{ stores { nodes { name products(first: 2) { nodes { name } } } } }".to_owned(), 2),
    ] {
        let cold = read(&shop, &query, json!({})).await;
        let hot = until_hot(&shop, &query, json!({})).await;

        assert!(cold.statements() > 0, "{}", cold.text);
        assert_eq!(hot.json["data"], cold.json["data"]);
        assert_eq!(hot.found("ProductPage"), (0, lists, 0), "{}", hot.text);
    }
    shop.stop().await;
    fleet.end().await;
}

/// Each write goes through one instance; the other shows it with the next read of a replica that has it.
#[tokio::test]
async fn any_write_to_a_product_ends_the_lists_of_all_instances() {
    let fleet = filled(1, 2).await;
    let (one, other) = (cached(&fleet, REMOTE_ONLY).await, cached(&fleet, REMOTE_ONLY).await);
    let store = id_of(&one, "store", "store-1").await;
    let (first, second) = (id_of(&one, "product", "store-1-1").await, id_of(&one, "product", "store-1-2").await);
    let hot = || async {
        until_hot(&other, BY_PRICE, json!({})).await;
    };

    hot().await;
    let third = one.product(&store, "third").await;
    assert!(page(&fleet, &other).await.1.ends_with(" third"));

    hot().await;
    let sku = one.sku(&third, "0.50").await;
    assert!(page(&fleet, &other).await.1.starts_with("third "));

    hot().await;
    one.done("skuUpdate", json!({ "id": sku, "price": "99.00" }), "sku { id }").await;
    assert!(page(&fleet, &other).await.1.ends_with(" third"));

    hot().await;
    one.done("productUpdate", json!({ "id": first, "name": "Renamed" }), "product { id }").await;
    let (renamed, slugs) = page(&fleet, &other).await;
    assert!(renamed.strings("/products/nodes", "name").contains(&"Renamed".to_owned()), "{slugs}");

    hot().await;
    one.done("productUpdate", json!({ "id": second, "status": "DRAFT" }), "product { id }").await;
    assert!(!page(&fleet, &other).await.1.contains("store-1-2"));

    hot().await;
    one.done("productUpdate", json!({ "id": second, "status": "ACTIVE" }), "product { id }").await;
    assert!(page(&fleet, &other).await.1.contains("store-1-2"));

    hot().await;
    one.done("productDelete", json!({ "id": first }), "deletedProductId").await;
    assert!(!page(&fleet, &other).await.1.contains("store-1-1"));
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn stock_ends_a_list_only_when_it_comes_or_goes() {
    let fleet = Fleet::shared().await;
    let writer = fleet.instance(UNCACHED).await;
    let store = writer.store("acme").await;
    let sku = writer.sku(&writer.product(&store, "chair").await, "10.00").await;
    writer.stock(&sku, 5).await;
    settle(&fleet).await;
    writer.stop().await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let query = "{ products(where: {inStock: {eq: true}}) { nodes { slug } } }";
    until_hot(&shop, query, json!({})).await;

    shop.stock(&sku, 4).await;
    fleet.stack().await_replay().await.unwrap();
    let after_a_sale = read(&shop, query, json!({})).await;
    shop.stock(&sku, 0).await;
    fleet.stack().await_replay().await.unwrap();
    let sold_out = read(&shop, query, json!({})).await;

    assert_eq!(after_a_sale.found("ProductPage"), (0, 1, 0), "{}", after_a_sale.text);
    assert_eq!(after_a_sale.strings("/products/nodes", "slug"), ["chair"]);
    assert_eq!(sold_out.found("ProductPage"), (0, 0, 1), "{}", sold_out.text);
    assert_eq!(sold_out.data("/products/nodes"), &json!([]));
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn later_pages_backward_pages_and_lists_of_staff_or_with_a_token_are_not_cached() {
    let fleet = filled(1, 6).await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let first = "query ($after: String, $before: String, $first: Int, $last: Int) {
        products(first: $first, after: $after, last: $last, before: $before) { nodes { name } pageInfo { endCursor } }
    }";
    let cursor = until_hot(&shop, first, json!({ "first": 2 })).await.string("/products/pageInfo/endCursor");
    let store = id_of(&shop, "store", "store-1").await;
    let token = shop.rename(&store, "Renamed").await.token();
    until_hot(&shop, first, json!({ "first": 2 })).await;
    let before = keys(&mut redis(&fleet).await, &lists_prefix(&shop)).await.len();

    for (variables, headers) in [
        (json!({ "first": 2, "after": cursor }), vec![EXPLAIN]),
        (json!({ "first": 2, "before": cursor }), vec![EXPLAIN]),
        (json!({ "last": 2 }), vec![EXPLAIN]),
        (json!({ "first": 2 }), vec![EXPLAIN, STAFF]),
        (json!({ "first": 2 }), vec![EXPLAIN, (TOKEN, &token)]),
    ] {
        for _ in 0..3 {
            let answer = shop.send(first, variables.clone(), &headers).await;

            let labels = &answer.json["extensions"]["explain"]["statements"];
            assert_eq!(labels[0]["label"], "ProductPage", "{}", answer.text);
            assert_eq!(answer.found("ProductPage"), (0, 0, 0), "{}", answer.text);
        }
    }
    assert_eq!(keys(&mut redis(&fleet).await, &lists_prefix(&shop)).await.len(), before);
    shop.stop().await;
    fleet.end().await;
}

/// A list may name a product that another read has found gone, or made a draft: it has a gap there, and no error.
#[tokio::test]
async fn an_edge_whose_node_is_gone_is_left_out() {
    let fleet = filled(1, 3).await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let hot = until_hot(&shop, BY_PRICE, json!({})).await.strings("/products/nodes", "slug");
    let mut redis = redis(&fleet).await;
    let mark: u64 = redis.get(format!("{}mark:product", lists_prefix(&shop))).await.unwrap();
    let (gone, draft) = (id_of(&shop, "product", &hot[0]).await, id_of(&shop, "product", &hot[1]).await);
    shop.done("productDelete", json!({ "id": gone }), "deletedProductId").await;
    shop.done("productUpdate", json!({ "id": draft, "status": "DRAFT" }), "product { id }").await;
    settle(&fleet).await;

    // As if it were read in the moment between the fences of the nodes and the mark of the lists.
    let _: () = redis.set(format!("{}mark:product", lists_prefix(&shop)), mark).await.unwrap();
    let answer = read(&shop, BY_PRICE, json!({})).await;

    assert_eq!(answer.found("ProductPage"), (0, 1, 0), "{}", answer.text);
    assert_eq!(answer.strings("/products/nodes", "slug"), hot[2..]);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn marks_that_redis_has_lost_bring_no_old_list_back() {
    let fleet = filled(1, 2).await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    let mut redis = redis(&fleet).await;
    let marks = ["product", "category"].map(|kind| format!("{}mark:{kind}", lists_prefix(&shop)));
    let id = id_of(&shop, "product", "store-1-1").await;

    for round in 0..10 {
        until_hot(&shop, BY_PRICE, json!({})).await;
        let status = if round % 2 == 0 { "DRAFT" } else { "ACTIVE" };
        shop.done("productUpdate", json!({ "id": id, "status": status }), "product { id }").await;
        let _: () = redis.del(&marks[..1 + round % 2]).await.unwrap();

        for _ in 0..5 {
            let (answer, slugs) = page(&fleet, &shop).await;
            assert_eq!(slugs.contains("store-1-1"), status == "ACTIVE", "round {round}: {}", answer.text);
        }
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_replica_that_has_not_replayed_the_last_write_fills_no_list() {
    let fleet = Fleet::faulty_with(StackOptions { replicas: 1, ..StackOptions::default() }).await;
    let writer = fleet.instance(UNCACHED).await;
    writer.fill(1, 2).await;
    settle(&fleet).await;
    writer.stop().await;
    let shop = cached(&fleet, REMOTE_ONLY).await;
    until_hot(&shop, BY_PRICE, json!({})).await;
    let store = id_of(&shop, "store", "store-1").await;
    let slugs = |answer: &Answer| -> Vec<Value> { answer.data("/products/nodes").as_array().unwrap().clone() };

    fleet.replica(0).pause_replay().await.unwrap();
    shop.product(&store, "new").await;
    let late = read(&shop, BY_PRICE, json!({})).await;
    fleet.replica(0).resume_replay().await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let caught_up = read(&shop, BY_PRICE, json!({})).await;

    assert_eq!(slugs(&late).len(), 2, "the replica is not late: {}", late.text);
    assert_eq!(slugs(&caught_up).len(), 3, "{}", caught_up.text);
    until("the new list is cached", async || {
        let answer = read(&shop, BY_PRICE, json!({})).await;
        assert_eq!(slugs(&answer).len(), 3, "{}", answer.text);
        answer.found("ProductPage") == (0, 1, 0)
    })
    .await;
    shop.stop().await;
    fleet.end().await;
}
