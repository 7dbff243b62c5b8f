//! The limits of an operation, each at its edge.

use serde_json::json;

use crate::support::{Shop, on_sqlite};

on_sqlite!(
    an_operation_at_a_limit_runs_and_one_over_it_is_told_which,
    fragments_that_double_are_refused,
    deep_brackets_are_refused,
    a_page_and_a_list_of_ids_have_their_largest_size,
    a_refused_mutation_changes_nothing,
    every_limit_is_where_its_setting_puts_it,
    errors_are_as_many_and_as_long_as_is_set,
);

fn nested(depth: usize) -> String {
    // The root field and its innermost scalar are two levels.
    let parents = depth - 2;
    format!("{{ category(slug: \"a\") {{ {} id {} }} }}", "parent {".repeat(parents), "}".repeat(parents))
}

fn repeated(count: usize, field: impl Fn(usize) -> String) -> String {
    (0..count).map(field).collect::<Vec<_>>().join(" ")
}

async fn an_operation_at_a_limit_runs_and_one_over_it_is_told_which(shop: &Shop) {
    let in_stores = |fields: String| format!("{{ stores {{ nodes {{ {fields} }} }} }}");
    let aliases = |count| in_stores(repeated(count, |index| format!("a{index}: id")));
    let directives = |count| in_stores(repeated(count, |_| "id @include(if: true)".to_owned()));
    let roots = |count| format!("{{ {} }}", repeated(count, |index| format!("a{index}: __typename")));
    let delete = |index| format!("a{index}: storeUpdate(input: {{id: \"?\"}}) {{ userErrors {{ field }} }}");
    let mutations = |count| format!("mutation {{ {} }}", repeated(count, delete));
    // Eight brackets and names stand around the fields.
    let tokens = |count: usize| in_stores(repeated(count - 8, |_| "id".to_owned()));
    let tenfold = |count: usize| {
        let fragments = "fragment A on Store { ...B ...B ...B ...B ...B ...B ...B ...B ...B ...B } \
                         fragment B on Store { ...C ...C ...C ...C ...C ...C ...C ...C ...C ...C } \
                         fragment C on Store { id id id id id id id id id id }";
        let spreads = repeated(9, |_| "...A".to_owned());
        format!("{{ stores {{ nodes {{ {spreads} {} }} }} }} {fragments}", repeated(count - 9_002, |_| "id".to_owned()))
    };

    for (at_the_limit, over_it, told) in [
        (nested(15), nested(16), "query depth 16 is over the maximum of 15"),
        (aliases(30), aliases(31), "alias count 31 is over the maximum of 30"),
        (directives(50), directives(51), "directive count 51 is over the maximum of 50"),
        (roots(20), roots(21), "root field count 21 is over the maximum of 20"),
        (mutations(5), mutations(6), "mutation field count 6 is over the maximum of 5"),
        (tokens(2_000), tokens(2_001), "token count is over the maximum of 2000"),
        (tenfold(10_000), tenfold(10_001), "expanded field count 10001 is over the maximum of 10000"),
    ] {
        let ran = shop.ask(&at_the_limit, json!({})).await;
        let refused = shop.ask(&over_it, json!({})).await;

        assert!(ran.json.get("data").is_some(), "{told}: {}", ran.text);
        assert_eq!(refused.error(), ("BAD_USER_INPUT".to_owned(), told.to_owned()));
        assert_eq!(refused.json.get("data"), None);
    }
}

async fn fragments_that_double_are_refused(shop: &Shop) {
    let doubling = |levels: usize| {
        let fragments =
            repeated(levels, |level| format!("fragment F{level} on Store {{ ...F{0} ...F{0} }}", level + 1));
        format!("{{ stores {{ nodes {{ ...F0 }} }} }} {fragments} fragment F{levels} on Store {{ id }}")
    };

    for levels in [14, 20, 28] {
        let answer = shop.ask(&doubling(levels), json!({})).await;
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{levels}");
        assert!(answer.error().1.contains("over the maximum"), "{}", answer.text);
    }
    for circle in [
        "{ stores { nodes { ...A } } } fragment A on Store { id ...A }",
        "{ stores { nodes { ...A } } } fragment A on Store { id ...B } fragment B on Store { ...C } fragment C on Store { ...A }",
        "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }",
    ] {
        let answer = shop.ask(circle, json!({})).await;
        assert!(answer.error().1.contains("spreads itself"), "{}", answer.text);
    }
}

async fn deep_brackets_are_refused(shop: &Shop) {
    for (open, close) in [("{ a ", "}"), ("{ a(b: [", "])}"), ("{ a(b: {c: ", "})}")] {
        let document = open.repeat(20_000) + &close.repeat(20_000);
        let answer = shop.ask(&document[..document.len().min(200_000)], json!({})).await;

        assert_eq!(answer.error().0, "BAD_USER_INPUT");
        assert_eq!(answer.json.get("data"), None);
    }
    let list = format!("{{ nodes(ids: {}\"a\"{}) {{ id }} }}", "[".repeat(70), "]".repeat(70));
    assert_eq!(shop.ask(&list, json!({})).await.error().1, "bracket depth 65 is over the maximum of 64");
}

async fn a_page_and_a_list_of_ids_have_their_largest_size(shop: &Shop) {
    let store = shop.store("acme").await;
    for list in ["products", "stores", "categories"] {
        for argument in ["first", "last"] {
            let page = async |size: &str| {
                shop.ask(&format!("{{ {list}({argument}: {size}) {{ nodes {{ id }} }} }}"), json!({})).await
            };

            assert!(page("100").await.data(&format!("/{list}/nodes")).is_array());
            assert_eq!(page("0").await.data(&format!("/{list}/nodes")), &json!([]));
            assert_eq!(page("101").await.error().1, "page size 101 is over the maximum of 100");
            assert_eq!(page("101").await.json["errors"][0]["locations"], json!([{ "line": 1, "column": 3 }]));
            assert_eq!(page("101").await.json.get("data"), None);
            assert_eq!(page("-1").await.error().1, format!("{argument} is -1, the minimum is 0"));
            assert_eq!(page("1000000000").await.error().1, "page size 1000000000 is over the maximum of 100");
        }
    }

    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let hundred = shop.ask(nodes, json!({ "ids": vec![&store; 100] })).await;
    let one_more = shop.ask(nodes, json!({ "ids": vec![&store; 101] })).await;

    assert_eq!(hundred.data("/nodes").as_array().unwrap().len(), 100);
    assert_eq!(one_more.error(), ("BAD_USER_INPUT".to_owned(), "101 ids are over the maximum of 100".to_owned()));
}

async fn every_limit_is_where_its_setting_puts_it(shop: &Shop) {
    let (stores, typenames) =
        (|fields: &str| format!("{{ stores {{ nodes {{ {fields} }} }} }}"), "a: __typename b: __typename");
    let write = "storeUpdate(input: {id: \"?\"}) { userErrors { field } }";
    let products = |condition: &str| format!("{{ products(where: {{{condition}}}) {{ pageInfo {{ endCursor }} }} }}");
    let in_stock = "{inStock: {eq: true}}";
    let store = shop.store("acme").await;
    let one_of = |ids: &[&str]| products(&format!("store: {{in: {ids:?}}}"));
    let nodes = |ids: &[&str]| format!("{{ nodes(ids: {ids:?}) {{ id }} }}");

    for (flag, most, at_it, over_it, told) in [
        (
            "--max-depth",
            "3",
            stores("id"),
            stores("products { nodes { id } }"),
            "query depth 5 is over the maximum of 3",
        ),
        ("--max-fields", "3", stores("id"), stores("id slug"), "expanded field count 4 is over the maximum of 3"),
        (
            "--max-aliases",
            "2",
            format!("{{ {typenames} }}"),
            format!("{{ {typenames} c: __typename }}"),
            "alias count 3 is over the maximum of 2",
        ),
        (
            "--max-root-fields",
            "2",
            format!("{{ {typenames} }}"),
            format!("{{ {typenames} __typename }}"),
            "root field count 3 is over the maximum of 2",
        ),
        (
            "--max-mutations",
            "1",
            format!("mutation {{ {write} }}"),
            format!("mutation {{ a: {write} b: {write} }}"),
            "mutation field count 2 is over the maximum of 1",
        ),
        (
            "--max-directives",
            "1",
            stores("id @skip(if: false)"),
            stores("id @skip(if: false) slug @skip(if: false)"),
            "directive count 2 is over the maximum of 1",
        ),
        ("--max-tokens", "9", stores("id"), stores("id id"), "token count is over the maximum of 9"),
        (
            "--max-page-size",
            "30",
            "{ stores(first: 30) { nodes { id } } }".to_owned(),
            "{ stores(last: 31) { nodes { id } } }".to_owned(),
            "page size 31 is over the maximum of 30",
        ),
        ("--max-nodes", "1", nodes(&[&store]), nodes(&[&store, &store]), "2 ids are over the maximum of 1"),
        (
            "--max-filter-terms",
            "2",
            products(&format!("OR: [{in_stock}]")),
            products(&format!("OR: [{in_stock}, {{}}]")),
            "where has 3 conditions, over the maximum of 2",
        ),
        (
            "--max-list-input",
            "1",
            one_of(&[&store]),
            one_of(&[&store, &store]),
            "store in has 2 values, over the maximum of 1",
        ),
        (
            "--max-cost",
            "22",
            stores("id"),
            stores("id products { pageInfo { endCursor } }"),
            "the operation costs 62 points, over the maximum of 22; dearest: stores.nodes.products 40, stores.nodes 20, stores 2",
        ),
        (
            "--max-introspection-fields",
            "2",
            "{ __schema { description } }".to_owned(),
            "{ __schema { queryType { name } } }".to_owned(),
            "introspection field count 3 is over the maximum of 2",
        ),
        (
            "--max-introspection-depth",
            "2",
            "{ __schema { description } }".to_owned(),
            "{ __schema { queryType { name } } }".to_owned(),
            "introspection depth 3 is over the maximum of 2",
        ),
    ] {
        let shop = Shop::start_with(shop.kind, &[flag, most]).await;

        let (ran, refused) = (shop.ask(&at_it, json!({})).await, shop.ask(&over_it, json!({})).await);

        assert!(ran.json.get("data").is_some(), "{flag} {}", ran.text);
        assert_eq!((refused.error().1.as_str(), refused.json.get("data")), (told, None), "{flag}");
        shop.stop().await;
    }
    let shop = Shop::start_with(shop.kind, &["--default-page-size", "3"]).await;
    let prepared = shop.app.engine.prepare(&stores("id"), None, async_graphql::Variables::default());
    assert_eq!(prepared.unwrap().price(), 2 + 3);
    shop.stop().await;
}

async fn errors_are_as_many_and_as_long_as_is_set(shop: &Shop) {
    let set = Shop::start_with(shop.kind, &["--max-errors", "2", "--max-error-bytes", "60"]).await;
    let variables = "query ($a: Int!, $b: Int!, $c: Int!) { a: products(first: $a) { nodes { id } } \
        b: products(first: $b) { nodes { id } } c: products(first: $c) { nodes { id } } }";
    let unknown = format!("{{ {} }}", "a".repeat(100));

    let many = set.ask(variables, json!({})).await;
    let long = set.ask(&unknown, json!({})).await.error().1;

    assert_eq!(many.json["errors"].as_array().unwrap().len(), 2);
    assert_eq!((long.len(), long.ends_with('…')), (60, true), "{long}");
    assert_eq!(shop.ask(variables, json!({})).await.json["errors"].as_array().unwrap().len(), 3);
    set.stop().await;
}

async fn a_refused_mutation_changes_nothing(shop: &Shop) {
    let create = |index| {
        format!(
            "a{index}: storeCreate(input: {{slug: \"s{index}\", name: \"s\", currencyCode: \"EUR\"}}) {{ store {{ id }} }}"
        )
    };
    let before = shop.contents().await;

    let six = shop.ask_as_staff(&format!("mutation {{ {} }}", repeated(6, create)), json!({})).await;
    let unknown = shop.ask_as_staff(&format!("mutation {{ {} nothing }}", repeated(2, create)), json!({})).await;
    let unknown_below = format!("mutation {{ {} }}", repeated(2, create)).replace("id }", "id nothing }");
    let unknown_below = shop.ask_as_staff(&unknown_below, json!({})).await;

    for refused in [six, unknown, unknown_below] {
        assert_eq!(refused.error().0, "BAD_USER_INPUT");
        assert_eq!(refused.json.get("data"), None);
    }
    assert_eq!(shop.contents().await, before);
}
