//! Reading the catalogue: lookups, filters, orders, relations both ways.

use serde_json::json;

use crate::support::{Shop, on_both};

on_both!(a_product_is_found_by_id_and_by_slug);

async fn a_product_is_found_by_id_and_by_slug(shop: &Shop) {
    let store = shop.store("acme").await;
    let id = shop.product(&store, "oak-board").await;

    let by_id = shop.ask("query ($id: ID!) { product(id: $id) { slug } }", json!({ "id": id })).await;
    let by_slug = shop.ask("{ product(slug: \"oak-board\") { id } }", json!({})).await;
    let unknown = shop.ask("{ product(slug: \"no-such-thing\") { id } }", json!({})).await;

    assert_eq!(by_id.string("/product/slug"), "oak-board");
    assert_eq!(by_slug.string("/product/id"), id);
    assert!(unknown.data("/product").is_null());
}
