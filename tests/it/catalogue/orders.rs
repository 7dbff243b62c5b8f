//! The argument `orderBy`, and the orders that lists have without one.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    products_are_listed_by_each_field_both_ways,
    names_are_ordered_by_their_lower_case,
    equal_keys_are_ordered_the_same_way_each_time,
    products_without_skus_are_the_dearest,
    stores_and_users_are_listed_newest_first_and_categories_by_position,
);

async fn listed(shop: &Shop, order: Value) -> Vec<String> {
    let query = "query ($order: ProductOrder) { products(orderBy: $order) { nodes { slug } } }";
    shop.ask(query, json!({ "order": order })).await.strings("/products/nodes", "slug")
}

/// Products with these slugs and prices, in this order of creation.
async fn fill(shop: &Shop, products: &[(&str, Option<&str>)]) {
    let store = shop.store("acme").await;
    for (slug, price) in products {
        let product = shop.product(&store, slug).await;
        if let Some(price) = price {
            shop.sku(&product, price).await;
        }
    }
}

async fn products_are_listed_by_each_field_both_ways(shop: &Shop) {
    fill(shop, &[("b", Some("9")), ("c", Some("10.50")), ("a", Some("100"))]).await;

    for (order, expected) in [
        (json!(null), ["a", "c", "b"]),
        (json!({ "field": "CREATED_AT" }), ["a", "c", "b"]),
        (json!({ "field": "CREATED_AT", "direction": "DESC" }), ["a", "c", "b"]),
        (json!({ "field": "CREATED_AT", "direction": "ASC" }), ["b", "c", "a"]),
        (json!({ "field": "NAME" }), ["a", "b", "c"]),
        (json!({ "field": "NAME", "direction": null }), ["a", "b", "c"]),
        (json!({ "field": "NAME", "direction": "ASC" }), ["a", "b", "c"]),
        (json!({ "field": "NAME", "direction": "DESC" }), ["c", "b", "a"]),
        (json!({ "field": "PRICE" }), ["b", "c", "a"]),
        (json!({ "field": "PRICE", "direction": "ASC" }), ["b", "c", "a"]),
        (json!({ "field": "PRICE", "direction": "DESC" }), ["a", "c", "b"]),
    ] {
        assert_eq!(listed(shop, order.clone()).await, expected, "{order}");
    }
}

async fn names_are_ordered_by_their_lower_case(shop: &Shop) {
    let store = shop.store("acme").await;
    for (slug, name) in [
        ("1", "banana"),
        ("2", "Apple"),
        ("3", "apple pie"),
        ("4", "Banana Split"),
        ("5", "10 apples"),
        ("6", "cherry"),
    ] {
        shop.product_with(json!({ "storeId": store, "slug": slug, "name": name, "status": "ACTIVE" })).await;
    }

    assert_eq!(listed(shop, json!({ "field": "NAME" })).await, ["5", "2", "3", "1", "4", "6"]);
    assert_eq!(listed(shop, json!({ "field": "NAME", "direction": "DESC" })).await, ["6", "4", "1", "3", "2", "5"]);
}

async fn equal_keys_are_ordered_the_same_way_each_time(shop: &Shop) {
    let store = shop.store("acme").await;
    for slug in ["x", "y", "z"] {
        let product =
            shop.product_with(json!({ "storeId": store, "slug": slug, "name": "same", "status": "ACTIVE" })).await;
        shop.sku(&product, "5").await;
    }

    for field in ["NAME", "PRICE"] {
        let ascending = listed(shop, json!({ "field": field, "direction": "ASC" })).await;
        let mut descending = listed(shop, json!({ "field": field, "direction": "DESC" })).await;

        assert_eq!(ascending, ["x", "y", "z"]);
        descending.reverse();
        assert_eq!(descending, ascending);
    }
}

async fn products_without_skus_are_the_dearest(shop: &Shop) {
    fill(shop, &[("none", None), ("free", Some("0")), ("dear", Some("100000000000"))]).await;

    assert_eq!(listed(shop, json!({ "field": "PRICE" })).await, ["free", "dear", "none"]);
    assert_eq!(listed(shop, json!({ "field": "PRICE", "direction": "DESC" })).await, ["none", "dear", "free"]);
}

async fn stores_and_users_are_listed_newest_first_and_categories_by_position(shop: &Shop) {
    for name in ["one", "two", "three"] {
        shop.store(name).await;
        shop.user(&format!("{name}@example.com")).await;
        shop.category(name, None).await;
    }
    let to_the_end = "mutation ($id: ID!) { categoryUpdate(input: {id: $id, position: 9}) { category { slug } } }";
    let one = shop.ask("{ category(slug: \"one\") { id } }", json!({})).await.string("/category/id");
    shop.ask_as_staff(to_the_end, json!({ "id": one })).await.string("/categoryUpdate/category/slug");

    let answer = shop
        .ask_as_staff(
            "{ stores { nodes { slug } } users { nodes { email } } categories { nodes { slug } } }",
            json!({}),
        )
        .await;

    assert_eq!(answer.strings("/stores/nodes", "slug"), ["three", "two", "one"]);
    assert_eq!(answer.strings("/users/nodes", "email"), ["three@example.com", "two@example.com", "one@example.com"]);
    assert_eq!(answer.strings("/categories/nodes", "slug"), ["two", "three", "one"]);
}
