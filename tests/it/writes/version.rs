//! Versions and what the database keeps up to date by itself: they rise when what they stand for changes, and only then.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    every_change_raises_the_version_by_one,
    a_change_of_a_sku_raises_its_product,
    stock_raises_the_product_only_when_it_runs_out_or_comes_back,
    a_moved_sku_raises_both_products,
    an_update_at_the_current_version_is_made_once,
    a_delete_at_an_old_version_is_refused,
    the_price_range_follows_the_skus,
    times_tell_of_creation_and_change,
);

async fn version(shop: &Shop, id: &str) -> i64 {
    let query = "query ($id: ID!) { node(id: $id) {
        ... on Product { v: version } ... on Sku { v: version } ... on Store { v: version }
        ... on Category { v: version } ... on User { v: version } } }";
    shop.ask_as_staff(query, json!({ "id": id })).await.string("/node/v").parse().unwrap()
}

async fn two_sizes(shop: &Shop, slug: &str) -> String {
    let store = shop.store(slug).await;
    let options = json!([{ "name": "Size", "values": ["S", "M", "L"] }]);
    shop.product_with(json!({ "storeId": store, "slug": slug, "name": "n", "options": options, "status": "ACTIVE" }))
        .await
}

fn sku(product: &str, size: &str, price: &str) -> Value {
    json!({ "productId": product, "optionValues": [size], "price": price })
}

async fn every_change_raises_the_version_by_one(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak").await;
    let sku = shop.sku(&product, "1").await;
    let category = shop.category("boards", None).await;
    let user = shop.user("ada@example.com").await;

    for (field, id, change) in [
        ("storeUpdate", &store, json!({ "name": "New" })),
        ("productUpdate", &product, json!({ "name": "New" })),
        ("skuUpdate", &sku, json!({ "price": "2" })),
        ("categoryUpdate", &category, json!({ "name": "New" })),
        ("userUpdate", &user, json!({ "name": "New" })),
    ] {
        let before = version(shop, id).await;
        let mut input = change;
        input["id"] = json!(id);
        shop.done(field, input, "").await;

        assert_eq!(version(shop, id).await, before + 1, "{field}");
    }
}

async fn a_change_of_a_sku_raises_its_product(shop: &Shop) {
    let product = two_sizes(shop, "shirt").await;
    let mut last = version(shop, &product).await;
    let mut raised = async |what: &str| {
        let now = version(shop, &product).await;
        assert!(now > last, "{what}: {now} after {last}");
        last = now;
    };

    let id = shop.sku_with(sku(&product, "S", "5")).await;
    raised("created").await;
    shop.done("skuUpdate", json!({ "id": id, "price": "6" }), "").await;
    raised("priced").await;
    shop.done("skuUpdate", json!({ "id": id, "attributes": [{ "name": "n", "value": "v" }] }), "").await;
    raised("described").await;
    shop.done("skuUpdate", json!({ "id": id, "position": 9 }), "").await;
    raised("placed").await;
    shop.done("skuUpdate", json!({ "id": id, "code": "C" }), "").await;
    raised("coded").await;
    shop.done("skuDelete", json!({ "id": id }), "").await;
    raised("deleted").await;
}

async fn stock_raises_the_product_only_when_it_runs_out_or_comes_back(shop: &Shop) {
    let product = two_sizes(shop, "shirt").await;
    let small = shop.sku_with(sku(&product, "S", "5")).await;
    let medium = shop.sku_with(sku(&product, "M", "5")).await;
    let mut last = version(shop, &product).await;

    for (id, quantity, flips) in [
        (&small, 0, false),
        (&small, 3, true),
        (&small, 4, false),
        (&medium, 1, false),
        (&small, 0, false),
        (&medium, 0, true),
        (&medium, 0, false),
        (&small, 1, true),
    ] {
        shop.stock(id, quantity).await;

        let now = version(shop, &product).await;
        assert_eq!(now - last, i64::from(flips), "quantity {quantity}");
        last = now;
    }
}

async fn a_moved_sku_raises_both_products(shop: &Shop) {
    let (from, to) = (two_sizes(shop, "from").await, two_sizes(shop, "to").await);
    let id = shop.sku_with(sku(&from, "S", "5")).await;
    let before = [version(shop, &from).await, version(shop, &to).await];

    shop.done("skuUpdate", json!({ "id": id, "productId": to }), "").await;

    let after = [version(shop, &from).await, version(shop, &to).await];
    assert!(after[0] > before[0] && after[1] > before[1], "{before:?} then {after:?}");
}

async fn an_update_at_the_current_version_is_made_once(shop: &Shop) {
    let product = two_sizes(shop, "shirt").await;
    let seen = version(shop, &product).await;
    let change = |name: &str| json!({ "id": product, "version": seen.to_string(), "name": name });

    let first = shop.done("productUpdate", change("first"), "product { name version }").await;
    let second = shop.refused("productUpdate", change("second")).await;
    let informed = json!({ "id": product, "version": first["product"]["version"], "name": "third" });
    let informed = shop.done("productUpdate", informed, "product { name }").await;

    assert_eq!(first["product"]["name"], "first");
    assert_eq!(second, ["input.version CONFLICT"]);
    assert_eq!(informed["product"]["name"], "third");
}

async fn a_delete_at_an_old_version_is_refused(shop: &Shop) {
    let product = two_sizes(shop, "shirt").await;
    let seen = version(shop, &product).await;
    shop.sku_with(sku(&product, "S", "5")).await;

    let late = shop.refused("productDelete", json!({ "id": product, "version": seen.to_string() })).await;
    let now = version(shop, &product).await.to_string();
    let informed = shop.done("productDelete", json!({ "id": product, "version": now }), "deletedProductId").await;

    assert_eq!(late, ["input.version CONFLICT"]);
    assert_eq!(informed["deletedProductId"], json!(product));
}

async fn the_price_range_follows_the_skus(shop: &Shop) {
    let product = two_sizes(shop, "shirt").await;
    let range = async || {
        let query = "{ product(slug: \"shirt\") { priceRange { min { amount } max { amount } } } }";
        let answer = shop.ask(query, json!({})).await;
        let range = answer.data("/product/priceRange").clone();
        ["min", "max"].map(|end| range[end]["amount"].as_str().map(str::to_owned).unwrap_or_default())
    };

    assert_eq!(range().await, ["", ""]);
    let small = shop.sku_with(sku(&product, "S", "5")).await;
    assert_eq!(range().await, ["5.00", "5.00"]);
    let medium = shop.sku_with(sku(&product, "M", "0")).await;
    let large = shop.sku_with(sku(&product, "L", "20.50")).await;
    assert_eq!(range().await, ["0.00", "20.50"]);
    shop.done("skuUpdate", json!({ "id": medium, "price": "30" }), "").await;
    assert_eq!(range().await, ["5.00", "30.00"]);
    shop.done("skuDelete", json!({ "id": small }), "").await;
    assert_eq!(range().await, ["20.50", "30.00"]);
    shop.done("skuDelete", json!({ "id": medium }), "").await;
    shop.done("skuDelete", json!({ "id": large }), "").await;
    assert_eq!(range().await, ["", ""]);
}

async fn times_tell_of_creation_and_change(shop: &Shop) {
    let store = shop.store("acme").await;
    let selection = "store { createdAt updatedAt }";

    let first = shop.done("storeUpdate", json!({ "id": store, "name": "1" }), selection).await;
    let second = shop.done("storeUpdate", json!({ "id": store, "name": "2" }), selection).await;

    let time = |payload: &Value, field: &str| -> chrono::DateTime<chrono::Utc> {
        payload["store"][field].as_str().unwrap().parse().unwrap()
    };
    assert_eq!(time(&first, "createdAt"), time(&second, "createdAt"));
    assert!(time(&first, "createdAt") < time(&first, "updatedAt"));
    assert!(time(&first, "updatedAt") < time(&second, "updatedAt"));
}
