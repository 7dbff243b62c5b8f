//! Methods, media types and headers that are not those of GraphQL over HTTP.

use serde_json::json;

use super::expected::{Expected, not_allowed, only_by_post, packed, refused, refused_as};
use super::request::{Http, address, get, post};
use super::{Attack, attack};

const QUERY: &str = "{ __typename }";

pub fn attacks() -> Vec<Attack> {
    let mut attacks = methods();
    attacks.extend(content_types());
    attacks.extend(accepts());
    attacks.extend(ids());
    attacks
}

fn query() -> Http {
    post(&json!({ "query": QUERY }))
}

fn methods() -> Vec<Attack> {
    let method = |name, method| attack(name, query().method(method), not_allowed());
    let nowhere = |name, target: &str| {
        attack(
            name,
            get(&[]).target(target),
            Expected::Refused { status: 404, code: "NOT_FOUND", says: "there is nothing at", headers: &[] },
        )
    };
    vec![
        method("PUT", "PUT"),
        method("DELETE", "DELETE"),
        method("PATCH", "PATCH"),
        method("TRACE, to have the own headers told", "TRACE"),
        method("a method that there is not", "BREW"),
        method("a method in lower case", "post"),
        attack(
            "POST by the name of another method",
            query().method("PUT").header("x-http-method-override", "POST"),
            not_allowed(),
        ),
        attack("OPTIONS without an origin", get(&[]).target("/graphql").method("OPTIONS"), not_allowed()),
        attack(
            "a preflight of a page of another site",
            get(&[])
                .target("/graphql")
                .method("OPTIONS")
                .header("origin", "https://evil.example")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type"),
            not_allowed(),
        ),
        attack("a mutation by HEAD", address("query=mutation%7B__typename%7D").method("HEAD"), Expected::Bare(&[405])),
        attack("a mutation by GET", get(&[("query", "mutation { __typename }")]), only_by_post()),
        attack(
            "a mutation by GET, called a POST in a header",
            get(&[("query", "mutation { __typename }")]).header("x-http-method-override", "POST"),
            only_by_post(),
        ),
        attack(
            "a mutation by GET behind a query of another name",
            get(&[("query", "query A { __typename } mutation B { __typename }"), ("operationName", "B")]),
            only_by_post(),
        ),
        nowhere("the settings", "/.env"),
        nowhere("a path out of the folder", "/../../../../etc/passwd"),
        nowhere("a path out of the folder, encoded", "/%2e%2e/%2e%2e/etc/passwd"),
        nowhere("a script for a path", "/%3Cscript%3Ealert(1)%3C/script%3E"),
        nowhere("the endpoint with a slash behind it", "/graphql/"),
        nowhere("the endpoint in another case", "/GraphQL"),
        nowhere("an address of another host as the target", "http://169.254.169.254/latest/meta-data"),
    ]
}

fn content_types() -> Vec<Attack> {
    let sent = |name, content_type: &str| {
        attack(
            name,
            query().without("content-type").header("content-type", content_type),
            refused(415, "application/json"),
        )
    };
    let encoded = |name, coding: &str| attack(name, query().header("content-encoding", coding), packed());
    vec![
        sent("a form", "application/x-www-form-urlencoded"),
        sent("plain text, which needs no preflight", "text/plain"),
        sent("plain text that says JSON", "text/plain; application/json"),
        sent("JSON and plain text in one", "text/plain, application/json"),
        sent("JSON in a list of types", "application/json, text/plain"),
        sent("a form of several parts", "multipart/form-data; boundary=a"),
        sent("GraphQL without JSON", "application/graphql"),
        sent("the media type of answers", "application/graphql-response+json"),
        sent("a name that only begins like JSON", "application/jsonx"),
        sent("a type with a null of quotes", "\"application/json\""),
        sent("JSON in UTF-16", "application/json; charset=utf-16"),
        sent("JSON in UTF-7", "application/json; charset=utf-7"),
        sent("JSON in Latin-1", "application/json;charset=ISO-8859-1"),
        sent("an empty content type", ""),
        sent("a content type of 10 KB", &"a".repeat(10 * 1024)),
        attack("no content type", query().without("content-type"), refused(415, "")),
        attack("two content types", query().header("content-type", "text/plain"), refused(415, "")),
        attack("the same content type twice", query().header("content-type", "application/json"), refused(415, "")),
        encoded("a body that is compressed", "gzip"),
        encoded("a body that is compressed twice", "gzip, gzip"),
        attack(
            "a body that is compressed by the second of two headers",
            query().header("content-encoding", "identity").header("content-encoding", "br"),
            packed(),
        ),
        encoded("a body in an encoding that there is not", "<script>"),
        attack(
            "a body that says that it is not compressed",
            query().header("content-encoding", "identity"),
            Expected::Sound,
        ),
    ]
}

fn accepts() -> Vec<Attack> {
    let refused = |name, accept: &str| {
        attack(name, query().header("accept", accept), refused_as("BAD_USER_INPUT", 406, "application/json"))
    };
    let taken = |name, accept: &str| attack(name, query().header("accept", accept), Expected::Sound);
    vec![
        refused("a page is asked for", "text/html"),
        refused("an image is asked for", "image/png, image/*;q=0.5"),
        refused("JSON is refused", "application/json;q=0"),
        refused("everything is refused", "*/*;q=0"),
        refused(
            "both types are refused and a page is taken",
            "application/json;q=0, application/graphql-response+json;q=0.0, text/html",
        ),
        refused("a type that is none", "garbage"),
        refused("a script for a type", "<script>alert(1)</script>"),
        refused("8 KB of types that are not ours", &"a/b, ".repeat(1_600)),
        taken("1,000 types, of which the last is ours", &("a/b, ".repeat(1_000) + "application/json")),
        taken("a page, or else anything", "text/html, */*;q=0.1"),
    ]
}

/// Ids of requests, which go into logs and answers.
fn ids() -> Vec<Attack> {
    let id = |name, id: &str| attack(name, query().header("x-request-id", id), Expected::Sound);
    vec![
        id("a request id of 65 characters", &"a".repeat(65)),
        id("a request id of 10 KB", &"a".repeat(10 * 1024)),
        id("a request id that is a script", "<script>alert(1)</script>"),
        id("a request id with encoded line breaks", "a%0d%0aset-cookie:%20a=b"),
        id("a request id that breaks out of JSON", "a\",\"admin\":\"true"),
        id("a request id with spaces", "two words"),
        id("a request id of emoji", "🪑"),
        id("an empty request id", ""),
        attack(
            "a sound request id behind an unsound one",
            query().header("x-request-id", "a b").header("x-request-id", "a"),
            Expected::Sound,
        ),
        attack(
            "an unsound request id with an error",
            post(&json!({ "query": "{ nothing }" })).header("x-request-id", "<b>"),
            super::expected::invalid("nothing"),
        ),
    ]
}
