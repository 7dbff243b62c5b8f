//! The order of what is found, and pages in that order.

use serde_json::json;

use super::{found, put, shelf};
use crate::support::{Shop, on_both};

on_both!(
    a_name_counts_more_than_a_tag_and_a_tag_more_than_a_description,
    pages_by_relevance_have_every_product_once,
    a_cursor_belongs_to_the_text_that_was_searched_for,
    pages_under_parents_are_ranked_as_well,
    each_parent_has_its_own_pages_and_counts,
);

async fn a_name_counts_more_than_a_tag_and_a_tag_more_than_a_description(shop: &Shop) {
    let products: [(&str, &str, &[&str]); 6] = [
        ("Oak Shelf", "", &[]),
        ("Lamp", "goes with oak", &[]),
        ("Chair", "", &["oak"]),
        ("Oaken Bowl", "", &[]),
        ("Bowl", "an oaken bowl", &["oak leaf"]),
        ("Table of Oak", "oak, oak, oak", &["oak"]),
    ];
    shelf(shop, &products).await;

    assert_eq!(found(shop, "oak").await, ["Table of Oak", "Oak Shelf", "Oaken Bowl", "Bowl", "Chair", "Lamp"]);
    assert_eq!(found(shop, "oak bowl").await, ["Oaken Bowl", "Bowl"]);
}

async fn pages_by_relevance_have_every_product_once(shop: &Shop) {
    let store = shelf(
        shop,
        &[("Oak", "", &[]), ("Oak", "", &[]), ("Elm", "", &["oak"]), ("Fir", "oak", &[]), ("Fir", "oak", &[])],
    )
    .await;
    put(shop, &store, "Oak in secret", "", &[], "DRAFT").await;
    let all = "{ products(search: \"oak\") { edges { cursor node { id } } } }";
    let all = shop.ask(all, json!({})).await;
    let ids: Vec<String> = all
        .data("/products/edges")
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 5);
    let page = "query ($first: Int, $after: String, $last: Int, $before: String) {
        products(search: \"oak\", first: $first, after: $after, last: $last, before: $before) {
            nodes { id } pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
        }
    }";

    for size in 1..=3 {
        let (mut forward, mut after) = (Vec::new(), json!(null));
        let (mut backward, mut before) = (Vec::new(), json!(null));
        loop {
            let answer = shop.ask(page, json!({ "first": size, "after": after })).await;
            let has_previous = !forward.is_empty();
            forward.extend(answer.strings("/products/nodes", "id"));
            assert_eq!(answer.data("/products/pageInfo/hasPreviousPage"), has_previous);
            assert_eq!(answer.data("/products/pageInfo/hasNextPage"), forward.len() < 5);
            after = answer.data("/products/pageInfo/endCursor").clone();
            if forward.len() >= 5 {
                break;
            }
        }
        loop {
            let answer = shop.ask(page, json!({ "last": size, "before": before })).await;
            let has_next = !backward.is_empty();
            backward.extend(answer.strings("/products/nodes", "id").into_iter().rev());
            assert_eq!(answer.data("/products/pageInfo/hasNextPage"), has_next);
            assert_eq!(answer.data("/products/pageInfo/hasPreviousPage"), backward.len() < 5);
            before = answer.data("/products/pageInfo/startCursor").clone();
            if backward.len() >= 5 {
                break;
            }
        }
        backward.reverse();
        assert_eq!((&forward, &backward), (&ids, &ids), "pages of {size}");
    }
}

async fn a_cursor_belongs_to_the_text_that_was_searched_for(shop: &Shop) {
    shelf(shop, &[("Oak Table", "", &[]), ("Oak Shelf", "", &[])]).await;
    let page = "query ($search: String, $after: String) {
        products(search: $search, after: $after, first: 1) { nodes { name } pageInfo { endCursor } }
    }";
    let first = shop.ask(page, json!({ "search": "oak" })).await;
    let after = first.string("/products/pageInfo/endCursor");

    let next = shop.ask(page, json!({ "search": " OAK!", "after": after })).await;
    let other = shop.ask(page, json!({ "search": "table", "after": after })).await;
    let none = shop.ask(page, json!({ "after": after })).await;

    assert_eq!(next.strings("/products/nodes", "name"), ["Oak Table"]);
    assert_eq!((other.error().0, none.error().0), ("BAD_USER_INPUT".to_owned(), "BAD_USER_INPUT".to_owned()));
}

async fn pages_under_parents_are_ranked_as_well(shop: &Shop) {
    let store = shop.store("acme").await;
    let root = shop.category("furniture", None).await;
    let leaf = shop.category("tables", Some(&root)).await;
    for (slug, category, name, description) in [
        ("a", &root, "Ash", "like oak"),
        ("b", &leaf, "Oak", ""),
        ("c", &leaf, "Elm", "like oak"),
        ("d", &leaf, "Fir", ""),
    ] {
        let input =
            json!({ "storeId": store, "categoryId": category, "slug": slug, "name": name, "description": description });
        shop.done("productCreate", merge(input, json!({ "status": "ACTIVE" })), "product { id }").await;
    }
    let query = "{ categories { nodes { slug
        all: products(search: \"oak\") { totalCount { count } nodes { slug } }
        own: products(search: \"oak\", includeDescendants: false, first: 1) { nodes { slug } pageInfo { hasNextPage } }
        named: products(search: \"oak\", orderBy: {field: NAME, direction: DESC}) { nodes { slug } }
    } } }";

    let answer = shop.ask(query, json!({})).await;

    let slugs = |list: &str| answer.strings(list, "slug").concat();
    assert_eq!(answer.strings("/categories/nodes", "slug"), ["furniture", "tables"]);
    assert_eq!(
        (slugs("/categories/nodes/0/all/nodes"), slugs("/categories/nodes/1/all/nodes")),
        ("bca".into(), "bc".into())
    );
    assert_eq!(
        (slugs("/categories/nodes/0/own/nodes"), slugs("/categories/nodes/1/own/nodes")),
        ("a".into(), "b".into())
    );
    assert_eq!(
        (slugs("/categories/nodes/0/named/nodes"), slugs("/categories/nodes/1/named/nodes")),
        ("bca".into(), "bc".into())
    );
    assert_eq!(answer.data("/categories/nodes/0/all/totalCount/count"), 3);
    assert_eq!(answer.data("/categories/nodes/0/own/pageInfo/hasNextPage"), false);
    assert_eq!(answer.data("/categories/nodes/1/own/pageInfo/hasNextPage"), true);
}

async fn each_parent_has_its_own_pages_and_counts(shop: &Shop) {
    shop.store("empty").await;
    for slug in ["one", "two"] {
        let store = shop.store(slug).await;
        for name in ["Oak Shelf", "Oaken Table", "Oak Bench"] {
            put(shop, &store, &format!("{name} {slug}"), "", &[], "ACTIVE").await;
        }
    }
    let query = "query ($first: Int, $last: Int, $order: ProductOrder) { stores { nodes { slug
        products(search: \"oak\", first: $first, last: $last, orderBy: $order) {
            totalCount { count } nodes { name } pageInfo { hasNextPage hasPreviousPage }
        }
    } } }";
    let of = |total, names: [&str; 2], slug: &str, next, previous| {
        let nodes: Vec<_> = names.iter().map(|name| json!({ "name": format!("{name} {slug}") })).collect();
        json!({ "slug": slug, "products": {
            "totalCount": { "count": total }, "nodes": nodes, "pageInfo": { "hasNextPage": next, "hasPreviousPage": previous },
        } })
    };

    for (variables, names, next) in [
        (json!({ "first": 2 }), ["Oak Bench", "Oak Shelf"], true),
        (json!({ "last": 2 }), ["Oak Shelf", "Oaken Table"], false),
        (json!({ "first": 2, "order": { "field": "NAME" } }), ["Oak Bench", "Oak Shelf"], true),
    ] {
        let answer = shop.ask(query, variables).await;

        let stores = answer.data("/stores/nodes").as_array().unwrap();
        assert_eq!(stores.len(), 3);
        for store in stores {
            match store["slug"].as_str().unwrap() {
                "empty" => assert_eq!(store["products"]["totalCount"]["count"], 0),
                slug => assert_eq!(*store, of(3, names, slug, next, !next)),
            }
        }
    }
}

fn merge(mut one: serde_json::Value, other: serde_json::Value) -> serde_json::Value {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}
