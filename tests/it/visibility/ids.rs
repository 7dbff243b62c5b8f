//! Global ids: those of what belongs to a user are sealed, and no id opens what is not for its bearer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::support::{PlacedOrder, Shop, on_both};

on_both!(
    a_sealed_id_that_was_changed_is_refused,
    a_sealed_id_of_another_installation_is_refused,
    a_sealed_id_does_not_tell_whose_it_is,
    an_id_of_another_type_is_refused_by_name,
    an_id_is_the_same_in_every_answer,
);

const NODE: &str = "query ($id: ID!) { node(id: $id) { __typename id } }";

async fn order(shop: &Shop) -> (String, PlacedOrder) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&product, "19.99").await;
    let user = shop.user("ada@example.com").await;
    let order = shop.order_of(&user, &sku).await;
    (user, order)
}

async fn a_sealed_id_that_was_changed_is_refused(shop: &Shop) {
    let (_, order) = order(shop).await;

    for id in [&order.id, &order.item] {
        let mut changed: Vec<String> =
            vec![id[1..].to_owned(), id[..id.len() - 1].to_owned(), format!("{id}A"), format!("{id}=")];
        for index in (0..id.len()).step_by(7) {
            let mut bytes = id.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            changed.push(String::from_utf8(bytes).unwrap());
        }
        for changed in changed {
            let answer = shop.ask_as_staff(NODE, json!({ "id": changed })).await;
            assert_eq!(answer.error().0, "BAD_USER_INPUT", "{changed}: {}", answer.text);
        }
        assert_eq!(shop.ask_as_staff(NODE, json!({ "id": id })).await.string("/node/id"), *id);
    }
}

async fn a_sealed_id_of_another_installation_is_refused(shop: &Shop) {
    let other = Shop::start(shop.kind).await;
    let (_, order) = order(&other).await;
    other.stop().await;

    let answer = shop.ask_as_staff(NODE, json!({ "id": order.id })).await;

    assert_eq!(answer.error().0, "BAD_USER_INPUT");
}

async fn a_sealed_id_does_not_tell_whose_it_is(shop: &Shop) {
    let (user, order) = order(shop).await;
    let user = URL_SAFE_NO_PAD.decode(user).unwrap();

    for id in [&order.id, &order.item] {
        let bytes = URL_SAFE_NO_PAD.decode(id).unwrap();
        assert!(!bytes.windows(8).any(|window| user.windows(8).any(|part| part == window)));
    }
    assert_ne!(order.id[..8], order.item[..8]);
}

async fn an_id_of_another_type_is_refused_by_name(shop: &Shop) {
    let (user, order) = order(shop).await;
    let store = shop.ask("{ store(slug: \"acme\") { id } }", json!({})).await.string("/store/id");

    for (field, id) in
        [("product", &store), ("store", &user), ("category", &store), ("user", &order.id), ("product", &order.item)]
    {
        let query = format!("query ($id: ID!) {{ {field}(id: $id) {{ id }} }}");
        let (code, message) = shop.ask_as_staff(&query, json!({ "id": id })).await.error();

        assert_eq!(code, "BAD_USER_INPUT");
        assert!(
            message.contains("is the id of a") && message.to_lowercase().ends_with(&format!("not of a {field}")),
            "{message}"
        );
    }
}

async fn an_id_is_the_same_in_every_answer(shop: &Shop) {
    let (user, order) = order(shop).await;
    let query = "query ($user: ID!, $id: ID!) {
        user(id: $user) { orders { nodes { id items { id order { id user { id } } } } } }
        node(id: $id) { ... on OrderItem { id order { id } } }
    }";

    let answer = shop.ask_as_staff(query, json!({ "user": user, "id": order.item })).await;

    assert_eq!(answer.string("/user/orders/nodes/0/id"), order.id);
    assert_eq!(answer.string("/user/orders/nodes/0/items/0/id"), order.item);
    assert_eq!(answer.string("/user/orders/nodes/0/items/0/order/id"), order.id);
    assert_eq!(answer.string("/user/orders/nodes/0/items/0/order/user/id"), user);
    assert_eq!(answer.string("/node/order/id"), order.id);
}
