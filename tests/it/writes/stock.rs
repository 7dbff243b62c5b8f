//! Setting stock, and what follows from it.

use serde_json::json;

use crate::support::{Shop, on_both};

const WHOLE: &str = "stock { quantity isAvailable version updatedAt sku { id product { inStock } } }";

on_both!(
    stock_is_what_it_was_set_to,
    a_quantity_has_its_bounds,
    stock_has_a_version_of_its_own,
    stock_of_nothing_is_not_set,
    a_product_is_in_stock_while_any_of_its_skus_is,
);

async fn stock_is_what_it_was_set_to(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let sku = shop.sku(&product, "1").await;

    let set = shop.done("stockSet", json!({ "skuId": sku, "quantity": 3 }), WHOLE).await;
    let emptied = shop.done("stockSet", json!({ "skuId": sku, "quantity": 0 }), WHOLE).await;

    assert_eq!(set["stock"]["quantity"], 3);
    assert_eq!(set["stock"]["isAvailable"], true);
    assert_eq!(set["stock"]["sku"], json!({ "id": sku, "product": { "inStock": true } }));
    assert!(set["stock"]["updatedAt"].is_string());
    assert_eq!(emptied["stock"]["quantity"], 0);
    assert_eq!(emptied["stock"]["isAvailable"], false);
    assert_eq!(emptied["stock"]["sku"]["product"]["inStock"], false);
}

async fn a_quantity_has_its_bounds(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let sku = shop.sku(&product, "1").await;
    let set = |quantity: i64| json!({ "skuId": sku, "quantity": quantity });

    for quantity in [-1, 1_000_000_001, i64::from(i32::MAX), i64::from(i32::MIN)] {
        assert_eq!(shop.refused("stockSet", set(quantity)).await, ["input.quantity INVALID"], "{quantity}");
    }
    assert_eq!(shop.failed("stockSet", set(i64::from(i32::MAX) + 1)).await, "BAD_USER_INPUT");
    assert_eq!(shop.failed("stockSet", json!({ "skuId": sku, "quantity": 1.5 })).await, "BAD_USER_INPUT");
    assert_eq!(shop.failed("stockSet", json!({ "skuId": sku, "quantity": null })).await, "BAD_USER_INPUT");
    let most = shop.done("stockSet", set(1_000_000_000), WHOLE).await;
    assert_eq!(most["stock"]["quantity"], 1_000_000_000);
}

async fn stock_has_a_version_of_its_own(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let sku = shop.sku(&product, "1").await;
    let set = |quantity: i32, version: &str| json!({ "skuId": sku, "quantity": quantity, "version": version });

    let not_counted = shop.refused("stockSet", set(1, "7")).await;
    let first = shop.done("stockSet", set(1, "0"), WHOLE).await;
    let late = shop.refused("stockSet", set(2, "0")).await;
    let version = first["stock"]["version"].as_str().unwrap();
    let second = shop.done("stockSet", set(2, version), WHOLE).await;
    let again = shop.refused("stockSet", set(3, version)).await;

    for refusals in [not_counted, late, again] {
        assert_eq!(refusals, ["input.version CONFLICT"]);
    }
    assert_eq!(second["stock"]["quantity"], 2);
    assert_ne!(second["stock"]["version"], first["stock"]["version"]);
}

async fn stock_of_nothing_is_not_set(shop: &Shop) {
    let nothing = super::id_of_nothing("Sku");

    assert_eq!(shop.refused("stockSet", json!({ "skuId": nothing, "quantity": 1 })).await, ["input.skuId NOT_FOUND"]);
}

async fn a_product_is_in_stock_while_any_of_its_skus_is(shop: &Shop) {
    let store = shop.store("acme").await;
    let options = json!([{ "name": "Size", "values": ["S", "M"] }]);
    let product = shop
        .product_with(json!({ "storeId": store, "slug": "oak", "name": "n", "options": options, "status": "ACTIVE" }))
        .await;
    let small = shop.sku_with(json!({ "productId": product, "optionValues": ["S"], "price": "1" })).await;
    let medium = shop.sku_with(json!({ "productId": product, "optionValues": ["M"], "price": "1" })).await;
    let in_stock = async || {
        let found =
            shop.ask("{ products(where: { inStock: { eq: true } }) { nodes { slug inStock } } }", json!({})).await;
        found.data("/products/nodes").clone()
    };
    let yes = json!([{ "slug": "oak", "inStock": true }]);

    shop.stock(&small, 0).await;
    assert_eq!(in_stock().await, json!([]));
    shop.stock(&small, 1).await;
    shop.stock(&medium, 2).await;
    assert_eq!(in_stock().await, yes);
    shop.stock(&small, 0).await;
    assert_eq!(in_stock().await, yes);
    shop.done("skuDelete", json!({ "id": medium }), "").await;
    assert_eq!(in_stock().await, json!([]));
}
