//! Creating and changing stores.

use serde_json::{Value, json};

use crate::support::{Shop, on_both};

const WHOLE: &str = "store { slug name description currencyCode products { totalCount { count } } }";

on_both!(
    a_store_is_created_as_it_was_given,
    an_update_of_a_store_changes_what_is_given,
    a_stores_texts_have_their_bounds,
    a_stores_slug_is_taken_once,
    a_store_that_does_not_exist_is_not_changed,
    a_currency_is_one_of_iso_4217,
);

async fn a_store_is_created_as_it_was_given(shop: &Shop) {
    let input = json!({ "slug": "acme", "name": "Acme", "description": "a\nb", "currencyCode": "JPY" });

    let created = shop.done("storeCreate", input, WHOLE).await;
    let bare = shop.done("storeCreate", json!({ "slug": "bare", "name": "Bare", "currencyCode": "EUR" }), WHOLE).await;

    let none = json!({ "totalCount": { "count": 0 } });
    assert_eq!(
        created["store"],
        json!({ "slug": "acme", "name": "Acme", "description": "a\nb", "currencyCode": "JPY", "products": none })
    );
    assert_eq!(bare["store"]["description"], "");
}

async fn an_update_of_a_store_changes_what_is_given(shop: &Shop) {
    let id = shop.store("acme").await;
    shop.product(&id, "oak").await;

    let named =
        shop.done("storeUpdate", json!({ "id": id, "name": "New", "slug": null, "description": null }), WHOLE).await;
    let moved = shop.done("storeUpdate", json!({ "id": id, "slug": "new", "description": "d" }), WHOLE).await;

    let one = json!({ "totalCount": { "count": 1 } });
    assert_eq!(
        named["store"],
        json!({ "slug": "acme", "name": "New", "description": "", "currencyCode": "EUR", "products": one })
    );
    assert_eq!(
        moved["store"],
        json!({ "slug": "new", "name": "New", "description": "d", "currencyCode": "EUR", "products": one })
    );
}

async fn a_stores_texts_have_their_bounds(shop: &Shop) {
    let id = shop.store("acme").await;

    for (field, value, code) in [
        ("name", "n".repeat(256), "TOO_LONG"),
        ("name", " ".to_owned(), "BLANK"),
        ("name", "a\u{0}".to_owned(), "INVALID"),
        ("description", "d".repeat(20_001), "TOO_LONG"),
        ("description", "\u{8}".to_owned(), "INVALID"),
        ("slug", "A b".to_owned(), "INVALID"),
        ("slug", "s".repeat(256), "TOO_LONG"),
    ] {
        let mut create = json!({ "slug": "new", "name": "New", "currencyCode": "EUR" });
        create[field] = json!(value);
        let mut update = json!({ "id": id });
        update[field] = json!(value);

        assert_eq!(shop.refused("storeCreate", create).await, [format!("input.{field} {code}")]);
        assert_eq!(shop.refused("storeUpdate", update).await, [format!("input.{field} {code}")]);
    }
}

async fn a_stores_slug_is_taken_once(shop: &Shop) {
    let id = shop.store("acme").await;
    shop.store("other").await;

    let create = json!({ "slug": "acme", "name": "New", "currencyCode": "EUR" });

    assert_eq!(shop.refused("storeCreate", create).await, ["input.slug TAKEN"]);
    assert_eq!(shop.refused("storeUpdate", json!({ "id": id, "slug": "other" })).await, ["input.slug TAKEN"]);
    shop.done("storeUpdate", json!({ "id": id, "slug": "acme" }), "").await;
}

async fn a_store_that_does_not_exist_is_not_changed(shop: &Shop) {
    let nothing = super::id_of_nothing("Store");

    assert_eq!(shop.refused("storeUpdate", json!({ "id": nothing, "name": "New" })).await, ["input.id NOT_FOUND"]);
}

async fn a_currency_is_one_of_iso_4217(shop: &Shop) {
    for currency in [json!("EURO"), json!("eur"), json!(""), json!("ABC"), json!(978), Value::Null] {
        let input = json!({ "slug": "new", "name": "New", "currencyCode": currency });

        assert_eq!(shop.failed("storeCreate", input).await, "BAD_USER_INPUT", "{currency}");
    }
}
