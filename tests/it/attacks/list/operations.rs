//! Which operation of a document is meant.

use serde_json::json;

use super::expected::{Expected, invalid, staff_only, undecided};
use super::{Attack, attack, document, request};

pub fn attacks() -> Vec<Attack> {
    let named = |name, text: &str, operation: &str, expected: Expected| {
        attack(name, request::post(&json!({ "query": text, "operationName": operation })), expected)
    };
    let two = "query A { __typename } query B { __typename }";
    let create =
        "mutation B { storeCreate(input: {slug: \"s\", name: \"s\", currencyCode: \"EUR\"}) { store { id } } }";
    vec![
        document("two operations and no name", two, undecided("2 operations")),
        named("two operations and another name", two, "C", undecided("no operation named \"C\"")),
        named("two operations and a name in another case", two, "a", undecided("no operation named \"a\"")),
        named("two operations and an empty name", two, "", undecided("2 operations")),
        named("one operation and another name", "query A { __typename }", "B", undecided("no operation named \"B\"")),
        named(
            "an operation without a name, asked for by one",
            "{ __typename }",
            "A",
            undecided("no operation named \"A\""),
        ),
        named("an operation name of 100 KB", two, &"A".repeat(100 * 1024), undecided("no operation named")),
        named("a name that is a path", two, "../../etc/passwd", undecided("no operation named")),
        named(
            "two operations of one name",
            "query A { __typename } query A { __typename }",
            "A",
            invalid("operation A is defined twice"),
        ),
        named(
            "a query and a mutation of one name",
            "query A { __typename } mutation A { __typename }",
            "A",
            invalid("operation A is defined twice"),
        ),
        document("two operations without names", "{ __typename } { __typename }", invalid("")),
        named(
            "an operation without a name beside one with a name",
            "{ __typename } query A { __typename }",
            "A",
            invalid(""),
        ),
        named("a mutation behind a query, as nobody", &format!("query A {{ __typename }} {create}"), "B", staff_only()),
        named(
            "a query in front of a mutation",
            &format!("query A {{ __typename }} {create}"),
            "A",
            Expected::Data(json!({ "__typename": "Query" })),
        ),
        document("a subscription", "subscription { products { id } }", undecided("")),
        document("a subscription by a name of the language", "subscription { __typename }", undecided("")),
        document("a document of fragments alone", "fragment F on Store { id }", invalid("")),
        document("a type definition", "type Query { secrets: [String] }", invalid("syntax error")),
        document(
            "a type definition beside a query",
            "{ __typename } type Query { secrets: [String] }",
            invalid("syntax error"),
        ),
        document("an extension of the schema", "extend type Query { secrets: [String] }", invalid("syntax error")),
        document("a schema definition", "schema { query: Mutation }", invalid("syntax error")),
        document("a directive definition", "directive @cost(weight: Int) on FIELD", invalid("syntax error")),
        document("the users as nobody", "{ users { nodes { email } } }", staff_only()),
        document(
            "a user by a guessed address as nobody",
            "{ user(email: \"ada@example.com\") { id } }",
            Expected::Data(json!({ "user": null })),
        ),
        document(
            "a mutation as nobody under the name of a query",
            "mutation Products { storeCreate(input: {slug: \"s\", name: \"s\", currencyCode: \"EUR\"}) { store { id } } }",
            staff_only(),
        ),
    ]
}
