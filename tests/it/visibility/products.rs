//! Drafts and archived products.

use serde_json::{Value, json};

use crate::support::{Answer, Shop, fields, on_both};

on_both!(
    nobody_sees_drafts_and_archived_products_by_any_path,
    nobody_counts_drafts_and_archived_products,
    a_product_that_is_withdrawn_is_gone_for_nobody_and_comes_back_when_it_is_put_on_sale,
    a_cursor_of_staff_shows_nobody_nothing_more,
);

/// Hidden things have this in their slugs, names and codes.
const SECRET: &str = "secret";

/// A shop with one product on sale, a draft and an archived one, all in one store and one category, each with a sku.
#[derive(Default)]
struct Shelf {
    store: String,
    category: String,
    hidden: Vec<(String, String)>,
    open: (String, String),
}

impl Shelf {
    async fn fill(shop: &Shop) -> Self {
        let store = shop.store("acme").await;
        let root = shop.category("garden", None).await;
        let category = shop.category("chairs", Some(&root)).await;
        let product = async |slug: &str, status: &str| {
            let input =
                json!({ "storeId": store, "categoryId": category, "slug": slug, "name": slug, "status": status });
            let product = shop.product_with(input).await;
            let sku =
                json!({ "productId": product, "optionValues": [], "price": "9.99", "code": format!("{slug}-sku") });
            let sku = shop.sku_with(sku).await;
            shop.stock(&sku, 7).await;
            (product, sku)
        };
        let open = product("open-chair", "ACTIVE").await;
        let hidden = vec![product("secret-draft", "DRAFT").await, product("secret-archived", "ARCHIVED").await];
        Self { store, category, hidden, open }
    }

    /// Every path to a product, its skus and their stock, by the field outside of them that leads there.
    fn paths(&self) -> Vec<(&'static str, String, Value)> {
        let mut paths = Vec::new();
        let mut path = |way_in, query: &str, variables| paths.push((way_in, format!("{query} {FRAGMENTS}"), variables));
        for (product, sku) in &self.hidden {
            path("Query.product", "query ($id: ID!) { product(id: $id) { ...N } }", json!({ "id": product }));
            path("Query.node", "query ($id: ID!) { node(id: $id) { ...N } }", json!({ "id": product }));
            path("Query.node", "query ($id: ID!) { node(id: $id) { ...N } }", json!({ "id": sku }));
            let ids = json!({ "ids": [product, sku, product] });
            path("Query.nodes", "query ($ids: [ID!]!) { nodes(ids: $ids) { ...N } }", ids);
        }
        for slug in ["secret-draft", "secret-archived"] {
            path("Query.product", "query ($slug: String) { product(slug: $slug) { ...N } }", json!({ "slug": slug }));
        }
        for (way_in, list) in LISTS {
            for condition in conditions() {
                let query = format!("query ($where: ProductWhere) {list}");
                path(way_in, &query, json!({ "where": condition }));
            }
        }
        paths
    }
}

const FRAGMENTS: &str = "
    fragment N on Node { id ...P ... on Sku { ...S product { ...P } } }
    fragment P on Product { id slug name skus { ...S } }
    fragment S on Sku { id code product { slug } stock { quantity sku { code product { name } } } }";

const LISTS: [(&str, &str); 9] = [
    ("Query.products", "{ products(where: $where, first: 50) { totalCount { count } nodes { ...N } } }"),
    ("Query.products", "{ products(where: $where, last: 50) { edges { cursor node { ...N } } } }"),
    ("Query.products", "{ products(where: $where, search: \"secret\") { totalCount { count } nodes { ...N } } }"),
    ("Query.products", "{ products(where: $where, search: \"secrte\", orderBy: {field: NAME}) { nodes { ...N } } }"),
    ("Store.products", "{ stores { nodes { products(where: $where) { totalCount { count } nodes { ...N } } } } }"),
    ("Store.products", "{ products { nodes { store { products(where: $where) { nodes { ...N } } } } } }"),
    (
        "Category.products",
        "{ category(slug: \"chairs\") { products(where: $where, includeDescendants: false) { nodes { ...N } } } }",
    ),
    (
        "Category.products",
        "{ category(slug: \"garden\") { products(where: $where, orderBy: {field: NAME}) { edges { node { ...N } } } } }",
    ),
    (
        "Category.products",
        "{ categories(rootsOnly: true) { nodes { children { products(where: $where) { nodes { ...N } } } } } }",
    ),
];

/// Filters that try to talk the list into showing more.
fn conditions() -> Vec<Value> {
    vec![
        Value::Null,
        json!({}),
        json!({ "status": { "in": ["DRAFT", "ARCHIVED", "ACTIVE"] } }),
        json!({ "OR": [{}, { "status": { "eq": "DRAFT" } }, { "status": { "eq": "ARCHIVED" } }] }),
        json!({ "AND": [{ "OR": [{ "status": { "in": ["DRAFT"] } }, { "inStock": { "eq": true } }] }] }),
        json!({ "OR": [{ "AND": [] }, { "OR": [] }] }),
    ]
}

async fn nobody_sees_drafts_and_archived_products_by_any_path(shop: &Shop) {
    let shelf = Shelf::fill(shop).await;

    for (way_in, query, variables) in shelf.paths() {
        let as_nobody = shop.ask(&query, variables.clone()).await;
        let as_staff = shop.ask_as_staff(&query, variables.clone()).await;

        assert_eq!(as_nobody.json.get("errors"), None, "{way_in}: {}", as_nobody.text);
        assert!(!as_nobody.text.contains(SECRET), "{way_in} {query} {variables}: {}", as_nobody.text);
        assert!(as_staff.text.contains(SECRET), "{way_in} shows staff nothing: {query} {variables} {}", as_staff.text);
    }
    for hidden in ["DRAFT", "ARCHIVED"] {
        let query = format!(
            "{{ products(where: {{status: {{eq: {hidden}}}}}) {{ totalCount {{ count }} nodes {{ slug }} edges {{ cursor }} }} }}"
        );
        let as_nobody = shop.ask(&query, json!({})).await;

        assert_eq!(as_nobody.data("/products"), &json!({ "totalCount": { "count": 0 }, "nodes": [], "edges": [] }));
        assert!(shop.ask_as_staff(&query, json!({})).await.text.contains(SECRET));
    }
}

#[test]
fn every_field_that_leads_to_a_product_is_among_the_paths() {
    let shelf = Shelf { hidden: vec![Default::default()], ..Default::default() };
    let of_products = ["Product", "ProductConnection", "ProductEdge", "Sku", "Stock"];
    // Payloads are for staff, and so are order items. What is suggested is on sale, whoever asks (`search/freshness.rs`).
    let for_staff = |owner: &str| owner.ends_with("Payload") || owner == "OrderItem" || owner == "ProductSuggestion";
    let ways_in = fields().into_iter().filter(|field| {
        let leads_in = of_products.contains(&field.gives.as_str()) || field.gives == "Node";
        leads_in && !of_products.contains(&field.owner.as_str()) && !for_staff(&field.owner)
    });
    let tested: Vec<&str> = shelf.paths().into_iter().map(|(way_in, ..)| way_in).collect();

    for way_in in ways_in {
        assert!(tested.contains(&way_in.to_string().as_str()), "{way_in} is a path to products that no test walks");
    }
}

async fn nobody_counts_drafts_and_archived_products(shop: &Shop) {
    let shelf = Shelf::fill(shop).await;
    let query = "query ($store: ID!, $category: ID!) {
        products { totalCount { count } pageInfo { hasNextPage hasPreviousPage } }
        one: products(first: 1) { pageInfo { hasNextPage } }
        store(id: $store) { products { totalCount { count } } }
        category(id: $category) { products { totalCount { count } } }
    }";
    let variables = json!({ "store": shelf.store, "category": shelf.category });

    let as_nobody = shop.ask(query, variables.clone()).await;
    let as_staff = shop.ask_as_staff(query, variables).await;

    let counts = |answer: &Answer| {
        ["/products", "/store/products", "/category/products"]
            .map(|list| answer.data(&format!("{list}/totalCount/count")).as_i64().unwrap())
    };
    assert_eq!(counts(&as_nobody), [1, 1, 1]);
    assert_eq!(counts(&as_staff), [3, 3, 3]);
    assert_eq!(as_nobody.data("/one/pageInfo/hasNextPage"), &json!(false));
    assert_eq!(as_staff.data("/one/pageInfo/hasNextPage"), &json!(true));
}

async fn a_product_that_is_withdrawn_is_gone_for_nobody_and_comes_back_when_it_is_put_on_sale(shop: &Shop) {
    let shelf = Shelf::fill(shop).await;
    let (product, sku) = &shelf.open;
    let query = "query ($product: ID!, $sku: ID!) { product(id: $product) { slug } node(id: $sku) { id } products { nodes { slug } } }";
    let ids = json!({ "product": product, "sku": sku });
    let set_status = async |status: &str| {
        let change = format!(
            "mutation ($id: ID!) {{ productUpdate(input: {{ id: $id, status: {status} }}) {{ product {{ status }} }} }}"
        );
        let answer = shop.ask_as_staff(&change, json!({ "id": product })).await;
        assert_eq!(answer.string("/productUpdate/product/status"), status);
    };

    set_status("ARCHIVED").await;
    let withdrawn = shop.ask(query, ids.clone()).await;
    set_status("ACTIVE").await;
    let back = shop.ask(query, ids).await;

    assert_eq!(withdrawn.data(""), &json!({ "product": null, "node": null, "products": { "nodes": [] } }));
    assert_eq!(back.string("/product/slug"), "open-chair");
    assert_eq!(back.string("/node/id"), *sku);
}

async fn a_cursor_of_staff_shows_nobody_nothing_more(shop: &Shop) {
    Shelf::fill(shop).await;
    let all = "{ products(orderBy: {field: NAME}) { edges { cursor node { slug } } } }";
    let page = "query ($after: String, $before: String) {
        products(orderBy: {field: NAME}, first: 10, after: $after, before: $before) {
            nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }";
    let edges = shop.ask_as_staff(all, json!({})).await;
    let cursor = |index: usize| edges.string(&format!("/products/edges/{index}/cursor"));

    let after_the_open_one = shop.ask(page, json!({ "after": cursor(0) })).await;
    let between = shop.ask(page, json!({ "after": cursor(1), "before": cursor(2) })).await;

    assert_eq!(edges.string("/products/edges/0/node/slug"), "open-chair");
    assert_eq!(after_the_open_one.data("/products/nodes"), &json!([]));
    assert_eq!(after_the_open_one.data("/products/pageInfo/hasNextPage"), &json!(false));
    assert_eq!(between.data("/products/nodes"), &json!([]));
    assert_eq!(between.data("/products/pageInfo/hasNextPage"), &json!(false));
}
