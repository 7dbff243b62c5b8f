//! The conditions of `where` on tags and options.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(each_condition_holds_for_the_right_products, conditions_that_make_no_sense_are_refused);

/// | product | tags | options |
/// | --- | --- | --- |
/// | a | red, new | Size S M, Colour Red |
/// | b | Red | Size M |
/// | c | it's "new", % | size M |
/// | d | none | Colour S |
async fn shelf(shop: &Shop) {
    let store = shop.store("acme").await;
    let option = |name: &str, values: &[&str]| json!({ "name": name, "values": values });
    for (slug, tags, options) in [
        ("a", json!(["red", "new"]), json!([option("Size", &["S", "M"]), option("Colour", &["Red"])])),
        ("b", json!(["Red"]), json!([option("Size", &["M"])])),
        ("c", json!(["it's \"new\"", "%"]), json!([option("size", &["M"])])),
        ("d", json!([]), json!([option("Colour", &["S"])])),
    ] {
        let input = json!({ "storeId": store, "slug": slug, "name": slug, "status": "ACTIVE", "tags": tags, "options": options });
        shop.product_with(input).await;
    }
}

async fn each_condition_holds_for_the_right_products(shop: &Shop) {
    shelf(shop).await;
    let size = |values: &[&str]| json!({ "options": [{ "name": "Size", "in": values }] });

    for (condition, expected) in [
        (json!({ "tags": { "eq": "red" } }), "a"),
        (json!({ "tags": { "in": ["red", "Red"] } }), "ab"),
        (json!({ "tags": { "all": ["red", "new"] } }), "a"),
        (json!({ "tags": { "all": ["red", "Red"] } }), ""),
        (json!({ "tags": { "eq": "it's \"new\"" } }), "c"),
        (json!({ "tags": { "eq": "%" } }), "c"),
        (json!({ "tags": { "eq": "re" } }), ""),
        (json!({ "tags": { "in": [] } }), ""),
        (json!({ "tags": { "all": [] } }), "abcd"),
        (json!({ "tags": {} }), "abcd"),
        (json!({ "tags": null }), "abcd"),
        (json!({ "tags": { "eq": "red", "in": ["new"] } }), "a"),
        (size(&["M"]), "ab"),
        (size(&["S", "L"]), "a"),
        (size(&["m"]), ""),
        (size(&[]), ""),
        (json!({ "options": [{ "name": "Size", "eq": "S" }] }), "a"),
        (json!({ "options": [{ "name": "Colour", "eq": "S" }] }), "d"),
        (json!({ "options": [{ "name": "Size", "in": ["M"] }, { "name": "Colour", "in": ["Red"] }] }), "a"),
        (json!({ "options": { "name": "size", "in": "M" } }), "c"),
        (json!({ "options": [] }), "abcd"),
        (json!({ "options": [{ "name": "Size" }] }), "abcd"),
        (json!({ "OR": [{ "tags": { "eq": "Red" } }, { "options": [{ "name": "Colour", "in": ["S"] }] }] }), "bd"),
    ] {
        assert_eq!(found(shop, condition.clone()).await, expected, "{condition}");
    }
}

async fn found(shop: &Shop, condition: Value) -> String {
    let query = "query ($where: ProductWhere) {
        products(where: $where, orderBy: {field: NAME}) { totalCount { count } nodes { slug } }
    }";
    let answer = shop.ask(query, json!({ "where": condition })).await;
    let slugs = answer.strings("/products/nodes", "slug");
    assert_eq!(answer.data("/products/totalCount/count"), &json!(slugs.len()));
    slugs.concat()
}

async fn conditions_that_make_no_sense_are_refused(shop: &Shop) {
    for (condition, told) in [
        (json!({ "tags": { "eq": "a\u{0}b" } }), "tags: \"a\\0b\" has a null byte"),
        (json!({ "options": [{ "name": "a\u{0}", "eq": "b" }] }), "options name: \"a\\0\" has a null byte"),
        (json!({ "options": [{ "name": "a", "in": ["\u{0}"] }] }), "options: \"\\0\" has a null byte"),
        (json!({ "tags": { "in": vec!["t"; 101] } }), "tags in has 101 values, over the maximum of 100"),
        (json!({ "tags": { "all": vec!["t"; 21] } }), "tags all has 21 values, over the maximum of 20"),
        (
            json!({ "options": [{ "name": "a", "in": vec!["v"; 51] }] }),
            "options in has 51 values, over the maximum of 50",
        ),
        (json!({ "options": vec![json!({ "name": "a", "eq": "b" }); 26] }), "conditions, over the maximum of 50"),
        (json!({ "options": [{ "in": ["b"] }] }), "name"),
    ] {
        let query = "query ($where: ProductWhere) { products(where: $where) { nodes { slug } } }";
        let (code, message) = shop.ask(query, json!({ "where": condition })).await.error();

        assert_eq!(code, "BAD_USER_INPUT", "{condition}: {message}");
        assert!(message.contains(told), "{message} does not say {told}");
    }
}
