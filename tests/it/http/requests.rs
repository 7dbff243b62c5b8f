//! How a request may be sent, and the answer to one that may not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, STAFF_KEY, Shop, on_both, on_sqlite};

on_both!(a_mutation_in_an_address_is_refused_and_changes_nothing);

on_sqlite!(
    a_query_is_answered_by_post_and_by_get,
    what_is_no_graphql_request_is_refused,
    a_body_that_is_not_declared_as_json_is_refused,
    a_body_over_the_limit_is_refused,
    an_address_that_cannot_be_read_is_refused,
    unknown_parameters_and_extensions_are_passed_over,
    methods_other_than_get_and_post_are_refused,
    an_unknown_path_is_not_found,
);

const MOST_BYTES: usize = 256 * 1024;

async fn post(shop: &Shop, body: impl Into<reqwest::Body>) -> Answer {
    let request = shop.http().post(shop.url("/graphql")).header("content-type", "application/json").body(body);
    Answer::read(request.send().await.unwrap()).await
}

async fn get(shop: &Shop, parameters: &[(&str, &str)]) -> Answer {
    let mut address: reqwest::Url = shop.url("/graphql").parse().unwrap();
    address.query_pairs_mut().extend_pairs(parameters);
    let request = shop.http().get(address).header("x-storefront-staff-key", STAFF_KEY);
    Answer::read(request.send().await.unwrap()).await
}

const BY_SLUG: &str = "query First { __typename } query Second($slug: String!) { store(slug: $slug) { slug } }";

async fn a_query_is_answered_by_post_and_by_get(shop: &Shop) {
    shop.store("acme").await;
    let variables = json!({ "slug": "acme" });

    let body = json!({ "query": BY_SLUG, "operationName": "Second", "variables": variables });
    let by_post = post(shop, body.to_string()).await;
    let by_get =
        get(shop, &[("query", BY_SLUG), ("operationName", "Second"), ("variables", &variables.to_string())]).await;

    assert_eq!(by_post.string("/store/slug"), "acme");
    assert_eq!(by_get.json["data"], by_post.json["data"]);
    // The same bytes for everyone: what a request cost is told to those who post.
    assert_eq!(
        (by_get.json.get("extensions"), by_post.json["extensions"]["cost"]["requested"].as_u64()),
        (None, Some(1))
    );
    for answer in [by_post, by_get] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["content-type"], "application/json; charset=utf-8");
    }
}

async fn a_mutation_in_an_address_is_refused_and_changes_nothing(shop: &Shop) {
    let create =
        "mutation Create { storeCreate(input: {slug: \"a\", name: \"a\", currencyCode: \"EUR\"}) { store { id } } }";
    let both = format!("query Look {{ __typename }} {create}");
    let before = shop.contents().await;

    let mutation = get(shop, &[("query", create)]).await;
    let mutation_by_name = get(shop, &[("query", &both), ("operationName", "Create")]).await;
    let query_beside_it = get(shop, &[("query", &both), ("operationName", "Look")]).await;

    for refused in [mutation, mutation_by_name] {
        assert_eq!(refused.status, 405);
        assert_eq!(refused.headers["allow"], "POST");
        assert_eq!(refused.error().0, "BAD_USER_INPUT");
    }
    assert_eq!(query_beside_it.string("/__typename"), "Query");
    assert_eq!(shop.contents().await, before);
}

async fn what_is_no_graphql_request_is_refused(shop: &Shop) {
    let no_json: [&[u8]; 7] = [
        b"",
        b" ",
        b"{",
        b"{\"query\": \"{ __typename }\"} and more",
        b"{\"query\": \"{ __typename } \xff\"}",
        b"{\"query\": \"{ __typename }\0\"}",
        b"{\"query\": \"\\ud800\"}",
    ];
    let no_request: [&[u8]; 13] = [
        b"null",
        b"[{\"query\": \"{ __typename }\"}]",
        b"[]",
        b"\"{ __typename }\"",
        b"{}",
        b"{\"query\": null}",
        b"{\"query\": \"\"}",
        b"{\"query\": 1}",
        b"{\"query\": [\"{ __typename }\"]}",
        b"{\"query\": \"{ __typename }\", \"query\": \"{ __typename }\"}",
        b"{\"query\": \"{ __typename }\", \"variables\": []}",
        b"{\"query\": \"{ __typename }\", \"variables\": \"{}\"}",
        b"{\"query\": \"{ __typename }\", \"operationName\": 7}",
    ];

    let expected = no_json.into_iter().map(|body| (body, 400)).chain(no_request.into_iter().map(|body| (body, 422)));
    for (body, status) in expected {
        let answer = post(shop, body).await;

        assert_eq!(answer.status, status, "{}: {}", String::from_utf8_lossy(body), answer.text);
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
        assert_eq!(answer.json.get("data"), None);
    }
    for text in ["{ __typename }\0", "\0", "\u{feff}", "{ store(slug: \"a\0b\") { id } }"] {
        let answer = shop.ask(text, json!({})).await;

        assert!([200, 400].contains(&answer.status), "{text:?}: {}", answer.text);
        assert!(!answer.text.contains("INTERNAL"), "{text:?}: {}", answer.text);
    }
    let deep = format!(
        "{{\"query\": \"{{ __typename }}\", \"variables\": {{\"a\": {}{}}}}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    assert_eq!(post(shop, deep).await.status, 400);
}

async fn a_body_that_is_not_declared_as_json_is_refused(shop: &Shop) {
    let body = "{\"query\": \"{ __typename }\"}";
    let send = async |content_type: Option<&str>| {
        let request = shop.http().post(shop.url("/graphql")).body(body);
        let request = content_type.into_iter().fold(request, |request, name| request.header("content-type", name));
        Answer::read(request.send().await.unwrap()).await
    };

    for refused in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/graphql"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonx"),
    ] {
        let answer = send(refused).await;
        assert_eq!(answer.status, 415, "{refused:?}");
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
    }
    for taken in ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=UTF-8"] {
        assert_eq!(send(Some(taken)).await.string("/__typename"), "Query");
    }
}

async fn a_body_over_the_limit_is_refused(shop: &Shop) {
    let sized = |bytes: usize| "{\"query\": \"{ __typename }\"}".to_owned() + &" ".repeat(bytes - 27);
    let chunked = |bytes: usize| {
        let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                    connection: close\r\ntransfer-encoding: chunked\r\n\r\n";
        let (body, size) = (sized(bytes), bytes - 16);
        format!("{head}{size:x}\r\n{}\r\n10\r\n{}\r\n0\r\n\r\n", &body[..size], &body[size..])
    };

    let at_the_limit = post(shop, sized(MOST_BYTES)).await;
    let over_it = post(shop, sized(MOST_BYTES + 1)).await;
    let chunks_at_the_limit = shop.wire(chunked(MOST_BYTES).as_bytes()).await;
    let chunks_over_it = shop.wire(chunked(MOST_BYTES + 1).as_bytes()).await;

    assert_eq!(at_the_limit.string("/__typename"), "Query");
    assert_eq!(over_it.status, 413);
    assert_eq!(over_it.error().0, "BAD_USER_INPUT");
    assert!(chunks_at_the_limit.starts_with("HTTP/1.1 200"), "{chunks_at_the_limit}");
    assert!(chunks_over_it.starts_with("HTTP/1.1 413"), "{chunks_over_it}");
    assert!(chunks_over_it.contains("over the maximum of 262144 bytes"), "{chunks_over_it}");
}

async fn an_address_that_cannot_be_read_is_refused(shop: &Shop) {
    for (parameters, status) in [
        (&[][..], 422),
        (&[("query", "")], 422),
        (&[("variables", "{}")], 422),
        (&[("query", "{ __typename }"), ("query", "{ __typename }")], 422),
        (&[("query", "{ __typename }"), ("variables", "{")], 400),
        (&[("query", "{ __typename }"), ("variables", "[]")], 422),
        (&[("query", "{ __typename }"), ("variables", "7")], 422),
        (&[("query", "{ __typename }"), ("extensions", "[]")], 422),
    ] {
        let answer = get(shop, parameters).await;

        assert_eq!(answer.status, status, "{parameters:?}: {}", answer.text);
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
    }
    for variables in ["", "{}", "null"] {
        let answer = get(shop, &[("query", "{ __typename }"), ("variables", variables)]).await;
        assert_eq!(answer.string("/__typename"), "Query", "{variables:?}");
    }
    let not_utf8 = shop.wire_get("/graphql?query=%ff%fe", &["host: localhost"]).await;
    assert!(not_utf8.contains("BAD_USER_INPUT") && !not_utf8.contains("500"), "{not_utf8}");
}

async fn unknown_parameters_and_extensions_are_passed_over(shop: &Shop) {
    let body =
        json!({ "query": "{ __typename }", "extensions": { "of": { "others": 1 } }, "id": 7, "variables": null });

    let by_post = post(shop, body.to_string()).await;
    let by_get = get(shop, &[("query", "{ __typename }"), ("extensions", "{}"), ("id", "7")]).await;

    assert_eq!(by_post.string("/__typename"), "Query");
    assert_eq!(by_get.string("/__typename"), "Query");
}

async fn methods_other_than_get_and_post_are_refused(shop: &Shop) {
    for method in [Method::DELETE, Method::PUT, Method::PATCH, Method::from_bytes(b"BREW").unwrap()] {
        let response = shop.http().request(method.clone(), shop.url("/graphql")).send().await.unwrap();
        let answer = Answer::read(response).await;

        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.headers["allow"], "GET,HEAD,POST");
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        let answer = Answer::read(shop.http().delete(shop.url(path)).send().await.unwrap()).await;

        assert_eq!(answer.status, 405, "{path}");
        assert_eq!(answer.headers["allow"], "GET,HEAD");
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
    }
}

async fn an_unknown_path_is_not_found(shop: &Shop) {
    for path in ["/graphql/", "/nothing-here", "/.env", "/%2e%2e/etc/passwd", "/<script>alert(1)</script>"] {
        let answer = Answer::read(shop.http().get(shop.url(path)).send().await.unwrap()).await;

        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.error().0, "NOT_FOUND");
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/json"));
        assert_eq!(answer.json.get("data"), None::<&Value>);
    }
}
