//! The argument `where`: each condition alone, joined, and those that make no sense.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

on_both!(
    each_condition_holds_for_the_right_products,
    joined_conditions_mean_what_they_say,
    an_empty_list_and_a_missing_condition_are_not_the_same,
    times_bound_a_list_exactly,
    a_condition_that_makes_no_sense_is_refused,
    conditions_join_with_the_parent_of_a_list,
);

struct Shelf {
    euro: String,
    yen: String,
    garden: String,
    chairs: String,
}

/// | product | store | category | prices | stock | status |
/// | --- | --- | --- | --- | --- | --- |
/// | a | euro | garden | 10.00, 30.00 | 5 | active |
/// | b | euro | chairs | 20.00 | 0 | active |
/// | c | yen | chairs | 2000 | 1 | active |
/// | d | yen | none | none | none | active |
/// | e | euro | chairs | 15.00 | none | draft |
async fn shelf(shop: &Shop) -> Shelf {
    let (euro, yen) = (shop.store_in("euro", "EUR").await, shop.store_in("yen", "JPY").await);
    let garden = shop.category("garden", None).await;
    let chairs = shop.category("chairs", Some(&garden)).await;
    let product = async |slug: &str, store: &str, category: Option<&str>, status: &str, prices: &[&str]| {
        let options = if prices.is_empty() { json!([]) } else { json!([{ "name": "Size", "values": prices }]) };
        let input = json!({ "storeId": store, "categoryId": category, "slug": slug, "name": slug, "status": status, "options": options });
        let product = shop.product_with(input).await;
        let mut skus = Vec::new();
        for price in prices {
            skus.push(shop.sku_with(json!({ "productId": product, "optionValues": [price], "price": price })).await);
        }
        skus
    };
    let a = product("a", &euro, Some(&garden), "ACTIVE", &["30.00", "10.00"]).await;
    let b = product("b", &euro, Some(&chairs), "ACTIVE", &["20.00"]).await;
    let c = product("c", &yen, Some(&chairs), "ACTIVE", &["2000"]).await;
    product("d", &yen, None, "ACTIVE", &[]).await;
    product("e", &euro, Some(&chairs), "DRAFT", &["15.00"]).await;
    shop.stock(&a[1], 5).await;
    shop.stock(&b[0], 0).await;
    shop.stock(&c[0], 1).await;
    Shelf { euro, yen, garden, chairs }
}

/// The slugs of the products for which a condition holds, joined in order; `totalCount` must agree.
async fn found(shop: &Shop, condition: Value) -> String {
    let query = "query ($where: ProductWhere) {
        products(where: $where, orderBy: {field: NAME}) { totalCount { count precision } nodes { slug } }
    }";
    let answer = shop.ask_as_staff(query, json!({ "where": condition })).await;
    let slugs = answer.strings("/products/nodes", "slug");
    assert_eq!(answer.data("/products/totalCount"), &json!({ "count": slugs.len(), "precision": "EXACT" }));
    slugs.concat()
}

async fn each_condition_holds_for_the_right_products(shop: &Shop) {
    let Shelf { euro, yen, garden, chairs } = shelf(shop).await;

    for (condition, expected) in [
        (json!(null), "abcde"),
        (json!({}), "abcde"),
        (json!({ "store": { "eq": euro } }), "abe"),
        (json!({ "store": { "in": [euro, yen, euro] } }), "abcde"),
        (json!({ "store": { "eq": euro, "in": [yen] } }), ""),
        (json!({ "category": { "eq": garden } }), "abce"),
        (json!({ "category": { "eq": garden, "includeDescendants": false } }), "a"),
        (json!({ "category": { "in": [garden, chairs], "includeDescendants": false } }), "abce"),
        (json!({ "category": { "eq": chairs } }), "bce"),
        (json!({ "status": { "eq": "DRAFT" } }), "e"),
        (json!({ "status": { "in": ["DRAFT", "ACTIVE"] } }), "abcde"),
        (json!({ "status": { "eq": "ARCHIVED" } }), ""),
        (json!({ "inStock": { "eq": true } }), "ac"),
        (json!({ "inStock": { "eq": false } }), "bde"),
        (json!({ "price": { "currencyCode": "EUR" } }), "abe"),
        (json!({ "price": { "currencyCode": "JPY" } }), "cd"),
        (json!({ "price": { "currencyCode": "USD" } }), ""),
        (json!({ "price": { "currencyCode": "EUR", "gte": "10" } }), "abe"),
        (json!({ "price": { "currencyCode": "EUR", "gte": "10.01" } }), "be"),
        (json!({ "price": { "currencyCode": "EUR", "lte": "10.00" } }), "a"),
        (json!({ "price": { "currencyCode": "EUR", "lte": 9.99 } }), ""),
        (json!({ "price": { "currencyCode": "EUR", "gte": "15", "lte": "20" } }), "be"),
        (json!({ "price": { "currencyCode": "EUR", "gte": "20", "lte": "20.0" } }), "b"),
        (json!({ "price": { "currencyCode": "EUR", "gte": 30 } }), ""),
        (json!({ "price": { "currencyCode": "JPY", "gte": "2000" } }), "c"),
        (json!({ "price": { "currencyCode": "JPY", "lte": "20" } }), ""),
        (json!({ "price": { "currencyCode": "EUR", "gte": "2000" } }), ""),
        (json!({ "price": { "currencyCode": "EUR", "gte": "100000000000" } }), ""),
    ] {
        assert_eq!(found(shop, condition.clone()).await, expected, "{condition}");
    }
}

async fn joined_conditions_mean_what_they_say(shop: &Shop) {
    let Shelf { euro, yen, garden, chairs } = shelf(shop).await;
    let in_stock = json!({ "inStock": { "eq": true } });
    let is_euro = json!({ "store": { "eq": euro } });
    let is_draft = json!({ "status": { "eq": "DRAFT" } });

    for (condition, expected) in [
        (json!({ "store": { "eq": euro }, "inStock": { "eq": true } }), "a"),
        (json!({ "AND": [in_stock, is_euro] }), "a"),
        (json!({ "OR": [in_stock, is_euro] }), "abce"),
        (json!({ "OR": [in_stock] }), "ac"),
        (json!({ "OR": in_stock }), "ac"),
        (json!({ "inStock": { "eq": false }, "OR": [is_euro, is_draft] }), "be"),
        (json!({ "OR": [{ "AND": [is_euro, in_stock] }, is_draft] }), "ae"),
        (json!({ "AND": [{ "OR": [is_euro, in_stock] }, { "OR": [is_draft, in_stock] }] }), "ace"),
        (json!({ "AND": [is_euro], "OR": [in_stock, is_draft] }), "ae"),
        (
            json!({ "OR": [{ "store": { "eq": yen }, "inStock": { "eq": true } }, { "price": { "currencyCode": "EUR", "lte": "10" } }] }),
            "ac",
        ),
        (
            json!({ "category": { "eq": garden }, "OR": [{ "category": { "eq": chairs } }, { "category": { "eq": garden, "includeDescendants": false } }] }),
            "abce",
        ),
        (
            json!({ "OR": [{ "price": { "currencyCode": "EUR" } }, { "price": { "currencyCode": "JPY", "gte": "1" } }] }),
            "abce",
        ),
        (json!({ "AND": [{ "store": { "eq": euro } }, { "store": { "eq": yen } }] }), ""),
    ] {
        assert_eq!(found(shop, condition.clone()).await, expected, "{condition}");
    }
}

async fn an_empty_list_and_a_missing_condition_are_not_the_same(shop: &Shop) {
    shelf(shop).await;

    for (condition, expected) in [
        (json!({ "store": { "in": [] } }), ""),
        (json!({ "store": {} }), "abcde"),
        (json!({ "store": null }), "abcde"),
        (json!({ "store": { "eq": null, "in": null } }), "abcde"),
        (json!({ "category": { "in": [] } }), ""),
        (json!({ "category": { "in": [], "includeDescendants": false } }), ""),
        (json!({ "category": {} }), "abcde"),
        (json!({ "status": { "in": [] } }), ""),
        (json!({ "status": {} }), "abcde"),
        (json!({ "inStock": {} }), "abcde"),
        (json!({ "inStock": { "eq": null } }), "abcde"),
        (json!({ "createdAt": {} }), "abcde"),
        (json!({ "AND": [] }), "abcde"),
        (json!({ "OR": [] }), ""),
        (json!({ "OR": null }), "abcde"),
        (json!({ "OR": [{}] }), "abcde"),
        (json!({ "OR": [{ "OR": [] }, { "inStock": { "eq": true } }] }), "ac"),
        (json!({ "AND": [{}, { "AND": [] }] }), "abcde"),
    ] {
        assert_eq!(found(shop, condition.clone()).await, expected, "{condition}");
    }
}

async fn times_bound_a_list_exactly(shop: &Shop) {
    shelf(shop).await;
    let at = async |slug: &str| {
        let query = "query ($slug: String) { product(slug: $slug) { createdAt } }";
        shop.ask_as_staff(query, json!({ "slug": slug })).await.string("/product/createdAt")
    };
    let (b, d) = (at("b").await, at("d").await);
    let elsewhere = chrono::DateTime::parse_from_rfc3339(&b)
        .unwrap()
        .with_timezone(&chrono::FixedOffset::east_opt(19_800).unwrap());

    for (condition, expected) in [
        (json!({ "gte": b }), "bcde"),
        (json!({ "gt": b }), "cde"),
        (json!({ "lte": b }), "ab"),
        (json!({ "lt": b }), "a"),
        (json!({ "gte": b, "lte": b }), "b"),
        (json!({ "gt": b, "lt": d }), "c"),
        (json!({ "gte": b, "lte": d }), "bcd"),
        (json!({ "gt": b, "gte": d }), "de"),
        (json!({ "gte": elsewhere.to_rfc3339(), "lte": elsewhere.to_rfc3339() }), "b"),
        (json!({ "gte": "2000-01-01T00:00:00Z" }), "abcde"),
        (json!({ "gte": "2000-01-01T00:00:00.5+14:00", "lt": "9999-12-31T23:59:59Z" }), "abcde"),
        (json!({ "lt": "0000-01-01T00:00:00Z" }), ""),
        (json!({ "gt": "9999-12-31T23:59:59.999999Z" }), ""),
    ] {
        assert_eq!(found(shop, json!({ "createdAt": condition })).await, expected, "{condition}");
    }
}

async fn a_condition_that_makes_no_sense_is_refused(shop: &Shop) {
    let Shelf { euro, garden, .. } = shelf(shop).await;
    let fifty = |count: usize| vec![json!({ "inStock": { "eq": true } }); count];
    let nested = (0..60).fold(json!({ "inStock": { "eq": true } }), |inner, _| json!({ "AND": [inner] }));

    for (condition, told) in [
        (json!({ "store": { "eq": garden } }), "is the id of a Category, not of a Store"),
        (json!({ "category": { "in": [garden, euro] } }), "is the id of a Store, not of a Category"),
        (json!({ "store": { "eq": "made up" } }), "\"made up\" is not an id"),
        (json!({ "store": { "in": vec![&euro; 101] } }), "store in has 101 values, over the maximum of 100"),
        (json!({ "category": { "in": vec![&garden; 101] } }), "category in has 101 values, over the maximum of 100"),
        (
            json!({ "price": { "currencyCode": "EUR", "gte": "10", "lte": "9.99" } }),
            "price range is turned round: gte 10 is over lte 9.99",
        ),
        (json!({ "price": { "currencyCode": "EUR", "gte": "1.005" } }), "price gte 1.005 has 3 decimals, EUR has 2"),
        (json!({ "price": { "currencyCode": "JPY", "lte": "0.5" } }), "price lte 0.5 has 1 decimals, JPY has 0"),
        (json!({ "price": { "currencyCode": "EUR", "gte": "-1" } }), "price gte -1 is negative"),
        (json!({ "price": { "currencyCode": "EUR", "lte": "1e3" } }), "is not a decimal number"),
        (json!({ "price": { "gte": "1" } }), "currencyCode"),
        (json!({ "price": { "currencyCode": "euro" } }), "is not a currency code of ISO 4217"),
        (
            json!({ "createdAt": { "gt": "2024-02-01T00:00:00Z", "lt": "2024-01-01T00:00:00Z" } }),
            "createdAt range is turned round",
        ),
        (json!({ "createdAt": { "gte": "-4800-01-01T00:00:00Z" } }), "is not a time such as"),
        (json!({ "createdAt": { "lte": "9999-12-31T23:59:59-14:00" } }), "the year 10000 is not one of 0000 to 9999"),
        (json!({ "OR": fifty(26) }), "conditions, over the maximum of 50"),
        (nested, "conditions, over the maximum of 50"),
        (json!({ "nothing": 1 }), "ProductWhere has no field nothing"),
    ] {
        let query = "query ($where: ProductWhere) { products(where: $where) { nodes { slug } } }";
        let answer = shop.ask(query, json!({ "where": condition })).await;

        let (code, message) = answer.error();
        assert_eq!(code, "BAD_USER_INPUT", "{condition}: {}", answer.text);
        assert!(message.contains(told), "{message} does not say {told}");
    }
}

async fn conditions_join_with_the_parent_of_a_list(shop: &Shop) {
    let Shelf { euro, .. } = shelf(shop).await;
    let query = "query ($where: ProductWhere) {
        stores { nodes { slug products(where: $where, orderBy: {field: NAME}) { totalCount { count } nodes { slug } } } }
        category(slug: \"chairs\") { products(where: $where, orderBy: {field: NAME}) { totalCount { count } nodes { slug } } }
    }";

    let in_stock = shop.ask(query, json!({ "where": { "inStock": { "eq": true } } })).await;
    let either = json!({ "OR": [{ "store": { "eq": euro } }, { "inStock": { "eq": false } }] });
    let either = shop.ask(query, json!({ "where": either })).await;

    let lists = |answer: &crate::support::Answer| {
        ["/stores/nodes/0/products", "/stores/nodes/1/products", "/category/products"].map(|list| {
            let slugs = answer.strings(&format!("{list}/nodes"), "slug");
            assert_eq!(answer.data(&format!("{list}/totalCount/count")), &json!(slugs.len()));
            slugs.concat()
        })
    };
    // The newest store, that of the yen, comes first.
    assert_eq!(lists(&in_stock), ["c", "a", "c"]);
    assert_eq!(lists(&either), ["d", "ab", "b"]);
}
