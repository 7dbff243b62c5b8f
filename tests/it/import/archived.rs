//! Skus that are no longer sold: of no account for their product, and seen by staff alone.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    an_archived_sku_counts_for_nothing_of_its_product,
    a_sku_is_sold_again_only_with_values_that_the_product_has,
    stock_of_an_archived_sku_makes_nothing_available,
);

const PRODUCT: &str = "query ($id: ID!) { product(id: $id) { inStock version priceRange { min { amount } max { amount } } skus { title archived } } }";
const SKU: &str =
    "query ($id: ID!) { node(id: $id) { ... on Sku { title archived product { name } stock { quantity } } } }";

async fn shirt(shop: &Shop) -> (String, String, String) {
    let store = shop.store("acme").await;
    let options = json!([{ "name": "Size", "values": ["S", "M"] }]);
    let product = shop
        .product_with(
            json!({ "storeId": store, "slug": "shirt", "name": "Shirt", "status": "ACTIVE", "options": options }),
        )
        .await;
    let small = shop.sku_with(json!({ "productId": product, "optionValues": ["S"], "price": "10" })).await;
    let medium = shop.sku_with(json!({ "productId": product, "optionValues": ["M"], "price": "30" })).await;
    shop.stock(&medium, 4).await;
    (product, small, medium)
}

async fn see(shop: &Shop, product: &str) -> Value {
    let mut seen = shop.ask(PRODUCT, json!({ "id": product })).await.data("/product").clone();
    seen.as_object_mut().unwrap().remove("version");
    seen
}

async fn an_archived_sku_counts_for_nothing_of_its_product(shop: &Shop) {
    let (product, small, medium) = shirt(shop).await;
    let both = see(shop, &product).await;

    let done = shop.done("skuUpdate", json!({ "id": medium, "archived": true }), "sku { archived }").await;

    assert_eq!(done["sku"]["archived"], true);
    let alone = json!({
        "inStock": false, "priceRange": { "min": { "amount": "10.00" }, "max": { "amount": "10.00" } },
        "skus": [{ "title": "S", "archived": false }]
    });
    assert_eq!(see(shop, &product).await, alone);
    assert_eq!(shop.ask(SKU, json!({ "id": medium })).await.data("/node"), &Value::Null);
    let as_staff = shop.ask_as_staff(SKU, json!({ "id": medium })).await;
    assert_eq!(
        as_staff.data("/node"),
        &json!({ "title": "M", "archived": true, "product": { "name": "Shirt" }, "stock": { "quantity": 4 } })
    );
    shop.done("skuUpdate", json!({ "id": small, "archived": true }), "sku { id }").await;
    assert_eq!(see(shop, &product).await, json!({ "inStock": false, "priceRange": null, "skus": [] }));
    for sku in [small, medium] {
        shop.done("skuUpdate", json!({ "id": sku, "archived": false }), "sku { id }").await;
    }
    assert_eq!(see(shop, &product).await, both);
}

async fn a_sku_is_sold_again_only_with_values_that_the_product_has(shop: &Shop) {
    let (product, _, medium) = shirt(shop).await;
    shop.done("skuUpdate", json!({ "id": medium, "archived": true }), "sku { id }").await;

    let options = json!([{ "name": "Size", "values": ["S"] }]);
    shop.done("productUpdate", json!({ "id": product, "options": options }), "product { id }").await;

    let again = json!({ "id": medium, "archived": false });
    assert_eq!(shop.refused("skuUpdate", again).await, ["input.optionValues.0 INVALID"]);
    let as_small = json!({ "id": medium, "archived": false, "optionValues": ["S"] });
    assert_eq!(shop.refused("skuUpdate", as_small).await, ["input.optionValues TAKEN"]);
}

async fn stock_of_an_archived_sku_makes_nothing_available(shop: &Shop) {
    let (product, small, medium) = shirt(shop).await;
    shop.done("skuUpdate", json!({ "id": medium, "archived": true }), "sku { id }").await;

    shop.stock(&medium, 9).await;
    assert_eq!(see(shop, &product).await["inStock"], false);
    shop.stock(&small, 1).await;
    assert_eq!(see(shop, &product).await["inStock"], true);
    shop.stock(&small, 0).await;
    assert_eq!(see(shop, &product).await["inStock"], false);
    shop.done("skuUpdate", json!({ "id": medium, "archived": false }), "sku { id }").await;
    assert_eq!(see(shop, &product).await["inStock"], true);
}
