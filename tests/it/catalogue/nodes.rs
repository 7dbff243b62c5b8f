//! Anything by its global id.

use serde_json::json;

use crate::support::{Shop, on_both};

on_both!(
    nodes_come_in_the_order_of_their_ids_with_nulls_and_duplicates,
    a_node_of_every_type_knows_its_type,
    one_bad_id_among_many_is_an_error_of_the_whole_list,
    a_node_gives_its_relations_as_a_lookup_does,
);

const NODES: &str = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

async fn nodes_come_in_the_order_of_their_ids_with_nulls_and_duplicates(shop: &Shop) {
    let store = shop.store("acme").await;
    let (first, second) = (shop.product(&store, "a").await, shop.product(&store, "b").await);
    let gone = shop.product(&store, "c").await;
    let delete = "mutation ($id: ID!) { productDelete(input: {id: $id}) { deletedProductId } }";
    shop.ask_as_staff(delete, json!({ "id": gone })).await.string("/productDelete/deletedProductId");

    let ids = [&second, &gone, &store, &first, &second, &gone, &first];
    let answer = shop.ask(NODES, json!({ "ids": ids })).await;
    let none = shop.ask(NODES, json!({ "ids": [] })).await;
    let one = shop.ask(NODES, json!({ "ids": first })).await;

    let nodes = answer.data("/nodes").as_array().unwrap();
    assert_eq!(nodes.len(), ids.len());
    for (node, id) in nodes.iter().zip(ids) {
        let expected = if *id == gone { &json!(null) } else { &json!(id) };
        assert_eq!(node.get("id").unwrap_or(&json!(null)), expected);
    }
    assert_eq!(none.data("/nodes"), &json!([]));
    assert_eq!(one.data("/nodes"), &json!([{ "__typename": "Product", "id": first }]));
}

async fn a_node_of_every_type_knows_its_type(shop: &Shop) {
    let store = shop.store("acme").await;
    let category = shop.category("garden", None).await;
    let product = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&product, "19.99").await;
    let user = shop.user("ada@example.com").await;
    let order = shop.order_of(&user, &sku).await;
    let ids = [&store, &category, &product, &sku, &user, &order.id, &order.item];

    let answer = shop.ask_as_staff(NODES, json!({ "ids": ids })).await;

    let types = ["Store", "Category", "Product", "Sku", "User", "Order", "OrderItem"];
    assert_eq!(answer.strings("/nodes", "__typename"), types);
    assert_eq!(answer.strings("/nodes", "id"), ids.map(Clone::clone));
}

async fn one_bad_id_among_many_is_an_error_of_the_whole_list(shop: &Shop) {
    let store = shop.store("acme").await;

    let answer = shop.ask(NODES, json!({ "ids": [store, "made up", store] })).await;

    assert_eq!(answer.error(), ("BAD_USER_INPUT".to_owned(), "\"made up\" is not an id".to_owned()));
    assert_eq!(answer.json["data"], json!(null));
    assert_eq!(answer.json["errors"][0]["path"], json!(["nodes"]));
}

async fn a_node_gives_its_relations_as_a_lookup_does(shop: &Shop) {
    let store = shop.store("acme").await;
    let product = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&product, "19.99").await;
    let fields = "slug store { slug } skus { id price { amount } product { slug skus { id } } }";
    let query = format!(
        "query ($product: ID!, $sku: ID!) {{
            product(id: $product) {{ {fields} }}
            node(id: $product) {{ ... on Product {{ {fields} }} }}
            sku: node(id: $sku) {{ ... on Sku {{ id product {{ {fields} }} }} }}
        }}"
    );

    let answer = shop.ask(&query, json!({ "product": product, "sku": sku })).await;

    assert_eq!(answer.data("/node"), answer.data("/product"));
    assert_eq!(answer.data("/sku/product"), answer.data("/product"));
    assert_eq!(answer.string("/node/skus/0/product/skus/0/id"), sku);
}
