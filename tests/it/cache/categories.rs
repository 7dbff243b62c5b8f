//! Lists of categories and of stores: what ends them, and what does not.

use serde_json::{Value, json};

use super::hot::{REMOTE_ONLY, cached, filled, id_of, read, until_hot};
use crate::support::{Fleet, Shop};

const TREE: &str = "{ categories(rootsOnly: true) { nodes {
    slug name children { slug name ancestors { slug } children { slug ancestors { slug } } }
} } }";
const STORES: &str = "{ stores { nodes { slug name } } }";
const PRODUCTS: &str = "query ($slug: String!) { category(slug: $slug) { products(first: 3) { nodes { slug } } } }";

/// What a shopper sees once every replica has all that was written.
async fn fresh(fleet: &Fleet, shop: &Shop, query: &str) -> Value {
    fleet.stack().await_replay().await.unwrap();
    read(shop, query, json!({})).await.json["data"].clone()
}

#[tokio::test]
async fn roots_children_ancestors_and_stores_cost_no_statement_when_hot() {
    let fleet = filled(3, 1).await;
    let shop = cached(&fleet, REMOTE_ONLY).await;

    let cold = read(&shop, TREE, json!({})).await;
    let hot = until_hot(&shop, TREE, json!({})).await;
    assert!(cold.statements() >= 3, "{}", cold.text);
    assert_eq!(hot.json["data"], cold.json["data"]);
    assert_eq!(hot.string("/categories/nodes/0/children/0/children/0/ancestors/1/slug"), "some");
    assert_eq!(hot.found("CategoryPage"), (0, 1, 0), "{}", hot.text);
    assert_eq!((hot.found("ChildrenByCategory"), hot.found("AncestorsByCategory")), ((0, 2, 0), (0, 2, 0)));

    let cold = read(&shop, STORES, json!({})).await;
    let hot = until_hot(&shop, STORES, json!({})).await;
    assert!(cold.statements() > 0, "{}", cold.text);
    assert_eq!(hot.json["data"], cold.json["data"]);
    assert_eq!(hot.found("StorePage"), (0, 1, 0), "{}", hot.text);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_to_a_category_ends_lists_of_categories_and_products_and_none_of_stores() {
    let fleet = filled(1, 2).await;
    let (one, other) = (cached(&fleet, REMOTE_ONLY).await, cached(&fleet, REMOTE_ONLY).await);
    let (all, some) = (id_of(&one, "category", "all").await, id_of(&one, "category", "some").await);
    let hot = || async {
        until_hot(&other, TREE, json!({})).await;
        until_hot(&other, STORES, json!({})).await;
        let products = format!("{{ node(id: \"{all}\") {{ ... on Category {{ products {{ nodes {{ slug }} }} }} }} }}");
        until_hot(&other, &products, json!({})).await;
        products
    };

    hot().await;
    one.category("more", Some(&all)).await;
    let tree = fresh(&fleet, &other, TREE).await;
    assert_eq!(tree["categories"]["nodes"][0]["children"].as_array().unwrap().len(), 2, "{tree}");

    hot().await;
    one.done("categoryUpdate", json!({ "id": some, "name": "Renamed" }), "category { id }").await;
    let tree = fresh(&fleet, &other, TREE).await;
    assert!(tree.to_string().contains("Renamed"), "{tree}");

    let products = hot().await;
    one.done("categoryUpdate", json!({ "id": some, "parentId": null }), "category { id }").await;
    let tree = fresh(&fleet, &other, TREE).await;
    assert_eq!(tree["categories"]["nodes"].as_array().unwrap().len(), 2, "{tree}");
    let stores = read(&other, STORES, json!({})).await;
    assert_eq!((stores.statements(), stores.found("StorePage")), (0, (0, 1, 0)), "{}", stores.text);
    let products = read(&other, &products, json!({})).await;
    assert_eq!(products.found("ProductPage"), (0, 0, 1), "{}", products.text);
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn products_under_a_category_move_with_the_tree() {
    let fleet = filled(1, 1).await;
    let (one, other) = (cached(&fleet, REMOTE_ONLY).await, cached(&fleet, REMOTE_ONLY).await);
    let (all, few) = (id_of(&one, "category", "all").await, id_of(&one, "category", "few").await);
    let product = id_of(&one, "product", "store-1-1").await;
    let slugs = async |slug: &str| {
        fleet.stack().await_replay().await.unwrap();
        read(&other, PRODUCTS, json!({ "slug": slug })).await.strings("/category/products/nodes", "slug").len()
    };

    one.done("productUpdate", json!({ "id": product, "categoryId": few }), "product { id }").await;
    for _ in 0..4 {
        assert_eq!((slugs("all").await, slugs("some").await, slugs("few").await), (1, 1, 1));
    }
    one.done("categoryUpdate", json!({ "id": few, "parentId": all }), "category { id }").await;
    for _ in 0..4 {
        assert_eq!((slugs("all").await, slugs("some").await, slugs("few").await), (1, 0, 1));
    }
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn a_write_to_a_store_ends_lists_of_stores_and_no_others() {
    let fleet = filled(2, 1).await;
    let (one, other) = (cached(&fleet, REMOTE_ONLY).await, cached(&fleet, REMOTE_ONLY).await);
    let products = "{ products { nodes { slug } } }";
    let store = id_of(&one, "store", "store-1").await;
    for query in [TREE, STORES, products] {
        until_hot(&other, query, json!({})).await;
    }

    one.rename(&store, "Renamed").await;
    one.store("new").await;
    let stores = fresh(&fleet, &other, STORES).await;
    let others = (read(&other, TREE, json!({})).await, read(&other, products, json!({})).await);

    assert_eq!(stores["stores"]["nodes"].as_array().unwrap().len(), 3, "{stores}");
    assert!(stores.to_string().contains("Renamed"), "{stores}");
    assert_eq!((others.0.statements(), others.1.statements()), (0, 0));
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}
