//! Filters: conditions by the thousand, one inside the other, and of things that are not there.

use serde_json::{Value, json};

use super::expected::{Expected, invalid, partly, refused};
use super::{Attack, Target, document, with};

const LISTED: &str = "query ($where: ProductWhere) { products(where: $where) { nodes { __typename } } }";

pub fn attacks(target: &Target) -> Vec<Attack> {
    let by_variable = |name, filter: Value, expected| with(name, LISTED, &json!({ "where": filter }), expected);
    let by_literal = |name, filter: &str, expected| {
        document(name, format!("{{ products(where: {filter}) {{ nodes {{ __typename }} }} }}"), expected)
    };
    let leaf = || json!({ "inStock": { "eq": true } });
    let leaves = |count: usize| vec![leaf(); count];
    let ids = |count: usize| vec![target.store.clone(); count];
    let literal = |count: usize| format!("{{OR: [{}]}}", "{inStock: {eq: true}} ".repeat(count));
    let nested = |word: &str, depth: usize| (0..depth).fold(leaf(), |inner, _| json!({ word: [inner] }));
    let chain = |depth: usize| format!("{}inStock: {{eq: true}}{}", "AND: {".repeat(depth), "}".repeat(depth));
    let none = || Expected::Data(json!({ "products": { "nodes": [] } }));
    vec![
        by_literal("a filter of 5,000 leaves", &literal(5_000), invalid("token count")),
        by_variable(
            "a filter of 5,000 leaves by a variable",
            json!({ "OR": leaves(5_000) }),
            invalid("over the maximum"),
        ),
        by_literal("a filter of 51 leaves", &literal(51), invalid("over the maximum of 50")),
        by_variable(
            "a filter of 51 leaves by a variable",
            json!({ "AND": leaves(51) }),
            invalid("over the maximum of 50"),
        ),
        by_variable(
            "64 leaves in lists of 8",
            json!({ "AND": vec![json!({ "OR": leaves(8) }); 8] }),
            invalid("over the maximum of 50"),
        ),
        by_variable("5,000 empty conditions", json!({ "AND": vec![json!({}); 5_000] }), invalid("over the maximum")),
        by_literal("AND nested 100 deep", &format!("{{{}}}", chain(100)), invalid("bracket depth 65")),
        by_variable("AND nested 100 deep by a variable", nested("AND", 100), refused(400, "")),
        by_variable("OR of nothing", json!({ "OR": [] }), none()),
        by_variable("101 stores", json!({ "store": { "in": ids(101) } }), invalid("over the maximum of 100")),
        by_variable("5,000 stores", json!({ "store": { "in": ids(5_000) } }), invalid("over the maximum of 100")),
        by_variable("101 categories", json!({ "category": { "in": ids(101) } }), invalid("over the maximum of 100")),
        by_variable(
            "101 states",
            json!({ "status": { "in": vec!["ACTIVE"; 101] } }),
            invalid("over the maximum of 100"),
        ),
        by_variable("no stores", json!({ "store": { "in": [] } }), none()),
        by_variable("a store that is null", json!({ "store": { "in": [null] } }), invalid("")),
        by_variable(
            "the id of a product for a store",
            json!({ "store": { "eq": target.product } }),
            partly("is the id of a Product"),
        ),
        by_variable("SQL for a store", json!({ "store": { "eq": "' OR 1=1 --" } }), partly("is not an id")),
        by_variable("the drafts as nobody", json!({ "status": { "eq": "DRAFT" } }), none()),
        by_variable("a condition that there is not", json!({ "password": { "eq": "x" } }), invalid("password")),
        by_variable(
            "a year before all years",
            json!({ "createdAt": { "gte": "-262143-01-01T00:00:00Z" } }),
            invalid("createdAt"),
        ),
        by_variable(
            "a year after all years",
            json!({ "createdAt": { "lt": "+262142-12-31T23:59:59Z" } }),
            invalid("createdAt"),
        ),
        by_variable("a leap second", json!({ "createdAt": { "lt": "2016-12-31T23:59:60Z" } }), Expected::Sound),
        by_variable("SQL for a time", json!({ "createdAt": { "gt": "now()'; --" } }), invalid("createdAt")),
        by_variable("a currency that there is not", json!({ "price": { "currencyCode": "XXY" } }), invalid("XXY")),
    ]
}
