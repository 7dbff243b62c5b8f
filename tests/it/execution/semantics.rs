//! How errors and nulls spread, and in which order answers come ("Handling Execution Errors" of the specification).

use serde_json::json;

use crate::support::{Answer, Shop, on_both};

on_both!(
    an_error_in_a_nullable_field_nulls_that_field_only,
    an_error_in_a_non_null_field_nulls_the_nearest_nullable_parent,
    an_error_in_one_item_of_a_list_of_nullable_items_nulls_that_item_only,
    an_error_below_nothing_nullable_leaves_no_data,
    fields_are_answered_in_the_order_in_which_they_are_asked,
    every_error_has_a_code_of_the_list_a_path_and_a_place,
    an_answer_has_at_most_twenty_errors_of_bounded_length,
    a_failed_mutation_leaves_the_others_standing,
);

const CODES: [&str; 6] = ["BAD_USER_INPUT", "NOT_FOUND", "UNAUTHENTICATED", "UNAVAILABLE", "TIMEOUT", "INTERNAL"];

fn paths(answer: &Answer) -> Vec<String> {
    let errors = answer.json["errors"].as_array().unwrap_or_else(|| panic!("no errors in {}", answer.text));
    errors.iter().map(|error| error["path"].to_string()).collect()
}

async fn an_error_in_a_nullable_field_nulls_that_field_only(shop: &Shop) {
    shop.store("acme").await;

    let answer = shop.ask("{ product(id: \"bad\") { id } stores { nodes { slug } } }", json!({})).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["data"], json!({ "product": null, "stores": { "nodes": [{ "slug": "acme" }] } }));
    assert_eq!(paths(&answer), ["[\"product\"]"]);
    assert_eq!(answer.error(), ("BAD_USER_INPUT".to_owned(), "\"bad\" is not an id".to_owned()));
}

async fn an_error_in_a_non_null_field_nulls_the_nearest_nullable_parent(shop: &Shop) {
    shop.store("acme").await;
    let query = "{
        bad: store(slug: \"acme\") { slug products(after: \"x\") { nodes { id } } }
        good: store(slug: \"acme\") { slug }
    }";

    let answer = shop.ask(query, json!({})).await;

    assert_eq!(answer.json["data"], json!({ "bad": null, "good": { "slug": "acme" } }));
    assert_eq!(paths(&answer), ["[\"bad\",\"products\"]"]);
}

async fn an_error_in_one_item_of_a_list_of_nullable_items_nulls_that_item_only(shop: &Shop) {
    let store = shop.store("acme").await;
    let category = shop.category("garden", None).await;
    let query = "query ($ids: [ID!]!) {
        nodes(ids: $ids) { id ... on Store { products(after: \"x\") { nodes { id } } } }
    }";

    let answer = shop.ask(query, json!({ "ids": [category, store, category] })).await;

    assert_eq!(answer.json["data"], json!({ "nodes": [{ "id": category }, null, { "id": category }] }));
    assert_eq!(paths(&answer), ["[\"nodes\",1,\"products\"]"]);
}

async fn an_error_below_nothing_nullable_leaves_no_data(shop: &Shop) {
    shop.store("acme").await;
    let query = "{ store(slug: \"acme\") { slug } stores { nodes { products(after: \"x\") { nodes { id } } } } }";

    let answer = shop.ask(query, json!({})).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.json.get("data"), Some(&json!(null)));
    // The library names the outermost item of a list that an error passes through, not the field below it.
    assert!(paths(&answer)[0].starts_with("[\"stores\",\"nodes\",0"), "{}", answer.text);
    assert!(answer.error().1.contains("is not a cursor"), "{}", answer.text);
}

async fn fields_are_answered_in_the_order_in_which_they_are_asked(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    shop.sku(&product, "19.99").await;
    // What has to be read and what is there already take turns.
    let query = "query ($id: ID!) {
        z: products { nodes { skus { stock { quantity } id } store { name slug } name id ...More } }
        y: __typename
        x: product(id: $id) { status slug store { id } inStock }
        w: stores { nodes { slug } }
        z: products { totalCount { count } }
    }
    fragment More on Product { version slug name tags }";

    let answer = shop.ask(query, json!({ "id": product })).await;

    let expected = [
        "\"z\":",
        "\"nodes\":",
        "\"skus\":",
        "\"stock\":",
        "\"quantity\":",
        "\"id\":",
        "\"store\":",
        "\"name\":",
        "\"slug\":",
        "\"name\":",
        "\"id\":",
        "\"version\":",
        "\"slug\":",
        "\"tags\":",
        "\"totalCount\":",
        "\"y\":",
        "\"x\":",
        "\"status\":",
        "\"slug\":",
        "\"store\":",
        "\"inStock\":",
        "\"w\":",
    ];
    let mut rest = answer.text.as_str();
    for key in expected {
        let at = rest.find(key).unwrap_or_else(|| panic!("{key} is not in its place in {}", answer.text));
        rest = &rest[at + key.len()..];
    }
}

async fn every_error_has_a_code_of_the_list_a_path_and_a_place(shop: &Shop) {
    shop.store("acme").await;
    let query = "{
        a: product { id }
        b: product(id: \"?\", slug: \"x\") { id }
        users { nodes { id } }
        c: node(id: \"?\") { id }
        d: store(slug: \"acme\") { products(after: \"?\") { nodes { id } } }
    }";

    let answer = shop.ask(query, json!({})).await;

    assert_eq!(paths(&answer), ["[\"a\"]", "[\"b\"]", "[\"c\"]", "[\"d\",\"products\"]", "[\"users\"]"]);
    for error in answer.json["errors"].as_array().unwrap() {
        assert!(CODES.contains(&error["extensions"]["code"].as_str().unwrap()), "{error}");
        assert!(error["extensions"]["requestId"].is_string(), "{error}");
        assert!(error["locations"][0]["line"].as_u64().unwrap() >= 2, "{error}");
        assert_eq!(error.as_object().unwrap().len(), 4, "{error}");
    }
}

async fn an_answer_has_at_most_twenty_errors_of_bounded_length(shop: &Shop) {
    let long = "ö".repeat(1_000);
    let ids: String = (0..20).map(|index| format!("p{index}: product(id: \"{long}\") {{ id }} ")).collect();
    let stores: Vec<String> = (0..30).map(|index| format!("nothing{index}: no_{index}{} ", "x".repeat(100))).collect();
    let values: Vec<serde_json::Value> = (0..50).map(|index| json!(format!("{long}{index}"))).collect();

    let of_fields = shop.ask(&format!("{{ {ids} }}"), json!({})).await;
    let of_validation = shop.ask(&format!("{{ stores {{ {} }} }}", stores.concat()), json!({})).await;
    let query = "query ($in: [ProductStatus!]) { products(where: {status: {in: $in}}) { nodes { id } } }";
    let of_variables = shop.ask(query, json!({ "in": values })).await;

    for (answer, at_least) in [(of_fields, 20), (of_validation, 20), (of_variables, 20)] {
        let errors = answer.json["errors"].as_array().unwrap();
        assert_eq!(errors.len(), at_least, "{}", answer.text);
        assert!(errors.iter().all(|error| error["message"].as_str().unwrap().len() <= 300), "{}", answer.text);
    }
}

async fn a_failed_mutation_leaves_the_others_standing(shop: &Shop) {
    let query = "mutation {
        a: storeCreate(input: {slug: \"a\", name: \"A\", currencyCode: \"EUR\"}) { store { slug } userErrors { field } }
        b: storeUpdate(input: {id: \"?\", name: \"B\"}) { store { slug } }
        c: storeCreate(input: {slug: \"a\", name: \"C\", currencyCode: \"EUR\"}) { store { slug } userErrors { field } }
        d: storeCreate(input: {slug: \"d\", name: \"D\", currencyCode: \"EUR\"}) { store { slug } userErrors { field } }
    }";

    let answer = shop.ask_as_staff(query, json!({})).await;
    let stores = shop.ask("{ stores { nodes { slug } } }", json!({})).await;

    assert_eq!(
        answer.json["data"],
        json!({
            "a": { "store": { "slug": "a" }, "userErrors": [] },
            "b": null,
            "c": { "store": null, "userErrors": [{ "field": ["input", "slug"] }] },
            "d": { "store": { "slug": "d" }, "userErrors": [] },
        })
    );
    assert_eq!(paths(&answer), ["[\"b\"]"]);
    assert_eq!(stores.strings("/stores/nodes", "slug"), ["d", "a"]);
}
