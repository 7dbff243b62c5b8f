//! Page sizes, on either end of what is allowed and far beyond.

use serde_json::json;

use super::expected::{Expected, invalid};
use super::{Attack, document, with};

pub fn attacks() -> Vec<Attack> {
    let page = |name, arguments: &str, expected| {
        document(name, format!("{{ products({arguments}) {{ nodes {{ __typename }} }} }}"), expected)
    };
    let given = "query ($n: Int) { products(first: $n) { nodes { __typename } } }";
    let inside = "query ($n: Int) { stores { nodes { products(last: $n) { nodes { __typename } } } } }";
    let too_large = || invalid("page size 101 is over the maximum of 100");
    vec![
        page("a page of 101", "first: 101", too_large()),
        page("a last page of 101", "last: 101", too_large()),
        with("a page of 101 by a variable", given, &json!({ "n": 101 }), too_large()),
        with("a page of 101 inside a list", inside, &json!({ "n": 101 }), too_large()),
        document("a page of 101 by a default", given.replace("$n: Int", "$n: Int = 101"), too_large()),
        page("a page of -1", "first: -1", invalid("first is -1, the minimum is 0")),
        with("a page of -2^31 by a variable", given, &json!({ "n": i32::MIN }), invalid("the minimum is 0")),
        page("a page of 2^31 - 1", "first: 2147483647", invalid("over the maximum of 100")),
        page("a page of 2^31", "first: 2147483648", invalid("expected Int")),
        page("a page of 2^63", "first: 9223372036854775808", invalid("expected Int")),
        page("a page of 2^64 + 1, to come out as 1", "first: 18446744073709551617", invalid("")),
        page("a page of 10,000 digits", &format!("first: {}", "9".repeat(10_000)), invalid("")),
        page("a page of 1e999", "first: 1e999", invalid("")),
        page("a page of 1.5", "first: 1.5", invalid("expected Int")),
        page("a page of 1e1", "first: 1e1", invalid("expected Int")),
        page("a page as text", "first: \"5\"", invalid("expected Int")),
        page("a page of no size", "first: null", Expected::Sound),
        page("a page of nothing", "first: 0", Expected::Data(json!({ "products": { "nodes": [] } }))),
        page("a page from both ends", "first: 1, last: 1", invalid("first and last cannot be given together")),
        page("two page sizes", "first: 1, first: 100", invalid("")),
        page("an argument that there is not", "limit: 1000000", invalid("limit")),
    ]
}
