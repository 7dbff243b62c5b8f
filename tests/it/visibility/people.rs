//! Users, orders and order items: for staff, and for the user whose they are. What users see of each other is told in `accounts`.

use serde_json::{Value, json};

use crate::support::{Coordinate, PlacedOrder, Shop, fields, on_both};

on_both!(
    nobody_is_given_users_and_orders_by_any_path,
    nobody_cannot_tell_whether_a_user_or_an_order_exists,
    a_lookup_of_a_user_by_nobody_reads_nothing,
    an_order_item_of_a_withdrawn_product_shows_its_sku_to_staff,
);

/// What belongs to people. Whoever is given one of these may follow its fields.
const PERSONAL: [&str; 8] =
    ["User", "UserConnection", "UserEdge", "Order", "OrderConnection", "OrderEdge", "OrderItem", "Viewer"];

/// The fields outside of [`PERSONAL`] that lead in, each of which is asked by nobody below.
const WAYS_IN: [&str; 7] = [
    "Query.node",
    "Query.nodes",
    "Query.user",
    "Query.users",
    "Query.viewer",
    "UserCreatePayload.user",
    "UserUpdatePayload.user",
];

struct Person {
    id: String,
    order: PlacedOrder,
}

const EMAIL: &str = "ada@example.com";

async fn person(shop: &Shop) -> Person {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&product, "19.99").await;
    let id = shop.user(EMAIL).await;
    let order = shop.order_of(&id, &sku).await;
    Person { id, order }
}

const FIELDS: &str = "
    fragment U on User { id email name orders { totalCount { count } nodes { ...O } edges { cursor node { ...O } } } }
    fragment O on Order { id status total { amount } items { ...I } }
    fragment I on OrderItem { id productName sku { id } order { user { email } } }
    fragment N on Node { id ...U ...O ...I }";

#[test]
fn no_further_field_leads_to_users_and_orders() {
    let is_personal = |name: &str| PERSONAL.contains(&name);
    // `Node` may be any of them.
    let leads_in =
        |field: &Coordinate| !is_personal(&field.owner) && (is_personal(&field.gives) || field.gives == "Node");
    let ways_in: Vec<String> = fields().iter().filter(|field| leads_in(field)).map(Coordinate::to_string).collect();
    let mut payloads =
        fields().into_iter().filter(|field| field.gives.starts_with("User") && field.gives.ends_with("Payload"));

    assert_eq!(ways_in, WAYS_IN);
    assert!(payloads.all(|field| field.owner == "Mutation"));
}

async fn nobody_is_given_users_and_orders_by_any_path(shop: &Shop) {
    let person = person(shop).await;
    let ids = [&person.id, &person.order.id, &person.order.item];
    let mut asked = vec![
        ("query ($id: ID!) { it: user(id: $id) { ...N } }", json!({ "id": person.id }), Value::Null),
        ("query ($email: String!) { it: user(email: $email) { ...N } }", json!({ "email": EMAIL }), Value::Null),
        (
            "query ($email: String!) { it: user(email: $email) { ...N } }",
            json!({ "email": "ADA@Example.COM" }),
            Value::Null,
        ),
        ("query ($ids: [ID!]!) { it: nodes(ids: $ids) { ...N } }", json!({ "ids": ids }), json!([null, null, null])),
    ];
    asked.extend(ids.map(|id| ("query ($id: ID!) { it: node(id: $id) { ...N } }", json!({ "id": id }), Value::Null)));

    for (query, variables, nothing) in asked {
        let query = format!("{query}{FIELDS}");
        let as_nobody = shop.ask(&query, variables.clone()).await;
        let as_staff = shop.ask_as_staff(&query, variables).await;

        assert_eq!(as_nobody.data("/it"), &nothing, "{query}");
        assert_ne!(as_staff.data("/it"), &nothing, "{query}");
    }
    for arguments in ["", "(first: 1)", "(after: \"made up\")"] {
        let query = format!(
            "{{ users{arguments} {{ totalCount {{ count }} nodes {{ email orders {{ nodes {{ id }} }} }} }} stores {{ nodes {{ slug }} }} }}"
        );
        let answer = shop.ask(&query, json!({})).await;

        assert_eq!(answer.status, 200);
        assert_eq!(answer.error().0, "UNAUTHENTICATED", "{arguments}");
        assert_eq!(answer.json["errors"][0]["path"], json!(["users"]));
        assert_eq!(answer.json["data"], json!({ "users": null, "stores": { "nodes": [{ "slug": "acme" }] } }));
    }
}

async fn nobody_cannot_tell_whether_a_user_or_an_order_exists(shop: &Shop) {
    let person = person(shop).await;
    let by_email = "query ($key: String!) { user(email: $key) { id } }";
    let by_id = "query ($key: ID!) { user(id: $key) { id } node(id: $key) { id } }";
    let by_node = "query ($key: ID!) { node(id: $key) { id } }";
    let deleted = shop.user("gone@example.com").await;
    let delete = "mutation ($id: ID!) { userDelete(input: { id: $id }) { deletedUserId } }";
    assert_eq!(shop.ask_as_staff(delete, json!({ "id": deleted })).await.string("/userDelete/deletedUserId"), deleted);

    let there = [(by_email, EMAIL), (by_id, &person.id), (by_node, &person.order.id), (by_node, &person.order.item)];
    let not_there = [(by_email, "nobody@example.com"), (by_id, &deleted), (by_node, &deleted), (by_node, &deleted)];
    for ((query, key), (_, absent)) in there.into_iter().zip(not_there) {
        let there = shop.ask(query, json!({ "key": key })).await;
        let absent = shop.ask(query, json!({ "key": absent })).await;

        assert_eq!(there.text, absent.text);
    }
}

async fn a_lookup_of_a_user_by_nobody_reads_nothing(shop: &Shop) {
    let person = person(shop).await;
    let query = "query ($id: ID!, $order: ID!, $item: ID!, $email: String!) {
        user(id: $id) { id } other: user(email: $email) { id } node(id: $id) { id } nodes(ids: [$id, $order, $item]) { id }
    }";
    let variables = json!({ "id": person.id, "order": person.order.id, "item": person.order.item, "email": EMAIL });

    let as_nobody = shop.send(query, variables.clone(), &[("x-storefront-explain", "1")]).await;
    let as_staff = shop.explain(query, variables).await;

    assert_eq!(as_nobody.statements(), 0);
    assert!(as_staff.statements() > 0);
}

async fn an_order_item_of_a_withdrawn_product_shows_its_sku_to_staff(shop: &Shop) {
    let store = shop.store("acme").await;
    let draft = json!({ "storeId": store, "slug": "draft", "name": "draft" });
    let product = shop.product_with(draft).await;
    let sku = shop.sku(&product, "19.99").await;
    let user = shop.user(EMAIL).await;
    let order = shop.order_of(&user, &sku).await;

    let query = "query ($id: ID!) { node(id: $id) { ... on OrderItem { sku { id product { slug } } } } }";
    let as_staff = shop.ask_as_staff(query, json!({ "id": order.item })).await;
    let as_nobody = shop.ask(query, json!({ "id": order.item })).await;

    assert_eq!(as_staff.string("/node/sku/id"), sku);
    assert_eq!(as_staff.string("/node/sku/product/slug"), "draft");
    assert!(as_nobody.data("/node").is_null());
}
