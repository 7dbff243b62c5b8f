//! Finding products by what is typed, names for whoever is still typing, and how many there are.

mod counts;
mod folding;
mod freshness;
mod refused;
mod relevance;
mod suggestions;
mod words;

use serde_json::{Value, json};

use crate::support::{Answer, Shop};

/// Products on sale by name, description and tags, in a store of their own.
async fn shelf(shop: &Shop, products: &[(&str, &str, &[&str])]) -> String {
    let store = shop.store("acme").await;
    for (name, description, tags) in products {
        put(shop, &store, name, description, tags, "ACTIVE").await;
    }
    store
}

/// A product; its id.
async fn put(shop: &Shop, store: &str, name: &str, description: &str, tags: &[&str], status: &str) -> String {
    let input = json!({
        "storeId": store, "slug": format!("p-{}", uuid::Uuid::now_v7()), "name": name, "description": description,
        "tags": tags, "status": status,
    });
    shop.product_with(input).await
}

/// The names that a shopper finds, best first; `totalCount` must agree.
async fn found(shop: &Shop, text: &str) -> Vec<String> {
    names(&search(shop, json!({ "search": text })).await)
}

async fn search(shop: &Shop, variables: Value) -> Answer {
    let query = "query ($search: String, $where: ProductWhere, $orderBy: ProductOrder) {
        products(search: $search, where: $where, orderBy: $orderBy, first: 100) {
            totalCount { count precision } nodes { name }
        }
    }";
    shop.ask(query, variables).await
}

fn names(answer: &Answer) -> Vec<String> {
    let names = answer.strings("/products/nodes", "name");
    assert_eq!(answer.data("/products/totalCount"), &json!({ "count": names.len(), "precision": "EXACT" }));
    names
}
