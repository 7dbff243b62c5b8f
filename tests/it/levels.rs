//! Loaders that meet themselves on the next level: nobody waits for ever.

use serde_json::json;

use crate::support::{Shop, on_both};

on_both!(a_tree_that_is_walked_up_and_down_is_answered);

/// The same loader on adjacent levels, some of its keys known and some not: all of it is answered, each time.
async fn a_tree_that_is_walked_up_and_down_is_answered(shop: &Shop) {
    shop.fill(3, 3).await;
    let root = shop.category("root", None).await;
    for n in 0..8 {
        let limb = shop.category(&format!("limb-{n}"), Some(&root)).await;
        for twig in 0..3 {
            shop.category(&format!("twig-{n}-{twig}"), Some(&limb)).await;
        }
    }
    for query in [
        "{ categories(first: 100) { nodes { children { children { products(first: 1) { nodes { slug } } } } } } }",
        "{ categories(first: 100) { nodes { children { children { parent { slug } } } } } }",
        "{ categories(first: 100) { nodes { children { children { ancestors { slug } } } parent { children { slug } } } } }",
        "{ categories(first: 100) { nodes { products(first: 1) { nodes { category { products(first: 1) { nodes { slug } } } } }
           children { products(first: 1) { nodes { slug } } children { products(first: 1) { nodes { slug } } } } } } }",
    ] {
        for _ in 0..10 {
            let answer = shop.ask(query, json!({})).await;
            assert!(answer.data("/categories/nodes").as_array().unwrap().len() >= 33, "{}", answer.text);
        }
    }
}
