//! Users and their orders, as staff sees them. What everyone else sees of them is told in `visibility`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::support::{Line, Shop, on_both};

on_both!(
    a_user_is_created_in_lower_case_and_found_by_id_and_email,
    an_update_of_a_user_changes_what_is_given,
    an_email_is_one_and_taken_once,
    a_users_name_has_its_bounds,
    a_user_that_is_gone_is_not_changed,
    users_are_paged_newest_first,
    orders_are_newest_first_with_their_items,
    orders_are_paged_in_both_directions,
    an_order_is_found_by_its_sealed_id,
    an_order_item_is_found_by_its_sealed_id,
    an_id_of_an_order_tells_nothing_and_cannot_be_made_up,
    an_order_outlives_what_was_ordered,
    an_order_outlives_its_user,
    the_largest_item_has_a_total,
);

const SHOE: Line<'static> = Line { sku: None, name: "Shoe", quantity: 2, unit_price: 1999 };
const LACE: Line<'static> = Line { sku: None, name: "Lace", quantity: 1, unit_price: 250 };

async fn a_user_is_created_in_lower_case_and_found_by_id_and_email(shop: &Shop) {
    let input = json!({ "email": "Ada@Example.COM", "name": "Ada Lovelace" });
    let created =
        shop.done("userCreate", input, "user { id email name orders { totalCount { count } nodes { id } } }").await;
    let id = created["user"]["id"].as_str().unwrap();

    let query = "query ($id: ID!) { byId: user(id: $id) { id } upper: user(email: \"ADA@EXAMPLE.COM\") { id }
        none: user(email: \"eve@example.com\") { id } absurd: user(email: \"\\u0000\") { id } }";
    let found = shop.ask_as_staff(query, json!({ "id": id })).await;

    assert_eq!(
        created["user"],
        json!({ "id": id, "email": "ada@example.com", "name": "Ada Lovelace", "orders": { "totalCount": { "count": 0 }, "nodes": [] } })
    );
    let user = json!({ "id": id });
    assert_eq!(found.data(""), &json!({ "byId": user, "upper": user, "none": null, "absurd": null }));
    let both =
        shop.ask_as_staff("query ($id: ID!) { user(id: $id, email: \"a@b\") { id } }", json!({ "id": id })).await;
    let neither = shop.ask_as_staff("{ user { id } }", json!({})).await;
    for answer in [both, neither] {
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
    }
}

async fn an_update_of_a_user_changes_what_is_given(shop: &Shop) {
    let id = shop.user("ada@example.com").await;
    let selection = "user { email name }";

    let named = shop.done("userUpdate", json!({ "id": id, "name": "Ada", "email": null }), selection).await;
    let moved = shop.done("userUpdate", json!({ "id": id, "email": "ADA@example.org" }), selection).await;

    assert_eq!(named["user"], json!({ "email": "ada@example.com", "name": "Ada" }));
    assert_eq!(moved["user"], json!({ "email": "ada@example.org", "name": "Ada" }));
}

async fn an_email_is_one_and_taken_once(shop: &Shop) {
    let id = shop.user("ada@example.com").await;
    shop.user("bob@example.com").await;
    let long = format!("{}@example.com", "a".repeat(254));

    for (email, code) in [
        ("", "INVALID"),
        ("ada", "INVALID"),
        ("@example.com", "INVALID"),
        ("ada@", "INVALID"),
        ("a@b@c", "INVALID"),
        ("a b@c", "INVALID"),
        ("a\u{0}@c", "INVALID"),
        (&long, "TOO_LONG"),
        ("BOB@example.com", "TAKEN"),
    ] {
        let expected = [format!("input.email {code}")];

        assert_eq!(shop.refused("userCreate", json!({ "email": email, "name": "n" })).await, expected, "{email:?}");
        assert_eq!(shop.refused("userUpdate", json!({ "id": id, "email": email })).await, expected, "{email:?}");
    }
    shop.done("userUpdate", json!({ "id": id, "email": "Ada@example.com" }), "").await;
}

async fn a_users_name_has_its_bounds(shop: &Shop) {
    let id = shop.user("ada@example.com").await;

    for (name, code) in [(" ".to_owned(), "BLANK"), ("n".repeat(256), "TOO_LONG"), ("a\u{0}".to_owned(), "INVALID")] {
        let expected = [format!("input.name {code}")];

        assert_eq!(shop.refused("userCreate", json!({ "email": "new@example.com", "name": name })).await, expected);
        assert_eq!(shop.refused("userUpdate", json!({ "id": id, "name": name })).await, expected);
    }
    let both = shop.refused("userCreate", json!({ "email": "none", "name": "" })).await;
    assert_eq!(both, ["input.email INVALID", "input.name BLANK"]);
}

async fn a_user_that_is_gone_is_not_changed(shop: &Shop) {
    let id = shop.user("ada@example.com").await;

    let gone = shop.done("userDelete", json!({ "id": id }), "deletedUserId").await;

    assert_eq!(gone["deletedUserId"], json!(id));
    assert_eq!(shop.refused("userUpdate", json!({ "id": id, "name": "n" })).await, ["input.id NOT_FOUND"]);
    assert_eq!(shop.refused("userDelete", json!({ "id": id })).await, ["input.id NOT_FOUND"]);
    let again = shop.user("ada@example.com").await;
    assert_ne!(again, id);
}

async fn users_are_paged_newest_first(shop: &Shop) {
    for name in ["a", "b", "c", "d", "e"] {
        shop.user(&format!("{name}@example.com")).await;
    }
    let query = "query ($first: Int, $after: String, $last: Int, $before: String) {
        users(first: $first, after: $after, last: $last, before: $before) {
            nodes { name: email } totalCount { count precision } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

    let first = shop.ask_as_staff(query, json!({ "first": 2 })).await;
    let after = first.string("/users/pageInfo/endCursor");
    let second = shop.ask_as_staff(query, json!({ "first": 2, "after": after })).await;
    let before = second.string("/users/pageInfo/startCursor");
    let back = shop.ask_as_staff(query, json!({ "last": 2, "before": before })).await;
    let end = shop.ask_as_staff(query, json!({ "last": 1 })).await;

    assert_eq!(first.strings("/users/nodes", "name"), ["e@example.com", "d@example.com"]);
    assert_eq!(second.strings("/users/nodes", "name"), ["c@example.com", "b@example.com"]);
    assert_eq!(back.strings("/users/nodes", "name"), first.strings("/users/nodes", "name"));
    assert_eq!(end.strings("/users/nodes", "name"), ["a@example.com"]);
    let ends = |answer: &crate::support::Answer| {
        ["hasPreviousPage", "hasNextPage"].map(|end| answer.data("/users/pageInfo")[end].as_bool().unwrap())
    };
    assert_eq!([&first, &second, &back, &end].map(ends), [[false, true], [true, true], [false, true], [true, false]]);
    assert_eq!(first.data("/users/totalCount"), &json!({ "count": 5, "precision": "EXACT" }));
}

async fn orders_are_newest_first_with_their_items(shop: &Shop) {
    let (ada, bob) = (shop.user("ada@example.com").await, shop.user("bob@example.com").await);
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let sku = shop.sku(&product, "12.50").await;
    shop.order(&ada, "2026-01-02T00:00:00Z", &[SHOE, LACE]).await;
    shop.order(&bob, "2026-01-03T00:00:00Z", &[LACE]).await;
    let oak = Line { sku: Some(&sku), name: "Oak as it was", quantity: 3, unit_price: 1000 };
    shop.order(&ada, "2026-03-01T00:00:00Z", &[oak]).await;

    let query = "{ user(email: \"ada@example.com\") { orders { totalCount { count } nodes {
        placedAt status total { amount currencyCode } user { email }
        items { productName quantity unitPrice { amount } total { amount minorUnits } sku { price { amount } product { slug } } } } } } }";
    let answer = shop.ask_as_staff(query, json!({})).await;

    let user = json!({ "email": "ada@example.com" });
    let money = |amount: &str| json!({ "amount": amount, "currencyCode": "EUR" });
    assert_eq!(
        answer.data("/user/orders"),
        &json!({ "totalCount": { "count": 2 }, "nodes": [
            { "placedAt": "2026-03-01T00:00:00Z", "status": "PAID", "total": money("30.00"), "user": user, "items": [
                { "productName": "Oak as it was", "quantity": 3, "unitPrice": { "amount": "10.00" },
                  "total": { "amount": "30.00", "minorUnits": "3000" },
                  "sku": { "price": { "amount": "12.50" }, "product": { "slug": "oak" } } }
            ] },
            { "placedAt": "2026-01-02T00:00:00Z", "status": "PAID", "total": money("42.48"), "user": user, "items": [
                { "productName": "Shoe", "quantity": 2, "unitPrice": { "amount": "19.99" },
                  "total": { "amount": "39.98", "minorUnits": "3998" }, "sku": null },
                { "productName": "Lace", "quantity": 1, "unitPrice": { "amount": "2.50" },
                  "total": { "amount": "2.50", "minorUnits": "250" }, "sku": null }
            ] }
        ] })
    );
}

async fn orders_are_paged_in_both_directions(shop: &Shop) {
    let ada = shop.user("ada@example.com").await;
    // Two at the same moment: their ids decide.
    for day in ["01", "02", "02", "03"] {
        shop.order(&ada, &format!("2026-01-{day}T00:00:00Z"), &[LACE]).await;
    }
    let query = "query ($first: Int, $after: String, $last: Int, $before: String) { user(email: \"ada@example.com\") {
        orders(first: $first, after: $after, last: $last, before: $before) {
            nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } }";
    let page = async |arguments: serde_json::Value| shop.ask_as_staff(query, arguments).await;
    let ids = |answer: &crate::support::Answer| answer.strings("/user/orders/nodes", "id");

    let all = ids(&page(json!({})).await);
    let mut forward = Vec::new();
    let mut after = json!(null);
    for index in 0..4 {
        let answer = page(json!({ "first": 1, "after": after })).await;
        forward.extend(ids(&answer));
        after = answer.data("/user/orders/pageInfo/endCursor").clone();
        assert_eq!(answer.data("/user/orders/pageInfo/hasNextPage"), &json!(index < 3));
        assert_eq!(answer.data("/user/orders/pageInfo/hasPreviousPage"), &json!(index > 0));
    }
    let mut backward = Vec::new();
    let mut before = json!(null);
    for _ in 0..2 {
        let answer = page(json!({ "last": 2, "before": before })).await;
        backward.splice(0..0, ids(&answer));
        before = answer.data("/user/orders/pageInfo/startCursor").clone();
    }

    assert_eq!(all.len(), 4);
    assert_eq!(forward, all);
    assert_eq!(backward, all);
}

async fn an_order_is_found_by_its_sealed_id(shop: &Shop) {
    let ada = shop.user("ada@example.com").await;
    let id = shop.order(&ada, "2026-01-02T00:00:00Z", &[SHOE]).await;

    let query =
        "query ($id: ID!) { node(id: $id) { __typename id ... on Order { user { id } items { productName } } } }";
    let found = shop.ask_as_staff(query, json!({ "id": id })).await;
    let listed = shop.ask_as_staff("{ users { nodes { orders { nodes { id } } } } }", json!({})).await;

    let items = json!([{ "productName": "Shoe" }]);
    assert_eq!(found.data("/node"), &json!({ "__typename": "Order", "id": id, "user": { "id": ada }, "items": items }));
    assert_eq!(listed.string("/users/nodes/0/orders/nodes/0/id"), id);
}

async fn an_order_item_is_found_by_its_sealed_id(shop: &Shop) {
    let ada = shop.user("ada@example.com").await;
    let order = shop.order(&ada, "2026-01-02T00:00:00Z", &[SHOE, LACE]).await;
    let listed = shop
        .ask_as_staff("query ($id: ID!) { node(id: $id) { ... on Order { items { id } } } }", json!({ "id": order }))
        .await;
    let ids = listed.strings("/node/items", "id");

    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on OrderItem { productName order { id } } } }";
    let found = shop.ask_as_staff(query, json!({ "ids": ids })).await;

    let item = |id: &str, name: &str| json!({ "id": id, "productName": name, "order": { "id": order } });
    assert_eq!(found.data("/nodes"), &json!([item(&ids[0], "Shoe"), item(&ids[1], "Lace")]));
}

async fn an_id_of_an_order_tells_nothing_and_cannot_be_made_up(shop: &Shop) {
    let ada = shop.user("ada@example.com").await;
    let id = shop.order(&ada, "2026-01-02T00:00:00Z", &[SHOE]).await;
    let sealed = URL_SAFE_NO_PAD.decode(&id).unwrap();
    let open = |kind: u8| {
        let mut bytes = vec![kind];
        bytes.extend(shop.key(&ada).as_bytes());
        bytes.extend(shop.key(&id).as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    };

    for key in [shop.key(&ada), shop.key(&id)] {
        assert!(!sealed.windows(16).any(|window| window == key.as_bytes()), "{id} holds {key}");
    }
    let changed = format!("{}{}", if id.starts_with('A') { 'B' } else { 'A' }, &id[1..]);
    for made_up in [open(6), open(7), id.chars().rev().collect(), changed] {
        let answer = shop.ask_as_staff("query ($id: ID!) { node(id: $id) { id } }", json!({ "id": made_up })).await;
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{made_up}");
    }
}

async fn an_order_outlives_what_was_ordered(shop: &Shop) {
    let ada = shop.user("ada@example.com").await;
    let product = shop.product(&shop.store("acme").await, "oak").await;
    let sku = shop.sku(&product, "1").await;
    let line = Line { sku: Some(&sku), name: "Oak", quantity: 1, unit_price: 100 };
    let id = shop.order(&ada, "2026-01-02T00:00:00Z", &[line]).await;
    let query =
        "query ($id: ID!) { node(id: $id) { ... on Order { total { amount } items { productName sku { id } } } } }";
    let before = shop.ask_as_staff(query, json!({ "id": id })).await;

    shop.done("productDelete", json!({ "id": product }), "").await;

    let after = shop.ask_as_staff(query, json!({ "id": id })).await;
    let order = |sku: serde_json::Value| json!({ "total": { "amount": "1.00" }, "items": [{ "productName": "Oak", "sku": sku }] });
    assert_eq!(before.data("/node"), &order(json!({ "id": sku })));
    assert_eq!(after.data("/node"), &order(json!(null)));
}

async fn an_order_outlives_its_user(shop: &Shop) {
    let ada = shop.user("ada@example.com").await;
    let id = shop.order(&ada, "2026-01-02T00:00:00Z", &[SHOE]).await;

    shop.done("userDelete", json!({ "id": ada }), "").await;

    let query = "query ($id: ID!) { node(id: $id) { ... on Order { user { id } items { productName } } } }";
    let order = shop.ask_as_staff(query, json!({ "id": id })).await;
    assert_eq!(order.data("/node"), &json!({ "user": null, "items": [{ "productName": "Shoe" }] }));
}

async fn the_largest_item_has_a_total(shop: &Shop) {
    let ada = shop.user("ada@example.com").await;
    let dear = Line { sku: None, name: "Dear", quantity: 100_000, unit_price: 10_000_000_000_000 };
    let id = shop.order(&ada, "2026-01-02T00:00:00Z", &[dear]).await;

    let query = "query ($id: ID!) { node(id: $id) { ... on Order { total { amount } items { total { amount } } } } }";
    let answer = shop.ask_as_staff(query, json!({ "id": id })).await;

    let total = json!({ "amount": "10000000000000000.00" });
    assert_eq!(answer.data("/node"), &json!({ "total": total, "items": [{ "total": total }] }));
}
