//! Objects that are answered in one go are answered as they are field by field.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Shop, uncached_on_both};

uncached_on_both!(
    in_one_go_and_field_by_field_the_answer_is_the_same,
    a_key_that_is_selected_twice_has_what_is_selected_each_time,
    a_failure_that_several_fields_meet_is_told_at_each_of_them,
);

/// A selection; with `$wait` each object in it has a field that others have to be loaded for.
const SELECTION: &str = "
    fragment Wanted on Product {
        ...Name __typename kind: __typename slug name tags options { name values { name } } images { url } status inStock createdAt
        priceRange { min { amount } max { minorUnits currencyCode } }
        store { ...Seller wait: products(first: 1) @include(if: $wait) { nodes { id } } }
        category { name position wait: parent @include(if: $wait) { id } }
        ... on Product {
            skus {
                title price { __typename amount currencyCode } compareAtPrice { amount } wait: product @include(if: $wait) { id }
                stock { quantity isAvailable updatedAt wait: sku @include(if: $wait) { id } }
            }
        }
        ... { again: name @skip(if: $wait) again: name @include(if: $wait) }
    }
    fragment Seller on Store { id name currencyCode }
    fragment Name on Node { id }";

/// A value without what was only there to be waited for.
fn without_waits(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let stay = fields.iter().filter(|(key, _)| *key != "wait");
            stay.map(|(key, value)| (key.clone(), without_waits(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_waits).collect(),
        value => value.clone(),
    }
}

/// Forty products, some with skus, stock and a category and some without.
async fn shelves(shop: &Shop) -> Vec<String> {
    let (acme, bolt) = (shop.store("acme").await, shop.store_in("bolt", "JPY").await);
    let garden = shop.category("garden", None).await;
    let mut products = Vec::new();
    for number in 0..40 {
        let mut input = json!({ "storeId": if number % 3 == 0 { &bolt } else { &acme }, "slug": format!("p-{number}"),
            "name": format!("Product {number}"), "status": "ACTIVE",
            "options": [{ "name": "Size", "values": ["0", "1", "2"] }] });
        if number % 2 == 0 {
            input["categoryId"] = json!(garden);
        }
        let product = shop.product_with(input).await;
        for price in 0..number % 4 {
            let price = price.to_string();
            let sku = shop.sku_with(json!({ "productId": product, "optionValues": [price], "price": price })).await;
            if price != "1" {
                shop.stock(&sku, number).await;
            }
        }
        products.push(product);
    }
    products
}

async fn in_one_go_and_field_by_field_the_answer_is_the_same(shop: &Shop) {
    let products = shelves(shop).await;
    let query = format!(
        "query ($wait: Boolean!, $id: ID!) {{
            products(first: 40) {{ nodes {{ ...Wanted }} }}
            product(id: $id) {{ ...Wanted }}
            edges: products(first: 3) {{ edges {{ cursor node {{ ...Wanted }} other: node {{ store {{ name }} }} }} }}
        }} {SELECTION}"
    );

    let in_one_go = shop.ask(&query, json!({ "wait": false, "id": products[7] })).await;
    let field_by_field = shop.ask(&query, json!({ "wait": true, "id": products[7] })).await;

    assert_eq!(in_one_go.data("/products/nodes").as_array().unwrap().len(), 40);
    assert_ne!(field_by_field.data(""), in_one_go.data(""));
    let [in_one_go, field_by_field] = [&in_one_go, &field_by_field].map(|answer| without_waits(answer.data("")));
    assert_eq!(in_one_go.to_string(), field_by_field.to_string());
}

async fn a_key_that_is_selected_twice_has_what_is_selected_each_time(shop: &Shop) {
    shelves(shop).await;
    let once = "{ products { nodes { id store { id name } skus { id price { amount currencyCode } stock { quantity version } } } } }";
    let twice = "{ products { nodes { id store { id } skus { id price { amount } } ...More store { name } } } }
        fragment More on Product { id skus { price { currencyCode } stock { quantity } } ... { skus { id stock { version } } } }";

    let (once, twice) = (shop.ask(once, json!({})).await, shop.ask(twice, json!({})).await);

    assert_eq!(once.data(""), twice.data(""));
}

async fn a_failure_that_several_fields_meet_is_told_at_each_of_them(shop: &Shop) {
    shelves(shop).await;
    shop.database_pool().await.execute_unprepared("ALTER TABLE categories RENAME TO elsewhere").await.unwrap();

    let answer = shop
        .ask("{ products(first: 4, orderBy: {field: NAME}) { nodes { name category { name } } } }", json!({}))
        .await;

    let nodes = answer.json["data"]["products"]["nodes"].as_array().unwrap();
    let names: Vec<&Value> = nodes.iter().map(|node| &node["name"]).collect();
    assert_eq!(names, ["Product 0", "Product 1", "Product 10", "Product 11"]);
    let paths: Vec<String> =
        answer.json["errors"].as_array().unwrap().iter().map(|error| error["path"].to_string()).collect();
    assert_eq!(paths, ["[\"products\",\"nodes\",0,\"category\"]", "[\"products\",\"nodes\",2,\"category\"]"]);
}
