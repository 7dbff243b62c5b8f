//! How many products a list has: counted when asked for, up to 10,000, and exactly at its price.

use serde_json::{Value, json};

use crate::support::{Answer, Shop, on_both, uncached_on_both};

on_both!(counting_ends_at_10_000_unless_it_is_to_be_exact, searches_and_counts_have_their_price);

mod statements {
    use super::*;

    uncached_on_both!(a_count_is_a_statement_of_its_own, a_search_is_two_statements_whatever_the_page);

    async fn a_count_is_a_statement_of_its_own(shop: &Shop) {
        shop.fill(3, 3).await;
        let statements = async |query: &str| shop.explain(query, json!({})).await.statements();

        assert_eq!(statements("{ products { nodes { id } } }").await, 1);
        assert_eq!(statements("{ products { nodes { id } totalCount { count } } }").await, 2);
        assert_eq!(
            statements("{ stores { nodes { products { nodes { id } totalCount(exact: true) { count } } } } }").await,
            3
        );
    }

    /// One asks for the words that the shop does not have.
    async fn a_search_is_two_statements_whatever_the_page(shop: &Shop) {
        shop.fill(3, 30).await;
        let page = "query ($first: Int) { products(search: \"product\", first: $first) { nodes { name } } }";
        let parents = "query ($first: Int) { stores { nodes { products(search: \"product\", first: $first) { nodes { name } } } } }";

        for first in [1, 50] {
            let (one, under) = (
                shop.explain(page, json!({ "first": first })).await,
                shop.explain(parents, json!({ "first": first })).await,
            );
            assert_eq!((one.statements(), under.statements()), (2, 3));
            assert_eq!(one.data("/products/nodes").as_array().unwrap().len(), first);
        }
    }
}

async fn counting_ends_at_10_000_unless_it_is_to_be_exact(shop: &Shop) {
    shop.fill(101, 100).await;
    let query = "{ products { some: totalCount { count precision } all: totalCount(exact: true) { count precision } no: totalCount(exact: false) { count } }
        found: products(search: \"product\") { some: totalCount { count precision } all: totalCount(exact: true) { count precision } }
        stores { totalCount(exact: true) { count precision } nodes { products { totalCount(exact: true) { count } } } } }";

    let answer = shop.ask(query, json!({})).await;

    let counts =
        |list: &str| (answer.data(&format!("{list}/some")).clone(), answer.data(&format!("{list}/all")).clone());
    let expected =
        (json!({ "count": 10_000, "precision": "AT_LEAST" }), json!({ "count": 10_100, "precision": "EXACT" }));
    assert_eq!((counts("/products"), counts("/found")), (expected.clone(), expected));
    assert_eq!(answer.data("/products/no/count"), 10_000);
    assert_eq!(answer.data("/stores/totalCount"), &json!({ "count": 101, "precision": "EXACT" }));
    assert_eq!(answer.data("/stores/nodes/0/products/totalCount/count"), 100);
}

async fn searches_and_counts_have_their_price(shop: &Shop) {
    let requested = |answer: &Answer| answer.json["extensions"]["cost"]["requested"].as_u64().unwrap();
    let price = async |query: &str, variables: Value| requested(&shop.ask(query, variables).await);
    let list = "query ($search: String) { products(search: $search, first: 0) { pageInfo { hasNextPage } } }";
    let count = "query ($exact: Boolean! = false) { products(first: 0) { totalCount(exact: $exact) { count } } }";
    let suggest =
        "query ($first: Int! = 5) { productSuggestions(text: \"a\", first: $first) { text product { name } } }";

    assert_eq!(price(list, json!({ "search": "oak" })).await - price(list, json!({})).await, 20);
    assert_eq!(price("{ products(first: 0) { totalCount { count } } }", json!({})).await, 7);
    assert_eq!((price(count, json!({})).await, price(count, json!({ "exact": true })).await), (7, 52));
    let suggestions = [
        price(suggest, json!({})).await,
        price(suggest, json!({ "first": 10 })).await,
        price(suggest, json!({ "first": 20 })).await,
    ];
    assert_eq!(suggestions[1] - suggestions[0], 10);
    assert_eq!(suggestions[2] - suggestions[1], 20);
}
