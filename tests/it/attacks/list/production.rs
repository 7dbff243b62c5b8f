//! What a server in production keeps to itself.

use serde_json::json;

use super::expected::{Expected, invalid, refused, unauthenticated};
use super::request::{get, post};
use super::{Attack, attack, document};

pub fn attacks() -> Vec<Attack> {
    let explained = || post(&json!({ "query": "{ stores { nodes { id } } }" })).header("x-storefront-explain", "1");
    let hidden = |name, text: &str| document(name, text, invalid("introspection is off"));
    let unknown = |name, text: &str| document(name, text, invalid("")).hiding(&["did you mean"]);
    vec![
        hidden("the schema", "{ __schema { types { name } } }"),
        hidden("the schema under an alias", "{ a: __schema { queryType { name } } }"),
        hidden("the schema in a fragment", "{ ...F } fragment F on Query { __schema { types { name } } }"),
        hidden("the schema in an inline fragment without a type", "{ ... { __schema { types { name } } } }"),
        hidden("the schema beside a sound field", "{ stores { nodes { id } } __schema { types { name } } }"),
        hidden("the schema in a mutation", "mutation { __schema { types { name } } }"),
        hidden("a type", "{ __type(name: \"User\") { fields { name } } }"),
        document(
            "the schema in an operation that is skipped",
            "query ($a: Boolean = true) { __typename __schema @skip(if: $a) { types { name } } }",
            invalid("introspection is off"),
        ),
        attack(
            "the schema by GET",
            get(&[("query", "{ __schema { types { name } } }")]),
            invalid("introspection is off"),
        ),
        unknown("a field that is nearly right", "{ prodcts { nodes { id } } }"),
        unknown("an argument that is nearly right", "{ products(frst: 1) { nodes { id } } }"),
        unknown("a type that is nearly right", "{ node(id: \"a\") { ... on Prodct { id } } }"),
        unknown("a value that is nearly right", "{ products(orderBy: {field: NAMES}) { nodes { id } } }"),
        unknown("an input field that is nearly right", "{ products(where: {instock: {eq: true}}) { nodes { id } } }"),
        unknown("a directive that is nearly right", "{ __typename @skipp(if: true) }"),
        unknown(
            "a variable that is nearly right",
            "query ($where: ProductWere) { products(where: $where) { nodes { id } } }",
        ),
        attack("the statements as nobody", explained(), Expected::Sound).hiding(&["explain", "statement", "loads"]),
        attack(
            "the statements with a wrong staff key",
            explained().header("x-storefront-staff-key", "wrong"),
            unauthenticated("staff key"),
        )
        .hiding(&["statement"]),
        attack(
            "the page that asks",
            get(&[]).target("/"),
            Expected::Refused { status: 404, code: "NOT_FOUND", says: "there is nothing at", headers: &[] },
        )
        .hiding(&["graphiql"]),
        attack(
            "the page that asks, at the endpoint",
            get(&[]).target("/graphql").header("accept", "text/html"),
            refused(406, ""),
        )
        .hiding(&["graphiql"]),
    ]
}
