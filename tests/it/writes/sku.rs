//! Creating, changing, moving and deleting skus.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

const WHOLE: &str = "sku { code title selectedOptions { name value } attributes { name value } price { amount minorUnits \
     currencyCode } compareAtPrice { amount } product { slug skus { title } } stock { quantity } }";

on_both!(
    a_sku_is_created_as_it_was_given,
    an_update_of_a_sku_changes_what_is_given,
    null_takes_code_and_former_price_away,
    prices_that_cannot_be_are_refused,
    prices_have_the_decimals_of_their_currency,
    option_values_are_those_of_the_product,
    codes_and_option_values_are_taken_once_in_a_product,
    a_skus_texts_have_their_bounds,
    what_is_gone_is_not_changed,
    a_sku_moves_with_its_stock,
    a_sku_that_does_not_fit_there_does_not_move,
    skus_are_in_the_order_of_their_positions,
);

async fn shirt(shop: &Shop) -> String {
    let store = shop.store("acme").await;
    let options = json!([{ "name": "Size", "values": ["S", "M"] }, { "name": "Colour", "values": ["Red", "Blue"] }]);
    shop.product_with(json!({ "storeId": store, "slug": "shirt", "name": "Shirt", "options": options })).await
}

async fn a_sku_is_created_as_it_was_given(shop: &Shop) {
    let product = shirt(shop).await;

    let payload = shop
        .done(
            "skuCreate",
            json!({
                "productId": product, "code": "SH-1", "optionValues": ["M", "Red"], "price": "19.90",
                "compareAtPrice": "25", "attributes": [{ "name": "Weight", "value": "200 g" }, { "name": "Empty", "value": "" }]
            }),
            WHOLE,
        )
        .await;

    assert_eq!(
        payload["sku"],
        json!({
            "code": "SH-1", "title": "M / Red",
            "selectedOptions": [{ "name": "Size", "value": "M" }, { "name": "Colour", "value": "Red" }],
            "attributes": [{ "name": "Weight", "value": "200 g" }, { "name": "Empty", "value": "" }],
            "price": { "amount": "19.90", "minorUnits": "1990", "currencyCode": "EUR" },
            "compareAtPrice": { "amount": "25.00" },
            "product": { "slug": "shirt", "skus": [{ "title": "M / Red" }] },
            "stock": { "quantity": 0 }
        })
    );
}

async fn an_update_of_a_sku_changes_what_is_given(shop: &Shop) {
    let product = shirt(shop).await;
    let given = json!({
        "productId": product, "code": "SH-1", "optionValues": ["M", "Red"], "price": "19.90", "compareAtPrice": "25",
        "attributes": [{ "name": "Weight", "value": "200 g" }]
    });
    let created =
        shop.done("skuCreate", given, &format!("sku {{ id }} {}", WHOLE.replacen("sku", "whole: sku", 1))).await;
    let id = created["sku"]["id"].clone();
    let mut expected = created["whole"].clone();

    let nothing = shop.done("skuUpdate", json!({ "id": id }), WHOLE).await;
    let price = shop.done("skuUpdate", json!({ "id": id, "price": 7 }), WHOLE).await;

    assert_eq!(nothing["sku"], expected);
    expected["price"] = json!({ "amount": "7.00", "minorUnits": "700", "currencyCode": "EUR" });
    assert_eq!(price["sku"], expected);
}

async fn null_takes_code_and_former_price_away(shop: &Shop) {
    let product = shirt(shop).await;
    let given =
        json!({ "productId": product, "code": "C", "optionValues": ["M", "Red"], "price": "1", "compareAtPrice": "2" });
    let id = shop.sku_with(given).await;
    let selection = "sku { code compareAtPrice { amount } price { amount } title }";

    let absent = shop.done("skuUpdate", json!({ "id": id, "position": 3 }), selection).await;
    let null = json!({ "id": id, "code": null, "compareAtPrice": null, "price": null, "optionValues": null, "attributes": null });
    let null = shop.done("skuUpdate", null, selection).await;

    let price = json!({ "amount": "1.00" });
    assert_eq!(
        absent["sku"],
        json!({ "code": "C", "compareAtPrice": { "amount": "2.00" }, "price": price, "title": "M / Red" })
    );
    assert_eq!(null["sku"], json!({ "code": null, "compareAtPrice": null, "price": price, "title": "M / Red" }));
}

async fn prices_that_cannot_be_are_refused(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let id = shop.sku(&product, "1").await;

    for price in ["-1", "-0.01", "1.999", "0.001", "100000000000.01", "79228162514264337593543950335"] {
        let create = json!({ "productId": product, "optionValues": [], "price": price });
        let both = json!({ "id": id, "price": price, "compareAtPrice": price });

        assert_eq!(shop.refused("skuCreate", create).await, ["input.price INVALID"], "{price}");
        assert_eq!(
            shop.refused("skuUpdate", both).await,
            ["input.price INVALID", "input.compareAtPrice INVALID"],
            "{price}"
        );
    }
    for price in [json!("1,5"), json!("NaN"), json!(""), json!("1e400"), json!(" 1"), json!(true), json!("９")] {
        assert_eq!(shop.failed("skuUpdate", json!({ "id": id, "price": price })).await, "BAD_USER_INPUT", "{price}");
    }
    let bounds = json!({ "id": id, "price": "-0.00", "compareAtPrice": "100000000000.00" });
    let bounds = shop.done("skuUpdate", bounds, "sku { price { amount } compareAtPrice { amount minorUnits } }").await;
    assert_eq!(
        bounds["sku"],
        json!({ "price": { "amount": "0.00" }, "compareAtPrice": { "amount": "100000000000.00", "minorUnits": "10000000000000" } })
    );
}

async fn prices_have_the_decimals_of_their_currency(shop: &Shop) {
    for (currency, good, shown, minor, bad) in [
        ("EUR", "19.9900", "19.99", "1999", "1.999"),
        ("JPY", "2000", "2000", "2000", "0.5"),
        ("KWD", "1.234", "1.234", "1234", "1.2345"),
    ] {
        let store = shop.store_in(&currency.to_lowercase(), currency).await;
        let product = shop.product(&store, &format!("of-{}", currency.to_lowercase())).await;
        let with = |price: &str| json!({ "productId": product, "optionValues": [], "price": price });

        let refused = shop.refused("skuCreate", with(bad)).await;
        let created = shop.done("skuCreate", with(good), "sku { price { amount minorUnits currencyCode } }").await;

        assert_eq!(refused, ["input.price INVALID"], "{currency}");
        let price = json!({ "amount": shown, "minorUnits": minor, "currencyCode": currency });
        assert_eq!(created["sku"]["price"], price);
    }
}

async fn option_values_are_those_of_the_product(shop: &Shop) {
    let product = shirt(shop).await;
    let id = shop.sku_with(json!({ "productId": product, "optionValues": ["S", "Red"], "price": "1" })).await;

    for (values, refusals) in [
        (json!([]), vec!["input.optionValues INVALID"]),
        (json!(["S"]), vec!["input.optionValues INVALID"]),
        (json!(["S", "Red", "x"]), vec!["input.optionValues INVALID"]),
        (json!(["Red", "S"]), vec!["input.optionValues.0 INVALID", "input.optionValues.1 INVALID"]),
        (json!(["s", "Red"]), vec!["input.optionValues.0 INVALID"]),
        (json!(["M", "\u{0}"]), vec!["input.optionValues.1 INVALID"]),
    ] {
        let create = json!({ "productId": product, "optionValues": values, "price": "1" });

        assert_eq!(shop.refused("skuCreate", create).await, refusals, "{values}");
        assert_eq!(shop.refused("skuUpdate", json!({ "id": id, "optionValues": values })).await, refusals, "{values}");
    }
}

async fn codes_and_option_values_are_taken_once_in_a_product(shop: &Shop) {
    let product = shirt(shop).await;
    let other = shop.product(&shop.store("other").await, "other").await;
    let with = |values: [&str; 2], code: Value| json!({ "productId": product, "optionValues": values, "price": "1", "code": code });
    shop.sku_with(with(["S", "Red"], json!("A"))).await;
    let second = shop.sku_with(with(["M", "Red"], json!("B"))).await;
    shop.sku_with(with(["M", "Blue"], json!(null))).await;

    let same_code = shop.refused("skuCreate", with(["S", "Blue"], json!("A"))).await;
    let same_values = shop.refused("skuCreate", with(["S", "Red"], json!(null))).await;
    let same_both = shop.refused("skuCreate", with(["S", "Red"], json!("A"))).await;
    let update = json!({ "id": second, "code": "A", "optionValues": ["S", "Red"] });
    let update = shop.refused("skuUpdate", update).await;

    assert_eq!(same_code, ["input.code TAKEN"]);
    assert_eq!(same_values, ["input.optionValues TAKEN"]);
    assert_eq!(same_both, ["input.code TAKEN", "input.optionValues TAKEN"]);
    assert_eq!(update, ["input.code TAKEN", "input.optionValues TAKEN"]);
    // Another product may use the code, a second sku may have none, and a sku keeps its own.
    shop.sku_with(json!({ "productId": other, "optionValues": [], "price": "1", "code": "A" })).await;
    shop.sku_with(with(["S", "Blue"], json!(null))).await;
    shop.done("skuUpdate", json!({ "id": second, "code": "B", "optionValues": ["M", "Red"] }), "").await;
}

async fn a_skus_texts_have_their_bounds(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let id = shop.sku(&product, "1").await;
    let attribute = |name: &str, value: &str| json!({ "attributes": [{ "name": name, "value": value }] });
    let many: Vec<_> = (0..101).map(|index| json!({ "name": index.to_string(), "value": "" })).collect();

    for (mut change, refusal) in [
        (json!({ "code": "" }), "input.code BLANK"),
        (json!({ "code": "c".repeat(256) }), "input.code TOO_LONG"),
        (json!({ "code": "a\u{0}" }), "input.code INVALID"),
        (attribute(" ", "v"), "input.attributes.0.name BLANK"),
        (attribute(&"n".repeat(256), "v"), "input.attributes.0.name TOO_LONG"),
        (attribute("a\u{0}", "v"), "input.attributes.0.name INVALID"),
        (attribute("n", &"v".repeat(1001)), "input.attributes.0.value TOO_LONG"),
        (attribute("n", "\u{0}"), "input.attributes.0.value INVALID"),
        (json!({ "attributes": many }), "input.attributes TOO_MANY"),
    ] {
        change["id"] = json!(id);

        assert_eq!(shop.refused("skuUpdate", change).await, [refusal]);
    }
}

async fn what_is_gone_is_not_changed(shop: &Shop) {
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let id = shop.sku(&product, "1").await;
    shop.stock(&id, 3).await;

    let gone = shop.done("skuDelete", json!({ "id": id }), "deletedSkuId").await;

    assert_eq!(gone["deletedSkuId"], json!(id));
    assert_eq!(shop.refused("skuUpdate", json!({ "id": id, "price": "2" })).await, ["input.id NOT_FOUND"]);
    assert_eq!(shop.refused("skuDelete", json!({ "id": id })).await, ["input.id NOT_FOUND"]);
    assert_eq!(shop.refused("stockSet", json!({ "skuId": id, "quantity": 1 })).await, ["input.skuId NOT_FOUND"]);
}

async fn a_sku_moves_with_its_stock(shop: &Shop) {
    let store = shop.store("acme").await;
    let (from, to) = (shop.product(&store, "from").await, shop.product(&store, "to").await);
    let id = shop.sku_with(json!({ "productId": from, "optionValues": [], "price": "5", "code": "C" })).await;
    shop.stock(&id, 4).await;

    let moved = shop
        .done(
            "skuUpdate",
            json!({ "id": id, "productId": to }),
            "sku { code stock { quantity } product { slug skus { code } } }",
        )
        .await;

    let here = json!({ "slug": "to", "skus": [{ "code": "C" }] });
    assert_eq!(moved["sku"], json!({ "code": "C", "stock": { "quantity": 4 }, "product": here }));
    let products = shop
        .ask_as_staff(
            "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { slug inStock priceRange { min { amount } } skus { code } } } }",
            json!({ "ids": [from, to] }),
        )
        .await;
    assert_eq!(
        products.data("/nodes"),
        &json!([
            { "slug": "from", "inStock": false, "priceRange": null, "skus": [] },
            { "slug": "to", "inStock": true, "priceRange": { "min": { "amount": "5.00" } }, "skus": [{ "code": "C" }] }
        ])
    );
}

async fn a_sku_that_does_not_fit_there_does_not_move(shop: &Shop) {
    let store = shop.store("acme").await;
    let from = shop.product(&store, "from").await;
    let id = shop.sku_with(json!({ "productId": from, "optionValues": [], "price": "5", "code": "C" })).await;
    let abroad = shop.product(&shop.store_in("abroad", "JPY").await, "abroad").await;
    let full = shop.product(&store, "full").await;
    shop.sku_with(json!({ "productId": full, "optionValues": [], "price": "5", "code": "C" })).await;
    let options = json!([{ "name": "Size", "values": ["S"] }]);
    let chosen =
        shop.product_with(json!({ "storeId": store, "slug": "chosen", "name": "n", "options": options })).await;
    let to = |product: &str| json!({ "id": id, "productId": product });

    assert_eq!(shop.refused("skuUpdate", to(&abroad)).await, ["input.productId INVALID"]);
    assert_eq!(shop.refused("skuUpdate", to(&full)).await, ["input.code TAKEN", "input.optionValues TAKEN"]);
    assert_eq!(shop.refused("skuUpdate", to(&chosen)).await, ["input.optionValues INVALID"]);
    let nowhere = super::id_of_nothing("Product");
    assert_eq!(shop.refused("skuUpdate", to(&nowhere)).await, ["input.productId NOT_FOUND"]);
    let fitting = json!({ "id": id, "productId": chosen, "optionValues": ["S"] });
    let fitting = shop.done("skuUpdate", fitting, "sku { title product { slug } }").await;
    assert_eq!(fitting["sku"], json!({ "title": "S", "product": { "slug": "chosen" } }));
}

async fn skus_are_in_the_order_of_their_positions(shop: &Shop) {
    let product = shirt(shop).await;
    let add = async |values: [&str; 2], position: Option<i32>| {
        let sku = json!({ "productId": product, "optionValues": values, "price": "1", "position": position });
        shop.sku_with(sku).await
    };
    let titles = async || {
        let answer = shop.ask_as_staff("{ product(slug: \"shirt\") { skus { title } } }", json!({})).await;
        answer.strings("/product/skus", "title")
    };

    add(["S", "Red"], Some(7)).await;
    let last = add(["S", "Blue"], None).await;
    add(["M", "Red"], Some(3)).await;
    assert_eq!(titles().await, ["M / Red", "S / Red", "S / Blue"]);

    shop.done("skuUpdate", json!({ "id": last, "position": 1 }), "").await;
    assert_eq!(titles().await, ["S / Blue", "M / Red", "S / Red"]);

    for position in [-1, 1_000_001] {
        let update =
            "mutation ($input: SkuUpdateInput!) { skuUpdate(input: $input) { userErrors { field code message } } }";
        let answer = shop.ask_as_staff(update, json!({ "input": { "id": last, "position": position } })).await;
        assert_eq!(answer.user_errors("skuUpdate"), ["input.position INVALID"], "{}", answer.text);
    }
}
