//! How money, times, versions and texts are written.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::support::{Shop, on_both};

on_both!(
    money_has_the_decimals_of_its_currency,
    the_price_range_is_that_of_the_skus,
    times_are_rfc_3339_in_utc,
    versions_and_minor_units_are_texts,
    texts_come_back_as_they_went_in,
    a_count_is_exact_and_read_only_when_it_is_asked_for,
);

async fn money_has_the_decimals_of_its_currency(shop: &Shop) {
    let cases = [
        ("EUR", "19.99", "19.99", "1999"),
        ("EUR", "5", "5.00", "500"),
        ("EUR", "0.10", "0.10", "10"),
        ("EUR", "100000000000", "100000000000.00", "10000000000000"),
        ("JPY", "2000", "2000", "2000"),
        ("JPY", "2000.00", "2000", "2000"),
        ("KWD", "1.5", "1.500", "1500"),
        ("KWD", "0.001", "0.001", "1"),
    ];
    for (index, (currency, price, amount, minor_units)) in cases.into_iter().enumerate() {
        let store = shop.store_in(&format!("store-{index}"), currency).await;
        let product = shop.product(&store, &format!("product-{index}")).await;
        let sku = json!({ "productId": product, "optionValues": [], "price": price, "compareAtPrice": price });
        shop.sku_with(sku).await;

        let fields = "amount currencyCode minorUnits";
        let query = format!(
            "query ($id: ID!) {{ product(id: $id) {{ skus {{ price {{ {fields} }} compareAtPrice {{ {fields} }} }} priceRange {{ min {{ {fields} }} max {{ {fields} }} }} }} }}"
        );
        let answer = shop.ask(&query, json!({ "id": product })).await;

        let money = json!({ "amount": amount, "currencyCode": currency, "minorUnits": minor_units });
        assert_eq!(answer.data("/product/skus"), &json!([{ "price": money, "compareAtPrice": money }]));
        assert_eq!(answer.data("/product/priceRange"), &json!({ "min": money, "max": money }));
    }
}

async fn the_price_range_is_that_of_the_skus(shop: &Shop) {
    let store = shop.store("acme").await;
    let sizes = json!([{ "name": "Size", "values": ["S", "M", "L"] }]);
    let product = json!({ "storeId": store, "slug": "shirt", "name": "Shirt", "status": "ACTIVE", "options": sizes });
    let product = shop.product_with(product).await;
    let mut skus = Vec::new();
    for (size, price) in [("S", "10"), ("M", "12.50"), ("L", "9.99")] {
        skus.push(shop.sku_with(json!({ "productId": product, "optionValues": [size], "price": price })).await);
    }
    let range = async || {
        let query = "{ product(slug: \"shirt\") { priceRange { min { amount } max { amount } } skus { compareAtPrice { amount } } } }";
        let answer = shop.ask(query, json!({})).await;
        [answer.string("/product/priceRange/min/amount"), answer.string("/product/priceRange/max/amount")]
    };

    let of_three = range().await;
    let delete = "mutation ($id: ID!) { skuDelete(input: {id: $id}) { deletedSkuId } }";
    shop.ask_as_staff(delete, json!({ "id": skus[2] })).await.string("/skuDelete/deletedSkuId");
    let of_two = range().await;

    assert_eq!(of_three, ["9.99", "12.50"]);
    assert_eq!(of_two, ["10.00", "12.50"]);
}

async fn times_are_rfc_3339_in_utc(shop: &Shop) {
    let begun = Utc::now();
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    shop.sku(&product, "1").await;
    shop.category("garden", None).await;

    let query = "{
        product(slug: \"oak-board\") { createdAt updatedAt skus { createdAt updatedAt } store { createdAt updatedAt } }
        category(slug: \"garden\") { createdAt updatedAt }
    }";
    let answer = shop.ask(query, json!({})).await;

    for owner in ["/product", "/product/skus/0", "/product/store", "/category"] {
        let [created, updated] = ["createdAt", "updatedAt"].map(|field| answer.string(&format!("{owner}/{field}")));
        let moment = DateTime::parse_from_rfc3339(&created).unwrap();

        assert_eq!(created, updated, "{owner}");
        assert!(created.ends_with("+00:00") || created.ends_with('Z'), "{created}");
        // The server cuts to the microsecond.
        assert!(moment.timestamp_micros() >= begun.timestamp_micros() && moment <= Utc::now(), "{created}");
    }
}

async fn versions_and_minor_units_are_texts(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&product, "1").await;
    shop.stock(&sku, 1).await;

    let query = "{ product(slug: \"oak-board\") { version store { version } skus { version price { minorUnits } stock { version } } } }";
    let answer = shop.ask(query, json!({})).await;

    for field in
        ["/product/version", "/product/store/version", "/product/skus/0/version", "/product/skus/0/stock/version"]
    {
        assert!(answer.string(field).parse::<i64>().unwrap() > 0, "{field}");
    }
    assert_eq!(answer.string("/product/skus/0/price/minorUnits"), "100");
}

async fn texts_come_back_as_they_went_in(shop: &Shop) {
    let store = shop.store("acme").await;
    for (index, text) in [
        "Robert'); DROP TABLE products; --",
        "\"quoted\" \\ back / slash",
        "<b>bold</b> & <script>alert(1)</script>",
        "🪑 Stühle — ça va? 日本語 \u{202e}",
        "e\u{301} is not é",
        "100 % _ $1 ? {} []",
        "null",
    ]
    .into_iter()
    .enumerate()
    {
        let input = json!({
            "storeId": store, "slug": format!("p{index}"), "name": text, "status": "ACTIVE", "description": format!("{text}\n\t{text}"),
            "tags": [text], "options": [{ "name": text, "values": [text] }],
            "images": [{ "url": "https://example.com/a%20b?c=d&e=f#g", "altText": text }],
        });
        let product = shop.product_with(input).await;
        let attributes = json!([{ "name": text, "value": text }]);
        let sku = json!({ "productId": product, "optionValues": [text], "price": "1", "code": text, "attributes": attributes });
        shop.sku_with(sku).await;

        let query = "query ($id: ID!) {
            product(id: $id) {
                name description tags options { name values { name } } images { url altText }
                skus { code title selectedOptions { name value } attributes { name value } }
            }
        }";
        let answer = shop.ask(query, json!({ "id": product })).await;

        assert_eq!(
            answer.data("/product"),
            &json!({
                "name": text, "description": format!("{text}\n\t{text}"), "tags": [text], "options": [{ "name": text, "values": [{ "name": text }] }],
                "images": [{ "url": "https://example.com/a%20b?c=d&e=f#g", "altText": text }],
                "skus": [{ "code": text, "title": text, "selectedOptions": [{ "name": text, "value": text }], "attributes": attributes }],
            })
        );
    }
}

async fn a_count_is_exact_and_read_only_when_it_is_asked_for(shop: &Shop) {
    let store = shop.store("acme").await;
    for index in 0..7 {
        shop.product(&store, &format!("p{index}")).await;
    }

    let with_count =
        shop.explain("{ products(first: 2) { totalCount { count precision } nodes { slug } } }", json!({})).await;
    let only_count = shop.explain("{ products(first: 0) { totalCount { count } } }", json!({})).await;
    let without = shop.explain("{ products(first: 2) { nodes { slug } } }", json!({})).await;

    assert_eq!(with_count.data("/products/totalCount"), &json!({ "count": 7, "precision": "EXACT" }));
    assert_eq!(with_count.data("/products/nodes").as_array().unwrap().len(), 2);
    assert_eq!(only_count.data("/products/totalCount/count"), &json!(7));
    assert_eq!((with_count.statements(), without.statements()), (2, 1));
}
