//! Bodies and addresses that are JSON or nearly so, and no GraphQL request.

use serde_json::{Value, json};

use super::expected::{Expected, invalid, refused};
use super::request::{address, body_of, get, post};
use super::{Attack, attack};

const QUERY: &str = "{ __typename }";

pub fn attacks() -> Vec<Attack> {
    let mut attacks = bodies();
    attacks.extend(parameters());
    attacks.extend(batches());
    attacks.extend(addresses());
    attacks
}

fn bodies() -> Vec<Attack> {
    let body = |name, bytes: &[u8]| attack(name, body_of(bytes), refused(400, ""));
    vec![
        body("an empty body", b""),
        body("a body of spaces", b"   \n"),
        body("half a body of JSON", b"{\"query\":\"{ __typename }\""),
        body("two bodies in one", b"{\"query\":\"{ __typename }\"}{\"query\":\"{ __typename }\"}"),
        body("JSON with a comment", b"{\"query\":\"{ __typename }\" /* admin */}"),
        body("JSON with a comma too many", b"{\"query\":\"{ __typename }\",}"),
        body("JSON in single quotes", b"{'query':'{ __typename }'}"),
        body("JSON behind a byte order mark", b"\xef\xbb\xbf{\"query\":\"{ __typename }\"}"),
        body("a null byte in the JSON", b"{\"query\":\"{ __typename }\0\"}"),
        body("a document without JSON around it", b"{ __typename }"),
        body("XML", b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>"),
        body("a form called JSON", b"query=%7B__typename%7D"),
        body(
            "a body in UTF-16",
            &"{\"query\":\"{ __typename }\"}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        ),
        body("what was compressed with gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\x56\x2a\x2c\x4d\x2d\xaa"),
        attack(
            "a body of 300 KB",
            body_of(format!("{{\"query\":\"{}\"}}", "x".repeat(300 * 1024))),
            refused(413, "262144"),
        ),
        attack("a body of spaces one byte over the maximum", body_of(" ".repeat(262_145)), refused(413, "262144")),
    ]
}

fn parameters() -> Vec<Attack> {
    let body = |name, json: Value| attack(name, post(&json), refused(422, ""));
    let text = |name, bytes: &'static str| attack(name, body_of(bytes), refused(422, ""));
    vec![
        body("null", json!(null)),
        body("a number", json!(7)),
        body("a text", json!(QUERY)),
        body("an object without anything", json!({})),
        body("a query by another name", json!({ "qeury": QUERY })),
        body("a query that is null", json!({ "query": null })),
        body("an empty query", json!({ "query": "" })),
        body("a query that is a number", json!({ "query": 1 })),
        body("a query that is an object, as document databases take them", json!({ "query": { "$gt": "" } })),
        body("a query that is a list", json!({ "query": [QUERY] })),
        body("variables that are a list", json!({ "query": QUERY, "variables": [7] })),
        body("variables that are a text", json!({ "query": QUERY, "variables": "{}" })),
        body("variables that are true", json!({ "query": QUERY, "variables": true })),
        body("an operation name that is a number", json!({ "query": QUERY, "operationName": 7 })),
        body("an operation name that is a list", json!({ "query": QUERY, "operationName": ["A"] })),
        body("extensions that are a text", json!({ "query": QUERY, "extensions": "a" })),
        body("extensions that are a list", json!({ "query": QUERY, "extensions": [null] })),
        body(
            "a persisted query that is a list",
            json!({ "query": QUERY, "extensions": { "persistedQuery": [1, "a"] } }),
        ),
        text(
            "two queries, of which one may be checked and the other run",
            "{\"query\":\"{ __typename }\",\"query\":\"{ stores { nodes { id } } }\"}",
        ),
        text(
            "two queries in different spellings of one key",
            "{\"query\":\"{ __typename }\",\"qu\\u0065ry\":\"{ stores { nodes { id } } }\"}",
        ),
        text(
            "two operation names",
            "{\"query\":\"query A { __typename }\",\"operationName\":\"A\",\"operationName\":\"B\"}",
        ),
        text("two maps of variables", "{\"query\":\"{ __typename }\",\"variables\":{},\"variables\":{\"a\":1}}"),
    ]
}

fn batches() -> Vec<Attack> {
    let one = json!({ "query": QUERY });
    let batch = |name, json: Value| attack(name, post(&json), refused(422, ""));
    vec![
        batch("a batch of nothing", json!([])),
        batch("a batch of one", json!([one])),
        batch("a batch of 8,000", json!(vec![one.clone(); 8_000])),
        batch("a batch of lists, each an operation by its places", json!([[QUERY, null, null, null, null]])),
        batch("a batch of nulls", json!([null, null])),
        batch("a batch in a batch", json!([[one]])),
    ]
}

fn addresses() -> Vec<Attack> {
    let wrong = |name, query: &str| attack(name, address(query), refused(422, ""));
    let no_json = |name, query: &str| attack(name, address(query), refused(400, ""));
    let long = |bytes: usize| get(&[("query", QUERY), ("padding", &"x".repeat(bytes))]);
    vec![
        attack(
            "a GET with a body that asks something else",
            get(&[("query", QUERY)]).with_body("{\"query\":\"{ stores { nodes { id } } }\"}"),
            Expected::Data(json!({ "__typename": "Query" })),
        ),
        wrong("an address without anything", ""),
        wrong("an address with an empty query", "query="),
        wrong("an address with two queries", "query=%7B__typename%7D&query=%7Bstores%7Bnodes%7Bid%7D%7D%7D"),
        wrong("an address with two operation names", "query=query+A%7B__typename%7D&operationName=A&operationName=B"),
        wrong("an address with two maps of variables", "query=%7B__typename%7D&variables=%7B%7D&variables=%7B%7D"),
        no_json("variables in the address that are no JSON", "query=%7B__typename%7D&variables=%7B"),
        wrong("variables in the address that are a list", "query=%7B__typename%7D&variables=%5B%5D"),
        wrong("variables in the address that are a text", "query=%7B__typename%7D&variables=%22a%22"),
        wrong(
            "variables in the address as scripts write objects",
            "query=%7B__typename%7D&variables=%5Bobject+Object%5D",
        ),
        wrong("variables in the address by the names of a form", "variables%5Ba%5D=1"),
        wrong(
            "variables in the address nested 1,000 deep",
            &format!("query=%7B__typename%7D&variables={}", "%5B".repeat(1_000)),
        ),
        attack(
            "variables in the address that are null",
            address("query=%7B__typename%7D&variables=null&extensions=null"),
            Expected::Data(json!({ "__typename": "Query" })),
        ),
        no_json("extensions in the address that are no JSON", "query=%7B__typename%7D&extensions=a"),
        wrong("extensions in the address that are a list", "query=%7B__typename%7D&extensions=%5Bnull%5D"),
        attack("a query in the address that is no UTF-8", address("query=%7B%ff%fe%7D"), invalid("")),
        attack("an escape in the address that does not end", address("query=%7B__typename%7D%"), invalid("")),
        attack("an address of 100 KB", long(100 * 1024), Expected::Bare(&[414, 431])),
        attack("a null byte in the address", address("query=%7B__typename%00%7D"), invalid("syntax error")),
    ]
}
