//! Texts that are hardly GraphQL: read by the scanner and the parser, before anything knows the schema.

use serde_json::json;

use super::expected::{Expected, invalid, refused};
use super::request::{body_of, post};
use super::{Attack, attack, document, repeated};

pub fn attacks() -> Vec<Attack> {
    let kilobytes = |count: usize, piece: &str| piece.repeat(count * 1024 / piece.len());
    vec![
        document("a document of spaces", "  \n\t ,,, ", invalid("syntax error")),
        document("a comment of 200 KB and nothing else", kilobytes(200, "#"), invalid("syntax error")),
        document(
            "a comment of 200 KB before a query",
            format!("#{}\n{{ __typename }}", kilobytes(200, "x")),
            Expected::Data(json!({ "__typename": "Query" })),
        ),
        document(
            "a comment of 200 KB behind a field, where much may follow",
            format!("{{ __typename #{}\n }}", kilobytes(200, "x")),
            Expected::Data(json!({ "__typename": "Query" })),
        ),
        document(
            "a comment in a string, which is none",
            "{ product(slug: \"a#\") { id } }",
            Expected::Data(json!({ "product": null })),
        ),
        document("the end of a document in a comment", "{ __typename #}", invalid("syntax error")),
        document(
            "80,000 empty comments",
            format!("{}{{ __typename }}", "#\n".repeat(80_000)),
            Expected::Data(json!({ "__typename": "Query" })),
        ),
        document("200 KB of commas", kilobytes(200, ","), invalid("syntax error")),
        document(
            "a byte order mark before the document",
            "\u{feff}{ __typename }",
            Expected::Data(json!({ "__typename": "Query" })),
        ),
        document("a null byte between tokens", "{ __typename \0 }", invalid("syntax error")),
        document(
            "a null byte in a string",
            "{ product(slug: \"a\0b\") { id } }",
            Expected::Data(json!({ "product": null })),
        ),
        document(
            "an escaped null byte in a string",
            "{ product(slug: \"a\\u0000b\") { id } }",
            Expected::Data(json!({ "product": null })),
        ),
        document(
            "a lone surrogate in a string of the document",
            "{ product(slug: \"\\ud800\") { id } }",
            invalid("syntax error"),
        ),
        document(
            "surrogates in the wrong order",
            "{ product(slug: \"\\udc00\\ud800\") { id } }",
            invalid("syntax error"),
        ),
        document("an escape that there is not", "{ product(slug: \"\\x41\") { id } }", invalid("syntax error")),
        document("a string without an end", "{ product(slug: \"a) { id } }", invalid("this string does not end")),
        document("a string that ends with a backslash", "{ product(slug: \"a\\", invalid("this string does not end")),
        document(
            "a block string without an end",
            "{ product(slug: \"\"\"a\") { id } }",
            invalid("this string does not end"),
        ),
        document(
            "a block string of 100,000 escaped quotes without an end",
            format!("{{ product(slug: \"\"\"{}", "\\\"\"\"".repeat(30_000)),
            invalid("this string does not end"),
        ),
        document("100 KB of quotes", kilobytes(100, "\""), invalid("")),
        document(
            "a name of 100 KB",
            format!("{{ {} }}", kilobytes(100, "a")),
            invalid("name length 102400 is over the maximum of 128"),
        ),
        document(
            "an alias of 129 letters",
            format!("{{ {}: __typename }}", "a".repeat(129)),
            invalid("name length 129"),
        ),
        document("a name out of emoji", "{ 🪑 }", invalid("syntax error")),
        document("a text that looks the other way round", "{ \u{202e}emanepyt__ }", invalid("syntax error")),
        document("an unfinished document", "{", invalid("syntax error")),
        document("a closing bracket too many", "{ __typename } }", invalid("syntax error")),
        document("63 opening brackets and no end", "{ a(b: [".repeat(21), invalid("")),
        document("brackets 65 deep", brackets(65), invalid("bracket depth 65 is over the maximum of 64")),
        document("brackets 10,000 deep", brackets(10_000), invalid("bracket depth 65 is over the maximum of 64")),
        document(
            "objects in objects 10,000 deep",
            format!("{{ products(where: {}{}) {{ nodes {{ id }} }} }}", "{AND: ".repeat(10_000), "}".repeat(10_000)),
            invalid("bracket depth 65 is over the maximum of 64"),
        ),
        document("100,000 closing brackets", "}".repeat(100_000), invalid("")),
        document(
            "2,001 tokens",
            format!("{{ {} }}", repeated(1_999, |_| "__typename".to_owned())),
            invalid("token count is over the maximum of 2000"),
        ),
        document(
            "100,000 tokens of one letter",
            format!("{{ {} }}", "a ".repeat(100_000)),
            invalid("token count is over the maximum of 2000"),
        ),
        document("200 KB of dots", kilobytes(200, "."), invalid("")),
        attack(
            "a lone surrogate in the JSON",
            body_of(br#"{"query":"{ product(slug: \"\ud800\") { id } }"}"#.to_vec()),
            refused(400, ""),
        ),
        attack("bad UTF-8 in the JSON", body_of(b"{\"query\":\"{ __typename \xff\xfe }\"}".to_vec()), refused(400, "")),
        attack(
            "an overlong encoding of a quote in the JSON",
            body_of(b"{\"query\":\"{ product(slug: \\\"\xc0\xa2\\\") { id } }\"}".to_vec()),
            refused(400, ""),
        ),
        attack("a document of 300 KB of escapes", post(&json!({ "query": "\u{1}".repeat(50_000) })), refused(413, "")),
    ]
}

fn brackets(depth: usize) -> String {
    format!("{{ nodes(ids: {}\"a\"{}) {{ id }} }}", "[".repeat(depth - 2), "]".repeat(depth - 2))
}
