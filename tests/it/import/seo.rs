//! What search engines show of a product.

use serde_json::json;

use crate::support::{Shop, on_both};

on_both!(the_texts_for_search_engines_are_set_and_taken_away, they_have_their_bounds);

async fn the_texts_for_search_engines_are_set_and_taken_away(shop: &Shop) {
    let store = shop.store("acme").await;
    let seo = "product { id seo { title description } }";
    let product = json!({ "storeId": store, "slug": "mug", "name": "Mug", "seo": { "title": "Mugs, \"fine\" é", "description": "One\nof many" } });

    let made = shop.done("productCreate", product, seo).await;
    let id = &made["product"]["id"];
    let kept = shop.done("productUpdate", json!({ "id": id, "name": "Cup" }), seo).await;
    let one =
        shop.done("productUpdate", json!({ "id": id, "seo": { "description": "Other", "title": "" } }), seo).await;
    let none = shop.done("productUpdate", json!({ "id": id, "seo": {} }), seo).await;

    assert_eq!(made["product"]["seo"], json!({ "title": "Mugs, \"fine\" é", "description": "One\nof many" }));
    assert_eq!(kept["product"]["seo"], made["product"]["seo"]);
    assert_eq!(one["product"]["seo"], json!({ "title": null, "description": "Other" }));
    assert_eq!(none["product"]["seo"], json!({ "title": null, "description": null }));
}

async fn they_have_their_bounds(shop: &Shop) {
    let store = shop.store("acme").await;
    for (seo, refusal) in [
        (json!({ "title": "t".repeat(256) }), "input.seo.title TOO_LONG"),
        (json!({ "title": " " }), "input.seo.title BLANK"),
        (json!({ "title": "two\nlines" }), "input.seo.title INVALID"),
        (json!({ "description": "d".repeat(1001) }), "input.seo.description TOO_LONG"),
    ] {
        let product = json!({ "storeId": store, "slug": "mug", "name": "Mug", "seo": seo });
        assert_eq!(shop.refused("productCreate", product).await, [refusal]);
    }
}
