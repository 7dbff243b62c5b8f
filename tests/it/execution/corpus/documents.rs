//! Documents that are not GraphQL or do not fit the schema, and values that do not fit their variables.

use serde_json::{Value, json};

pub fn unsound_documents() -> Vec<(String, Value)> {
    [
        "",
        " ",
        "#",
        "{",
        "}",
        "{}",
        "{ }",
        "query",
        "{ a",
        "{ \"a\" }",
        "{ nothing }",
        "{ stores }",
        "{ stores { nodes } }",
        "{ stores { nodes { id { id } } } }",
        "{ product(slug: 'a') { id } }",
        "{ stores(nothing: 1) { nodes { id } } }",
        "{ ...Missing }",
        "{ ... on Nothing { id } }",
        "{ ... on Product { id } }",
        "fragment F on Product { id }",
        "{ __typename } fragment F on Product { id }",
        "{ __typename @nothing }",
        "{ __typename @include }",
        "{ __typename @include(if: 1) }",
        "{ __typename @skip(if: true) @skip(if: true) }",
        "query ($a: Int) { __typename }",
        "query ($a: Nothing) { __typename }",
        "query ($a: Product) { node(id: $a) { id } }",
        "{ node(id: $a) { id } }",
        "query ($a: Int, $a: Int) { __typename }",
        "query ($a: Int) { node(id: $a) { id } }",
        "query ($a: [Int] = 1) { __typename }",
        "{ a: stores { nodes { id } } a: products { nodes { id } } }",
        "{ stores { nodes { x: id x: slug } } }",
        "{ product(id: \"\\ud800\") { id } }",
        "{ product(id: \"\\q\") { id } }",
        "{ product(id: \"\"\"a) { id } }",
        "{ product(id: \"a\nb\") { id } }",
        "{ product(id: 1.5) { id } }",
        "{ product(id: {}) { id } }",
        "mutation { nothing }",
        "mutation { __typename }",
        "subscription { a }",
        "{ __type { name } }",
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        "{ prodcts { nodes { id } } }",
        "\u{feff}{ __typename }",
        "{ __typename }\u{0}",
        "{\u{a0}__typename }",
        "{ 🪑 }",
        "query 🪑 { __typename }",
        "{ product(slug: \"🪑\") { id } }",
        "query ($🪑: Int) { __typename }",
        "extend type Query { a: Int }",
        "{ stores { nodes { id } } } }",
        "query Q { __typename } mutation Q { __typename }",
        "{ nodes(ids: null) { id } }",
        "{ nodes(ids: []) { id } }",
        "{ nodes(ids: \"a\") { id } }",
    ]
    .map(|document| (document.to_owned(), json!({})))
    .into()
}

pub fn unsound_variables() -> Vec<(String, Value)> {
    let by_type = |ty: &str, list: &str| match list {
        "Int" => format!("query ($v: {ty}) {{ products(first: $v) {{ nodes {{ id }} }} }}"),
        "ID" => format!("query ($v: {ty}) {{ node(id: $v) {{ id }} }}"),
        "Boolean" => format!("query ($v: {ty}) {{ __typename @include(if: $v) }}"),
        _ => format!("query ($v: {ty}) {{ products(orderBy: {{field: $v}}) {{ nodes {{ id }} }} }}"),
    };
    let values = [
        json!(null),
        json!(0),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(1e30),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(2_147_483_648_u64),
        json!("1"),
        json!(""),
        json!("NAME"),
        json!("name"),
        json!("\u{0}"),
        json!(true),
        json!([]),
        json!([1]),
        json!(["NAME"]),
        json!({}),
        json!({ "a": { "b": [] } }),
        json!("🪑"),
        json!("x".repeat(1_000)),
    ];
    let types =
        [("Int", "Int"), ("Int!", "Int"), ("ID!", "ID"), ("Boolean!", "Boolean"), ("ProductOrderField!", "enum")];
    let mut requests = Vec::new();
    for (ty, kind) in types {
        requests.push((by_type(ty, kind), json!({})));
        requests.extend(values.iter().map(|value| (by_type(ty, kind), json!({ "v": value }))));
    }
    requests
}
