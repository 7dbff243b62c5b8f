//! What operations on the real schema cost, and what comes back of it.

use async_graphql::{Value, Variables};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use storefront::execution::{RequestErrorKind, RequestErrors};

use crate::support::{Shop, on_sqlite};

/// The flags of a server with the usual limit.
const USUAL: &[&str] = &["--max-cost", "5000"];

on_sqlite!(
    operations_have_the_prices_of_the_table,
    an_operation_over_the_most_points_names_its_dearest_paths,
    every_example_operation_is_within_the_usual_limit,
    the_hint_for_caches_is_that_of_the_least_type,
    a_price_is_never_below_what_comes_back,
);

fn price(shop: &Shop, text: &str, variables: serde_json::Value) -> Result<u64, RequestErrors> {
    let prepared = shop.app.engine.prepare(text, None, Variables::from_json(variables))?;
    Ok(prepared.price())
}

async fn operations_have_the_prices_of_the_table(shop: &Shop) {
    let page = "query ($first: Int, $where: ProductWhere, $skip: Boolean = false) {
        products(first: $first, where: $where) {
            nodes { id price: priceRange { min { amount } } skus @skip(if: $skip) { price { amount } stock { quantity } } }
        }
    }";
    let condition = json!({
        "OR": [{ "store": { "in": ["a", "b", "c"] } }, { "price": { "currencyCode": "EUR", "gte": "1" } }],
        "inStock": { "eq": true }, "createdAt": null,
    });
    for (text, variables, points) in [
        ("{ __typename }", json!({}), 1),
        ("{ product(id: \"x\") { id name tags } }", json!({}), 1),
        ("{ product(id: \"x\") { store { id } category { id } } }", json!({}), 3),
        ("{ product(id: \"x\") { priceRange { min { amount } max { amount } } } }", json!({}), 1),
        ("{ product(id: \"x\") { skus { price { amount } } } }", json!({}), 11),
        ("{ product(id: \"x\") { skus { stock { quantity } } } }", json!({}), 21),
        ("{ product(id: \"x\") { images { url } options { name values { name } } } }", json!({}), 1 + 10 + 3),
        (
            "{ product(id: \"x\") { skus { attributes { name } selectedOptions { value } } } }",
            json!({}),
            1 + 10 * (1 + 10 + 3),
        ),
        ("{ category(slug: \"x\") { parent { id } children { id } ancestors { id } } }", json!({}), 1 + 1 + 10 + 10),
        ("{ products { pageInfo { endCursor } } }", json!({}), 2),
        ("{ products { totalCount { count } } }", json!({}), 7),
        ("{ products { nodes { id } } }", json!({}), 22),
        ("{ products(first: 50) { nodes { store { id } category { id } skus { id } } } }", json!({}), 652),
        (
            "{ products(last: 50) { edges { cursor node { store { id } category { id } skus { id } } } } }",
            json!({}),
            652,
        ),
        ("{ stores { nodes { products(first: 5) { nodes { id } } } } }", json!({}), 2 + 20 * (1 + 2 + 5)),
        (
            "{ users(first: 2) { nodes { orders(first: 3) { nodes { items { id } } } } } }",
            json!({}),
            2 + 2 * (1 + 2 + 3 * 11),
        ),
        ("{ node(id: \"x\") { id } }", json!({}), 1),
        ("{ node(id: \"x\") { ... on Product { store { id } } ... on Order { items { id } } } }", json!({}), 11),
        (
            "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { store { id } } } }",
            json!({ "ids": ["a", "b"] }),
            4,
        ),
        (
            "mutation { storeCreate(input: {slug: \"s\", name: \"s\", currencyCode: \"EUR\"}) { store { id } userErrors { code } } }",
            json!({}),
            11,
        ),
        (
            "mutation { a: stockSet(input: {skuId: \"s\", quantity: 1}) { stock { sku { id } } } b: stockSet(input: {skuId: \"s\", quantity: 1}) { userErrors { code } } }",
            json!({}),
            22,
        ),
        (
            "{ __schema { queryType { name fields { name } } } __type(name: \"Money\") { fields { name } } }",
            json!({}),
            6,
        ),
        (page, json!({}), 2 + 20 * 21),
        (page, json!({ "first": 10 }), 2 + 10 * 21),
        (page, json!({ "first": 10, "skip": true }), 2 + 10),
        (page, json!({ "first": 0, "where": condition }), 2 + 2 + 1 + 2 + 1),
    ] {
        assert_eq!(price(shop, text, variables.clone()).unwrap(), points, "{text} {variables}");
    }
}

async fn an_operation_over_the_most_points_names_its_dearest_paths(shop: &Shop) {
    let shop = Shop::start_with(shop.kind, USUAL).await;
    let page =
        |first: u32| format!("{{ products(first: {first}) {{ nodes {{ skus {{ attributes {{ name }} }} id }} }} }}");

    // 2 + 45 × (1 + 10 + 100)
    assert_eq!(price(&shop, &page(45), json!({})).unwrap(), 4_997);
    let errors = price(&shop, &page(46), json!({})).unwrap_err();
    let answer = shop.ask(&page(46), json!({})).await;

    let error = errors.iter().next().unwrap();
    assert_eq!(error.kind, RequestErrorKind::Cost);
    assert_eq!(
        error.message,
        "the operation costs 5108 points, over the maximum of 5000; dearest: \
         products.nodes.skus.attributes 4600, products.nodes.skus 460, products.nodes 46"
    );
    assert_eq!((answer.error().1, answer.json.get("data")), (error.message.clone(), None));
    shop.stop().await;
}

async fn every_example_operation_is_within_the_usual_limit(shop: &Shop) {
    let shop = Shop::start_with(shop.kind, USUAL).await;
    let variables = json!({
        "slug": "x", "id": "x", "name": "x", "skuId": "x", "quantity": 1, "email": "x", "password": "x", "token": "x",
    });

    for (name, text) in storefront::http::EXAMPLES {
        let price = price(&shop, text, variables.clone());
        assert!(price.as_ref().is_ok_and(|points| *points <= 5_000), "{name} {price:?}");
    }
    shop.stop().await;
}

async fn the_hint_for_caches_is_that_of_the_least_type(shop: &Shop) {
    for (text, secs) in [
        ("{ __typename }", Some(60)),
        (
            "{ products { edges { node { store { id } category { id } skus { price { amount } } images { url } } } pageInfo { endCursor } } }",
            Some(60),
        ),
        ("{ products { totalCount { count } } stores { nodes { id } } categories { nodes { id } } }", Some(60)),
        ("{ products { nodes { skus { stock { quantity } } } } }", None),
        ("{ users { nodes { id } } }", None),
        ("{ user(id: \"x\") { id } }", None),
        ("{ node(id: \"x\") { ... on Product { id } } }", None),
        ("{ __schema { queryType { name } } }", None),
        (
            "mutation { storeCreate(input: {slug: \"s\", name: \"s\", currencyCode: \"EUR\"}) { userErrors { code } } }",
            None,
        ),
    ] {
        let prepared = shop.app.engine.prepare(text, None, Variables::default()).unwrap();
        assert_eq!(prepared.plan().max_age(), secs, "{text}");
    }
}

/// Selections of an object of the catalogue, as deep as they are told to be.
fn selection(of: &'static str, depth: u32) -> BoxedStrategy<String> {
    let inner = |of| if depth == 0 { Just("id".to_owned()).boxed() } else { selection(of, depth - 1) };
    let list = move |field: &'static str, of: &'static str| {
        let arguments = prop::sample::select(vec!["", "(first: 1)", "(first: 3)", "(last: 2)", "(first: 0)"]);
        let holds = prop::sample::select(vec![("nodes {", "}"), ("edges { cursor node {", "} }"), ("n: nodes {", "}")]);
        (arguments, holds, inner(of))
            .prop_map(move |(arguments, (open, close), inner)| {
                format!("{field}{arguments} {{ {open} {inner} {close} }}")
            })
            .boxed()
    };
    let object = move |field: &'static str, of: &'static str| {
        let guard = prop::sample::select(vec!["", "", "@skip(if: true)", "@include(if: true)"]);
        (inner(of), guard).prop_map(move |(inner, guard)| format!("{field} {guard} {{ {inner} }}")).boxed()
    };
    let own: Vec<BoxedStrategy<String>> = match of {
        "Query" => vec![
            list("products", "Product"),
            list("stores", "Store"),
            list("categories", "Category"),
            Just("__typename".to_owned()).boxed(),
        ],
        "Product" => vec![
            object("store", "Store"),
            object("category", "Category"),
            object("skus", "Sku"),
            object("images", "Image"),
            Just("... on Node { id ... on Product { options { name } } }".to_owned()).boxed(),
        ],
        "Sku" => vec![object("product", "Product"), Just("stock { quantity } attributes { name }".to_owned()).boxed()],
        "Store" => vec![list("products", "Product")],
        "Category" => vec![
            list("products", "Product"),
            object("parent", "Category"),
            object("children", "Category"),
            object("ancestors", "Category"),
        ],
        _ => return Just("url".to_owned()).boxed(),
    };
    let fields = prop::collection::vec(prop::strategy::Union::new(own), 1..3);
    let id = if of == "Query" { "" } else { " id" };
    fields
        .prop_map(move |fields| {
            let aliased = |(at, field): (usize, &String)| {
                if field.starts_with("...") || field.contains("} attributes") {
                    field.clone()
                } else {
                    format!("f{at}: {field}")
                }
            };
            fields.iter().enumerate().map(aliased).collect::<Vec<_>>().join(" ") + id
        })
        .boxed()
}

/// The objects of an answer that are not free: those with an id, and the small ones by what is asked of them.
fn objects(value: &Value) -> u64 {
    match value {
        Value::List(items) => items.iter().map(objects).sum(),
        Value::Object(fields) => {
            let counts = ["id", "url", "quantity", "name"].iter().any(|name| fields.contains_key(*name));
            u64::from(counts) + fields.values().map(objects).sum::<u64>()
        }
        _ => 0,
    }
}

async fn a_price_is_never_below_what_comes_back(shop: &Shop) {
    shop.fill(3, 8).await;
    let mut runner = TestRunner::deterministic();
    let mut ran = 0;

    for _ in 0..200 {
        let text = format!("{{ {} }}", selection("Query", 3).new_tree(&mut runner).unwrap().current());
        let priced = price(shop, &text, json!({}));
        let (Ok(price), Ok(prepared)) = (priced, shop.app.engine.prepare(&text, None, Variables::default())) else {
            continue;
        };
        let bill = prepared.bill();
        let answer = shop.ask(&text, json!({})).await;
        let data = Value::from_json(answer.json["data"].clone()).unwrap();
        let (actual, returned) = (bill.actual(&data), objects(&data));

        assert_eq!(answer.json.get("errors"), None, "{text} {}", answer.text);
        assert!(actual <= price, "{text} costs {actual}, over its price {price}");
        assert!(returned <= actual, "{text} returned {returned} objects for {actual} points");
        ran += 1;
    }

    assert!(ran > 50, "{ran} of 200 operations could be run");
}
