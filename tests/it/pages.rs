//! Pages: every walk through a list meets each node once and in order, and `pageInfo` is true to fact.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, Shop, on_both};

on_both!(
    a_walk_forward_meets_every_product_once_and_in_order,
    a_walk_backward_is_the_walk_forward_reversed,
    page_info_is_true_to_fact_at_both_ends,
    a_window_between_two_cursors_holds_what_lies_between,
    products_that_sort_alike_are_told_apart_by_id,
    a_deleted_product_leaves_its_page_and_its_cursor_still_works,
    a_cursor_of_another_order_or_filter_is_refused,
    page_sizes_outside_their_bounds_are_refused,
    an_empty_page_has_no_cursors,
    the_count_ends_at_ten_thousand,
);

const ORDERS: [&str; 6] = [
    "{ field: CREATED_AT, direction: DESC }",
    "{ field: CREATED_AT, direction: ASC }",
    "{ field: NAME, direction: ASC }",
    "{ field: NAME, direction: DESC }",
    "{ field: PRICE, direction: ASC }",
    "{ field: PRICE, direction: DESC }",
];

/// 23 products in two stores and a tree of categories; some names and prices are alike, some have no price.
async fn stock_up(shop: &Shop) -> (String, String) {
    let (store, other) = (shop.store("acme").await, shop.store("zenith").await);
    let root = shop.category("root", None).await;
    let leaf = shop.category("leaf", Some(&root)).await;
    for n in 0..23 {
        let (store, category) = (if n % 3 == 0 { &other } else { &store }, if n % 2 == 0 { &root } else { &leaf });
        let name = format!("{} {}", if n % 2 == 0 { "Alpha" } else { "beta" }, n / 4);
        let product = shop
            .product_with(json!({
                "storeId": store, "categoryId": category, "slug": format!("product-{n}"), "name": name, "status": "ACTIVE",
            }))
            .await;
        if n % 5 != 0 {
            shop.sku(&product, &format!("{}.00", 1 + n % 4)).await;
        }
    }
    (store, root)
}

async fn page(shop: &Shop, list: &str, order: &str, page: &str) -> Answer {
    let connection = format!(
        "products(orderBy: {order}, {page}) {{ edges {{ cursor node {{ slug }} }} \
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}"
    );
    shop.ask(&list.replace("PRODUCTS", &connection), json!({})).await
}

fn connection(answer: &Answer) -> Value {
    let data = answer.data("");
    let top = data.as_object().unwrap().values().next().unwrap();
    if top.get("edges").is_some() { top.clone() } else { top["products"].clone() }
}

fn slugs(connection: &Value) -> Vec<String> {
    let edges = connection["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["slug"].as_str().unwrap().to_owned()).collect()
}

fn lists(store: &str, root: &str) -> Vec<String> {
    vec![
        "{ PRODUCTS }".to_owned(),
        format!("{{ store(id: \"{store}\") {{ PRODUCTS }} }}"),
        format!("{{ category(id: \"{root}\") {{ PRODUCTS }} }}"),
    ]
}

/// All slugs of a list, page by page.
async fn walk(shop: &Shop, list: &str, order: &str, size: usize, backward: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let arguments = if backward { format!("last: {size}{cursor}") } else { format!("first: {size}{cursor}") };
        let connection = connection(&page(shop, list, order, &arguments).await);
        let mut slugs = slugs(&connection);
        let info = &connection["pageInfo"];
        if backward {
            slugs.extend(found);
            found = slugs;
            cursor = format!(", before: {}", info["startCursor"]);
            if info["hasPreviousPage"] == false {
                return found;
            }
        } else {
            found.extend(slugs);
            cursor = format!(", after: {}", info["endCursor"]);
            if info["hasNextPage"] == false {
                return found;
            }
        }
    }
}

async fn a_walk_forward_meets_every_product_once_and_in_order(shop: &Shop) {
    let (store, root) = stock_up(shop).await;

    for list in lists(&store, &root) {
        for order in ORDERS {
            let whole = slugs(&connection(&page(shop, &list, order, "first: 100").await));
            let walked = walk(shop, &list, order, 4, false).await;

            assert_eq!(walked, whole, "{list} by {order}");
            assert_eq!(walked.iter().collect::<BTreeSet<_>>().len(), walked.len());
        }
    }
    assert_eq!(walk(shop, "{ PRODUCTS }", ORDERS[0], 5, false).await.len(), 23);
    let newest_first: Vec<String> = (0..23).rev().map(|n| format!("product-{n}")).collect();
    assert_eq!(walk(shop, "{ PRODUCTS }", ORDERS[0], 5, false).await, newest_first);
}

async fn a_walk_backward_is_the_walk_forward_reversed(shop: &Shop) {
    let (store, root) = stock_up(shop).await;

    for list in lists(&store, &root) {
        for order in ORDERS {
            let forward = walk(shop, &list, order, 5, false).await;
            assert_eq!(walk(shop, &list, order, 3, true).await, forward, "{list} by {order}");
        }
    }
}

async fn page_info_is_true_to_fact_at_both_ends(shop: &Shop) {
    stock_up(shop).await;
    let order = ORDERS[2];
    let all = connection(&page(shop, "{ PRODUCTS }", order, "first: 100").await);
    let count = all["edges"].as_array().unwrap().len();

    for at in 0..count {
        let cursor = &all["edges"][at]["cursor"];
        for size in [1, 5, 100] {
            let after =
                connection(&page(shop, "{ PRODUCTS }", order, &format!("first: {size}, after: {cursor}")).await);
            let before =
                connection(&page(shop, "{ PRODUCTS }", order, &format!("last: {size}, before: {cursor}")).await);
            let flags = |connection: &Value| {
                let info = &connection["pageInfo"];
                (info["hasPreviousPage"].as_bool().unwrap(), info["hasNextPage"].as_bool().unwrap())
            };

            assert_eq!(flags(&after), (true, at + size + 1 < count), "after {at} by {size}");
            assert_eq!(flags(&before), (at > size, true), "before {at} by {size}");
        }
    }
}

async fn a_window_between_two_cursors_holds_what_lies_between(shop: &Shop) {
    stock_up(shop).await;
    let all = connection(&page(shop, "{ PRODUCTS }", ORDERS[5], "first: 100").await);
    let (from, to) = (&all["edges"][4]["cursor"], &all["edges"][12]["cursor"]);

    let first =
        connection(&page(shop, "{ PRODUCTS }", ORDERS[5], &format!("first: 3, after: {from}, before: {to}")).await);
    let last =
        connection(&page(shop, "{ PRODUCTS }", ORDERS[5], &format!("last: 9, after: {from}, before: {to}")).await);

    assert_eq!(slugs(&first), slugs(&all)[5..8]);
    assert_eq!(slugs(&last), slugs(&all)[5..12]);
    assert_eq!((&last["pageInfo"]["hasPreviousPage"], &last["pageInfo"]["hasNextPage"]), (&json!(true), &json!(true)));
}

async fn products_that_sort_alike_are_told_apart_by_id(shop: &Shop) {
    shop.fill(1, 10).await;

    for order in ORDERS {
        let walked: BTreeSet<String> = walk(shop, "{ PRODUCTS }", order, 3, false).await.into_iter().collect();
        assert_eq!(walked.len(), 10, "{order}");
    }
}

async fn a_deleted_product_leaves_its_page_and_its_cursor_still_works(shop: &Shop) {
    stock_up(shop).await;
    let all = connection(&page(shop, "{ PRODUCTS }", ORDERS[0], "first: 100").await);
    let gone = shop.ask("{ product(slug: \"product-18\") { id } }", json!({})).await.string("/product/id");
    let cursor = &all["edges"][4]["cursor"];
    assert_eq!(all["edges"][4]["node"]["slug"], "product-18");
    let delete =
        "mutation ($id: ID!) { productDelete(input: { id: $id }) { deletedProductId userErrors { message } } }";
    shop.ask_as_staff(delete, json!({ "id": gone })).await.data("/productDelete/deletedProductId");

    let after = connection(&page(shop, "{ PRODUCTS }", ORDERS[0], &format!("first: 2, after: {cursor}")).await);
    let around = connection(&page(shop, "{ PRODUCTS }", ORDERS[0], "first: 6").await);

    assert_eq!(slugs(&after), ["product-17", "product-16"]);
    assert_eq!(slugs(&around), ["product-22", "product-21", "product-20", "product-19", "product-17", "product-16"]);
    assert_eq!(after["pageInfo"]["hasPreviousPage"], true);
}

async fn a_cursor_of_another_order_or_filter_is_refused(shop: &Shop) {
    stock_up(shop).await;
    let newest = connection(&page(shop, "{ PRODUCTS }", ORDERS[0], "first: 1").await);
    let cursor = newest["edges"][0]["cursor"].as_str().unwrap();
    let stores = shop.ask("{ stores(first: 1) { pageInfo { endCursor } } }", json!({})).await;
    let of_stores = stores.string("/stores/pageInfo/endCursor");

    for (list, cursor, reason) in [
        ("products(first: 1, orderBy: { field: NAME }, after: $after)", cursor, "another order or filter"),
        (
            "products(first: 1, orderBy: { field: CREATED_AT, direction: ASC }, after: $after)",
            cursor,
            "another order or filter",
        ),
        ("products(first: 1, where: { inStock: { eq: true } }, after: $after)", cursor, "another order or filter"),
        ("products(first: 1, after: $after)", &of_stores, "another order or filter"),
        ("products(first: 1, after: $after)", &cursor[..cursor.len() - 2], "is not a cursor"),
        ("products(first: 1, after: $after)", "", "is not a cursor"),
        ("products(first: 1, after: $after)", "\u{0}", "is not a cursor"),
        ("products(last: 1, before: $after)", "YXJyYXljb25uZWN0aW9uOjA=", "is not a cursor"),
    ] {
        let query = format!("query ($after: String) {{ {list} {{ nodes {{ id }} }} }}");
        let (code, message) = shop.ask(&query, json!({ "after": cursor })).await.error();

        assert_eq!(code, "BAD_USER_INPUT", "{list}");
        assert!(message.contains(reason), "{list}: {message}");
    }
}

async fn page_sizes_outside_their_bounds_are_refused(shop: &Shop) {
    for (arguments, text) in [
        ("first: -1", "first is -1, the minimum is 0"),
        ("last: -7", "last is -7, the minimum is 0"),
        ("first: 101", "page size 101 is over the maximum of 100"),
        ("first: 1000000000", "page size 1000000000 is over the maximum of 100"),
        ("first: 1, last: 1", "first and last cannot be given together"),
    ] {
        for list in ["products", "stores", "categories"] {
            let answer = shop.ask(&format!("{{ {list}({arguments}) {{ nodes {{ id }} }} }}"), json!({})).await;
            assert_eq!(answer.error(), ("BAD_USER_INPUT".to_owned(), text.to_owned()), "{list}({arguments})");
        }
    }
    let answer = shop.ask("{ products(first: 100) { nodes { id } } }", json!({})).await;
    assert_eq!(answer.data("/products/nodes"), &json!([]));
}

async fn an_empty_page_has_no_cursors(shop: &Shop) {
    let empty = connection(&page(shop, "{ PRODUCTS }", ORDERS[0], "first: 5").await);
    shop.fill(1, 2).await;
    let none_of_two = connection(&page(shop, "{ PRODUCTS }", ORDERS[0], "first: 0").await);

    let info =
        |next: bool| json!({ "hasNextPage": next, "hasPreviousPage": false, "startCursor": null, "endCursor": null });
    assert_eq!((&empty["edges"], &empty["pageInfo"]), (&json!([]), &info(false)));
    assert_eq!((&none_of_two["edges"], &none_of_two["pageInfo"]), (&json!([]), &info(true)));
}

async fn the_count_ends_at_ten_thousand(shop: &Shop) {
    shop.fill(101, 100).await;

    let all = shop.ask("{ products { totalCount { count precision } } }", json!({})).await;
    let query = "{ stores(first: 2) { nodes { products { totalCount { count precision } } } } }";
    let each = shop.ask(query, json!({})).await;

    assert_eq!(all.data("/products/totalCount"), &json!({ "count": 10_000, "precision": "AT_LEAST" }));
    for store in each.data("/stores/nodes").as_array().unwrap() {
        assert_eq!(store["products"]["totalCount"], json!({ "count": 100, "precision": "EXACT" }));
    }
}
