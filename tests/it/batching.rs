//! Round trips: the number of SQL statements of an operation depends on its depth, never on its page size.

use serde_json::{Value, json};
use storefront::http::EXAMPLES;

use crate::support::{Answer, Shop, uncached_on_both};

uncached_on_both!(
    every_example_operation_runs_its_number_of_statements,
    a_nested_page_costs_the_same_for_5_by_5_and_100_by_100,
    aliases_of_one_list_share_a_statement,
    what_lies_beyond_a_page_costs_a_statement_only_when_asked_for,
);

/// The statements of each example operation. Mutations: BEGIN and COMMIT are not counted.
const STATEMENTS: [(&str, u64); 19] = [
    ("welcome.graphql", 1),
    // The product with its skus, their stock, its store and its category.
    ("product.graphql", 1),
    ("product-card.graphql", 1),
    // The count, the page, its skus, the stores, the categories.
    ("products.graphql", 5),
    // The page, its skus with their stock, the stores, the categories.
    ("product-cards.graphql", 4),
    // The count, the page, the facets.
    ("facets.graphql", 3),
    // The words that the shop lacks, the count, the page.
    ("search.graphql", 3),
    // The names, the products.
    ("product-suggestions.graphql", 2),
    // The stores, the count and the page of all their products, the skus with their stock, the categories.
    ("store-products.graphql", 5),
    // The roots, two levels of children, the products.
    ("category-tree.graphql", 4),
    // The row and its lock, the update, the product of the payload.
    ("product-update.graphql", 3),
    // The product of the sku, both rows and their locks, the stock row, the write; then the stock of the payload and its sku.
    ("stock-set.graphql", 7),
    // The users, the orders, the items, the skus.
    ("user-orders.graphql", 4),
    // The user, the message.
    ("user-register.graphql", 2),
    // The account, of which there is none.
    ("session-create.graphql", 1),
    // Nobody is logged in.
    ("viewer.graphql", 0),
    // The message.
    ("password-reset-request.graphql", 1),
    // What has not the form of a token is not looked up.
    ("password-reset.graphql", 0),
    ("email-verify.graphql", 0),
];

/// Lists of the example operations, by their way through the answer, and how many rows they hold with pages of 100.
const ROWS: [(&str, &str, usize); 9] = [
    ("products.graphql", "products.edges", 100),
    ("search.graphql", "products.nodes", 100),
    ("store-products.graphql", "stores.nodes", 100),
    ("store-products.graphql", "stores.nodes.products.nodes", 300),
    ("category-tree.graphql", "categories.nodes", 100),
    ("category-tree.graphql", "categories.nodes.children.children", 100),
    ("category-tree.graphql", "categories.nodes.products.nodes", 100),
    ("user-orders.graphql", "users.nodes", 100),
    ("user-orders.graphql", "users.nodes.orders.nodes", 10_000),
];

/// How many rows there are at the end of a way through lists and objects.
fn rows(data: &Value, way: &str) -> usize {
    let lists = way.split('.').fold(vec![data], |values, field| {
        let objects =
            values.into_iter().flat_map(|value| value.as_array().map_or(vec![value], |list| list.iter().collect()));
        objects.map(|object| &object[field]).collect()
    });
    lists.iter().map(|list| list.as_array().unwrap().len()).sum()
}

fn example(name: &str) -> &'static str {
    EXAMPLES.iter().find(|(file, _)| *file == name).unwrap().1
}

async fn every_example_operation_runs_its_number_of_statements(shop: &Shop) {
    shop.fill(100, 3).await;
    shop.trees(99).await;
    shop.orders(100, 100).await;
    let seen = shop.ask("{ products(first: 1) { nodes { id slug skus { id } } } }", json!({})).await;
    let (product, slug) = (seen.string("/products/nodes/0/id"), seen.string("/products/nodes/0/slug"));
    let sku = seen.string("/products/nodes/0/skus/0/id");

    for (name, statements) in STATEMENTS {
        let variables = |size: u32| match name {
            "product.graphql" => json!({ "slug": slug }),
            "product-card.graphql" => json!({ "id": product }),
            "products.graphql" | "product-cards.graphql" | "facets.graphql" => json!({ "first": size }),
            "search.graphql" => json!({ "text": "product", "first": size }),
            "product-suggestions.graphql" => json!({ "text": "pro", "first": size.min(20) }),
            "store-products.graphql" => json!({ "stores": size, "products": size }),
            "category-tree.graphql" => json!({ "first": size, "products": size }),
            "product-update.graphql" => json!({ "id": product, "name": format!("Name {size}") }),
            "stock-set.graphql" => json!({ "skuId": sku, "quantity": size }),
            "user-orders.graphql" => json!({ "users": size, "orders": size }),
            "user-register.graphql" => {
                json!({ "email": format!("user{size}@example.org"), "name": "Ada", "password": "correct horse" })
            }
            "session-create.graphql" => json!({ "email": "nobody@example.org", "password": "correct horse" }),
            "viewer.graphql" => json!({ "orders": size }),
            "password-reset-request.graphql" => json!({ "email": "nobody@example.org" }),
            "password-reset.graphql" => json!({ "token": "x", "password": "correct horse" }),
            "email-verify.graphql" => json!({ "token": "x" }),
            _ => json!({}),
        };
        for size in [1, 5, 100] {
            let answer = shop.explain(example(name), variables(size)).await;
            assert_eq!(answer.statements(), statements, "{name} with pages of {size}");
            for (_, way, full) in ROWS.into_iter().filter(|(of, ..)| size == 100 && *of == name) {
                assert_eq!(rows(answer.data(""), way), full, "{way} of {name}");
            }
        }
    }
}

async fn a_nested_page_costs_the_same_for_5_by_5_and_100_by_100(shop: &Shop) {
    shop.fill(100, 100).await;
    let operation = example("store-products.graphql");

    let small = shop.explain(operation, json!({ "stores": 5, "products": 5 })).await;
    let large = shop.explain(operation, json!({ "stores": 100, "products": 100 })).await;

    let products = |answer: &Answer| rows(answer.data(""), "stores.nodes.products.nodes");
    assert_eq!((products(&small), products(&large)), (25, 10_000));
    assert_eq!((small.statements(), large.statements()), (5, 5));
}

async fn aliases_of_one_list_share_a_statement(shop: &Shop) {
    shop.fill(2, 3).await;
    let query = "{ a: products(first: 2) { nodes { id } } b: products(first: 2) { nodes { name } } }";

    let answer = shop.explain(query, json!({})).await;

    assert_eq!(answer.statements(), 1, "{}", answer.text);
}

async fn what_lies_beyond_a_page_costs_a_statement_only_when_asked_for(shop: &Shop) {
    shop.fill(1, 5).await;
    let first = shop.ask("{ products(first: 2) { pageInfo { endCursor } } }", json!({})).await;
    let after = json!({ "after": first.string("/products/pageInfo/endCursor") });
    let page = |fields: &str| {
        format!(
            "query ($after: String) {{ products(first: 2, after: $after) {{ nodes {{ id }} pageInfo {{ {fields} }} }} }}"
        )
    };

    let forward = shop.explain(&page("hasNextPage endCursor"), after.clone()).await;
    let both = shop.explain(&page("hasNextPage hasPreviousPage"), after).await;

    assert_eq!((forward.statements(), both.statements()), (1, 2));
    assert_eq!(both.data("/products/pageInfo"), &json!({ "hasNextPage": true, "hasPreviousPage": true }));
}
