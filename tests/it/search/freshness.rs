//! What is written is found at once, by whoever wrote it; and nobody finds what is not on sale.

use serde_json::json;

use super::{found, put, search, shelf};
use crate::support::{Shop, on_both};

on_both!(
    what_is_written_is_found_at_once,
    a_write_of_another_kind_leaves_the_words_alone,
    drafts_are_neither_found_nor_suggested_nor_counted,
    a_new_word_is_no_mistyped_one,
    a_word_counts_for_those_who_find_a_product_by_it,
    a_word_that_no_product_has_any_more_is_forgotten,
    what_goes_on_sale_is_found_and_what_is_withdrawn_is_not,
);

async fn what_is_written_is_found_at_once(shop: &Shop) {
    let store = shelf(shop, &[]).await;
    let id = put(shop, &store, "Oak Table", "heavy", &["wood"], "ACTIVE").await;
    assert_eq!(found(shop, "oak").await, ["Oak Table"]);

    shop.done("productUpdate", json!({ "id": id, "name": "Ash Table" }), "product { id }").await;
    assert_eq!((found(shop, "oak").await, found(shop, "ash").await), (vec![], vec!["Ash Table".to_owned()]));
    shop.done("productUpdate", json!({ "id": id, "tags": ["light"] }), "product { id }").await;
    assert_eq!((found(shop, "wood").await, found(shop, "light heavy").await), (vec![], vec!["Ash Table".to_owned()]));
    shop.done("productUpdate", json!({ "id": id, "description": "" }), "product { id }").await;
    assert_eq!(found(shop, "heavy").await, [""; 0]);
    shop.done("productDelete", json!({ "id": id }), "deletedProductId").await;
    assert_eq!(found(shop, "ash").await, [""; 0]);
}

async fn a_write_of_another_kind_leaves_the_words_alone(shop: &Shop) {
    let store = shelf(shop, &[]).await;
    let id = put(shop, &store, "Oak Table", "", &[], "ACTIVE").await;
    let sku = shop.sku_with(json!({ "productId": id, "optionValues": [], "price": "10.00" })).await;
    shop.stock(&sku, 3).await;

    shop.done("productUpdate", json!({ "id": id, "slug": "other" }), "product { id }").await;

    let in_stock = search(shop, json!({ "search": "oak", "where": { "inStock": { "eq": true } } })).await;
    assert_eq!(super::names(&in_stock), ["Oak Table"]);
}

async fn drafts_are_neither_found_nor_suggested_nor_counted(shop: &Shop) {
    let store = shelf(shop, &[("Oak Shelf", "", &[])]).await;
    for status in ["DRAFT", "ARCHIVED"] {
        put(shop, &store, "Oak Secret", "", &[], status).await;
    }
    let query = "{ products(search: \"oak\", first: 1) { totalCount { count } exact: totalCount(exact: true) { count } pageInfo { hasNextPage } }
        secret: products(search: \"secrte\") { totalCount { count } nodes { name } }
        whole: productSuggestions(text: \"oak\") { text } begun: productSuggestions(text: \"sec\") { text } }";

    let as_nobody = shop.ask(query, json!({})).await;
    let as_staff = shop.ask_as_staff(query, json!({})).await;

    assert_eq!(
        as_nobody.data(""),
        &json!({
            "products": { "totalCount": { "count": 1 }, "exact": { "count": 1 }, "pageInfo": { "hasNextPage": false } },
            "secret": { "totalCount": { "count": 0 }, "nodes": [] },
            "whole": [{ "text": "Oak Shelf" }],
            "begun": [],
        })
    );
    assert_eq!(as_staff.data("/products/totalCount/count"), 3);
    assert_eq!(as_staff.data("/secret/totalCount/count"), 2);
    // What is suggested can be bought, whoever asks.
    assert_eq!(as_staff.data("/begun"), &json!([]));
}

async fn what_goes_on_sale_is_found_and_what_is_withdrawn_is_not(shop: &Shop) {
    let store = shelf(shop, &[]).await;
    let id = put(shop, &store, "Oak Table", "", &[], "DRAFT").await;
    let query = "{ products(search: \"oak\") { totalCount { count } nodes { name } }
        cheapest: products(search: \"oak\", orderBy: { field: PRICE }) { totalCount { count } nodes { name } } }";

    for (status, count) in [("ACTIVE", 1), ("ARCHIVED", 0), ("ACTIVE", 1), ("DRAFT", 0)] {
        shop.done("productUpdate", json!({ "id": id, "status": status }), "product { id }").await;

        let answer = shop.ask(query, json!({})).await;

        for list in ["products", "cheapest"] {
            assert_eq!(answer.data(&format!("/{list}/totalCount/count")), count, "{list} {status}");
            assert_eq!(answer.data(&format!("/{list}/nodes")).as_array().unwrap().len(), count, "{list} {status}");
        }
    }
}

async fn a_new_word_is_no_mistyped_one(shop: &Shop) {
    let store = shelf(shop, &[("Shirt", "", &[])]).await;
    assert_eq!(found(shop, "shurt").await, ["Shirt"]);

    put(shop, &store, "Shurt", "", &[], "ACTIVE").await;

    assert_eq!(found(shop, "shurt").await, ["Shurt"]);
}

async fn a_word_counts_for_those_who_find_a_product_by_it(shop: &Shop) {
    let store = shelf(shop, &[("Velvetine Nightgown", "", &[])]).await;
    assert_eq!(found(shop, "velvatine").await, ["Velvetine Nightgown"]);

    let id = put(shop, &store, "Velvatine Secret", "", &[], "DRAFT").await;

    let query =
        "{ products(search: \"velvatine\") { nodes { name } } near: products(search: \"velvatina\") { nodes { name } }
        productSuggestions(text: \"velvatine\") { text } }";
    let (as_nobody, as_staff) = (shop.ask(query, json!({})).await, shop.ask_as_staff(query, json!({})).await);
    // One letter differs from the draft's word, two from the other: what is not for the viewer does not stand in its way.
    for (answer, expected) in [(&as_nobody, "Velvetine Nightgown"), (&as_staff, "Velvatine Secret")] {
        assert_eq!(answer.strings("/products/nodes", "name"), [expected]);
        assert_eq!(answer.strings("/near/nodes", "name"), [expected]);
        assert_eq!(answer.strings("/productSuggestions", "text"), ["Velvetine Nightgown"]);
    }

    shop.done("productUpdate", json!({ "id": id, "status": "ACTIVE" }), "product { id }").await;
    assert_eq!(found(shop, "velvatine").await, ["Velvatine Secret"]);
    shop.done("productUpdate", json!({ "id": id, "status": "ARCHIVED" }), "product { id }").await;
    assert_eq!(found(shop, "velvatine").await, ["Velvetine Nightgown"]);
}

async fn a_word_that_no_product_has_any_more_is_forgotten(shop: &Shop) {
    let store = shelf(shop, &[]).await;
    let id = put(shop, &store, "Zanzibbar Rug", "", &[], "ACTIVE").await;
    let other = put(shop, &store, "Zanzibaar Mat", "", &[], "ACTIVE").await;

    shop.done("productUpdate", json!({ "id": id, "name": "Zanzibar Rug" }), "product { id }").await;
    shop.done("productDelete", json!({ "id": other }), "deletedProductId").await;

    for text in ["zanzibbar", "zanzibaar"] {
        assert_eq!(found(shop, text).await, ["Zanzibar Rug"], "{text}");
    }
}
