//! What belongs to a user is for them and for staff: by every path, read or written.

use serde_json::{Value, json};

use super::{PASSWORD, ask, email_of, log_in, register, write};
use crate::support::{PlacedOrder, STAFF, Shop, on_both};

on_both!(
    a_shopper_sees_their_own_and_nothing_of_anyone_else_by_any_path,
    a_shopper_cannot_tell_whether_anyone_else_exists,
    what_is_not_for_a_shopper_is_not_read,
    a_shopper_changes_nobody_else,
    a_shopper_changes_themselves,
    another_address_takes_the_password,
    whoever_deletes_themselves_is_gone_and_their_orders_stay,
    a_user_that_staff_deletes_is_logged_out,
);

struct Shopper {
    email: &'static str,
    id: String,
    order: PlacedOrder,
    session: String,
}

async fn shopper(shop: &Shop, sku: &str, email: &'static str) -> Shopper {
    let id = register(shop, email).await;
    let order = shop.order_of(&id, sku).await;
    Shopper { email, session: log_in(shop, email).await, id, order }
}

async fn two_shoppers(shop: &Shop) -> (Shopper, Shopper) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&product, "19.99").await;
    (shopper(shop, &sku, "ada@example.com").await, shopper(shop, &sku, "bob@example.com").await)
}

const FIELDS: &str = "
    fragment U on User { id email name orders { totalCount { count } nodes { ...O } edges { cursor node { ...O } } } }
    fragment O on Order { id status total { amount } items { ...I } user { email } }
    fragment I on OrderItem { id productName order { user { email } } }
    fragment N on Node { id ...U ...O ...I }";

/// Every path to what belongs to a user, but for those that begin at whoever asks.
fn paths(of: &Shopper) -> Vec<(&'static str, Value)> {
    let (by_id, by_node) =
        ("query ($key: ID!) { it: user(id: $key) { ...N } }", "query ($key: ID!) { it: node(id: $key) { ...N } }");
    let by_email = "query ($key: String!) { it: user(email: $key) { ...N } }";
    let by_nodes = "query ($key: [ID!]!) { it: nodes(ids: $key) { ...N } }";
    vec![
        (by_id, json!(of.id)),
        (by_email, json!(of.email)),
        (by_email, json!(of.email.to_uppercase())),
        (by_node, json!(of.id)),
        (by_node, json!(of.order.id)),
        (by_node, json!(of.order.item)),
        (by_nodes, json!([of.id, of.order.id, of.order.item])),
    ]
}

async fn a_shopper_sees_their_own_and_nothing_of_anyone_else_by_any_path(shop: &Shop) {
    let (ada, bob) = two_shoppers(shop).await;

    for (query, key) in paths(&bob) {
        let query = format!("{query}{FIELDS}");
        let variables = json!({ "key": key });
        let as_ada = ask(shop, &ada.session, &query, variables.clone()).await;
        let as_bob = ask(shop, &bob.session, &query, variables.clone()).await;
        let as_staff = shop.ask_as_staff(&query, variables.clone()).await;
        let as_nobody = shop.ask(&query, variables).await;

        assert_eq!(as_ada.data("").to_string(), as_nobody.data("").to_string(), "{query}");
        assert!(!as_ada.text.contains(bob.email) && !as_ada.text.contains(&bob.order.id), "{}", as_ada.text);
        assert_eq!(as_bob.data(""), as_staff.data(""), "{query}");
        assert_ne!(as_bob.data(""), as_ada.data(""), "{query}");
    }
    let query =
        format!("{{ viewer {{ user {{ ...U }} orders {{ totalCount {{ count }} nodes {{ ...O }} }} }} }}{FIELDS}");
    let query = query.replace("fragment N on Node { id ...U ...O ...I }", "");
    for (own, other) in [(&ada, &bob), (&bob, &ada)] {
        let answer = ask(shop, &own.session, &query, json!({})).await;
        assert_eq!(answer.string("/viewer/user/email"), own.email);
        assert_eq!(answer.strings("/viewer/orders/nodes", "id"), std::slice::from_ref(&own.order.id));
        assert_eq!(answer.data("/viewer/orders/totalCount/count"), &json!(1));
        assert!(!answer.text.contains(other.email));
    }
}

async fn a_shopper_cannot_tell_whether_anyone_else_exists(shop: &Shop) {
    let (ada, bob) = two_shoppers(shop).await;
    let query = "query ($id: ID!, $email: String!) { user(id: $id) { id } node(id: $id) { id } other: user(email: $email) { id } }";
    let there = json!({ "id": bob.id, "email": bob.email });
    shop.done("userDelete", json!({ "id": bob.id }), "deletedUserId").await;
    let deleted = ask(shop, &ada.session, query, there.clone()).await;
    let id = register(shop, bob.email).await;
    let exists = ask(shop, &ada.session, query, json!({ "id": id, "email": bob.email })).await;

    assert_eq!(deleted.text, exists.text);
    for field in ["userUpdate", "userDelete"] {
        let selection = if field == "userUpdate" { "user { id }" } else { "deletedUserId" };
        let of_none = write(shop, &ada.session, field, json!({ "id": bob.id }), selection).await;
        let of_other = write(shop, &ada.session, field, json!({ "id": id }), selection).await;
        assert_eq!(of_none.text, of_other.text);
        assert_eq!(of_other.user_errors(field), ["input.id NOT_FOUND"]);
    }
}

async fn what_is_not_for_a_shopper_is_not_read(shop: &Shop) {
    let (ada, bob) = two_shoppers(shop).await;
    let query = "query ($user: ID!, $order: ID!, $item: ID!) { user(id: $user) { id } nodes(ids: [$user, $order, $item]) { id } }";
    let variables = json!({ "user": bob.id, "order": bob.order.id, "item": bob.order.item });
    let explained = [("authorization", ada.session.as_str()), ("x-storefront-explain", "1")];

    assert_eq!(shop.send(query, variables, &explained).await.statements(), 0);
}

async fn a_shopper_changes_nobody_else(shop: &Shop) {
    let (ada, bob) = two_shoppers(shop).await;
    let before = shop.rows().await;

    for (field, input) in [
        ("userUpdate", json!({ "id": bob.id, "name": "Eve" })),
        ("userUpdate", json!({ "id": bob.id, "email": "eve@example.com", "password": PASSWORD })),
        ("userDelete", json!({ "id": bob.id, "password": PASSWORD })),
    ] {
        let selection = if field == "userUpdate" { "user { id }" } else { "deletedUserId" };
        let answer = write(shop, &ada.session, field, input, selection).await;
        assert_eq!(answer.user_errors(field), ["input.id NOT_FOUND"]);
    }
    let created = write(shop, &ada.session, "userCreate", json!({ "email": "e@example.com", "name": "E" }), "").await;
    assert_eq!(created.error().0, "FORBIDDEN");
    assert_eq!(shop.rows().await, before);
    assert!(email_of(shop, &bob.session).await.is_some());
}

async fn a_shopper_changes_themselves(shop: &Shop) {
    let (ada, _) = two_shoppers(shop).await;

    let input = json!({ "id": ada.id, "name": "Ada Lovelace" });
    let renamed = write(shop, &ada.session, "userUpdate", input, "user { name email }").await;

    let expected = json!({ "name": "Ada Lovelace", "email": ada.email });
    assert_eq!(renamed.data("/userUpdate/user"), &expected);
}

async fn another_address_takes_the_password(shop: &Shop) {
    let (ada, bob) = two_shoppers(shop).await;
    let change = |email: &str, password: Value| json!({ "id": ada.id, "email": email, "password": password });

    for (input, refusal) in [
        (change("ada@example.org", Value::Null), "input.password BLANK"),
        (change("ada@example.org", json!("wrong")), "input.password INVALID"),
        (change(bob.email, json!(PASSWORD)), "input.email TAKEN"),
    ] {
        let refused = write(shop, &ada.session, "userUpdate", input, "user { id }").await;
        assert_eq!(refused.user_errors("userUpdate"), [refusal]);
    }
    let input = change("ada@example.org", json!(PASSWORD));
    let changed = write(shop, &ada.session, "userUpdate", input, "user { email }").await;
    assert_eq!(changed.string("/userUpdate/user/email"), "ada@example.org");
    assert!(email_of(shop, &log_in(shop, "ada@example.org").await).await.is_some());
}

async fn whoever_deletes_themselves_is_gone_and_their_orders_stay(shop: &Shop) {
    let (ada, bob) = two_shoppers(shop).await;
    for (password, refusal) in [(Value::Null, "input.password BLANK"), (json!("wrong"), "input.password INVALID")] {
        let input = json!({ "id": ada.id, "password": password });
        let refused = write(shop, &ada.session, "userDelete", input, "deletedUserId").await;
        assert_eq!(refused.user_errors("userDelete"), [refusal]);
    }

    let input = json!({ "id": ada.id, "password": PASSWORD });
    let deleted = write(shop, &ada.session, "userDelete", input, "deletedUserId").await;

    assert_eq!(deleted.string("/userDelete/deletedUserId"), ada.id);
    assert_eq!(email_of(shop, &ada.session).await, None);
    assert!(email_of(shop, &bob.session).await.is_some());
    let query = "query ($id: ID!) { node(id: $id) { ... on Order { id user { id } items { productName } } } }";
    let order = shop.send(query, json!({ "id": ada.order.id }), &[STAFF]).await;
    assert_eq!(order.string("/node/id"), ada.order.id);
    assert!(order.data("/node/user").is_null());
    for table in ["users", "sessions"] {
        assert_eq!(shop.count(&format!("{table} WHERE created_at < $1"), chrono::Utc::now()).await, 1, "{table}");
    }
}

async fn a_user_that_staff_deletes_is_logged_out(shop: &Shop) {
    let (ada, _) = two_shoppers(shop).await;
    email_of(shop, &ada.session).await.unwrap();

    shop.done("userDelete", json!({ "id": ada.id }), "deletedUserId").await;

    assert_eq!(email_of(shop, &ada.session).await, None);
}
