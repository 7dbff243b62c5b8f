//! What answers tell browsers.

use std::collections::HashSet;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::json;

use crate::support::{Shop, on_sqlite};

on_sqlite!(
    every_answer_is_nobodys_page_or_script,
    the_playground_runs_its_own_script_and_those_of_the_cdn_alone,
    a_head_request_is_answered_as_get_without_a_body,
    a_request_id_that_was_sent_twice_is_replaced,
    short_answers_are_not_compressed,
);

#[track_caller]
fn assert_protects(headers: &HeaderMap, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(headers[name], value, "{what}");
        assert_eq!(headers.get_all(name).iter().count(), 1, "{what}");
    }
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(headers.contains_key("x-request-id") && headers.contains_key("cache-control"), "{what}");
}

async fn every_answer_is_nobodys_page_or_script(shop: &Shop) {
    let client = shop.http();
    let url = |path: &str| shop.url(path);
    for (request, status) in [
        (client.get(url("/")), 200),
        (client.get(url("/healthz")), 200),
        (client.get(url("/readyz")), 200),
        (client.get(url("/metrics")), 200),
        (client.get(url("/graphql?query={__typename}")), 200),
        (client.post(url("/graphql")).json(&json!({ "query": "{ __typename }" })), 200),
        (client.post(url("/graphql")).json(&json!({ "query": "{ nothing }" })), 200),
        (client.post(url("/graphql")), 415),
        (client.post(url("/graphql")).header("accept", "text/html").json(&json!({})), 406),
        (client.get(url("/graphql")), 422),
        (client.head(url("/healthz")), 200),
        (client.delete(url("/graphql")), 405),
        (client.put(url("/healthz")), 405),
        (client.post(url("/")), 405),
        (client.request(Method::OPTIONS, url("/graphql")), 405),
        (client.get(url("/nowhere")), 404),
        (client.get(url(&format!("/{}", "a".repeat(20_000)))), 414),
    ] {
        let request = request.build().unwrap();
        let what = format!("{} {:.40}", request.method(), request.url().path());
        let answer = client.execute(request).await.unwrap();

        assert_eq!(answer.status(), status, "{what}");
        assert_protects(answer.headers(), &what);
        if status == 405 {
            assert!(answer.headers()["allow"].to_str().unwrap().contains("GET,HEAD"), "{what}");
        }
    }
}

async fn the_playground_runs_its_own_script_and_those_of_the_cdn_alone(shop: &Shop) {
    let mut nonces = HashSet::new();
    for _ in 0..3 {
        let answer = shop.http().get(shop.url("/")).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let page = answer.text().await.unwrap();

        let directive = |name: &str| {
            let found = policy.split(';').map(str::trim).find_map(|part| part.strip_prefix(name));
            found.unwrap_or_else(|| panic!("no {name} in {policy}")).trim().to_owned()
        };
        let scripts = directive("script-src ");
        let (nonce, cdn) = scripts.split_once(' ').unwrap();
        let nonce = nonce.strip_prefix("'nonce-").unwrap().strip_suffix('\'').unwrap().to_owned();
        assert!(nonce.len() >= 22, "{nonce}");
        assert_eq!(cdn, "https://unpkg.com");
        assert_eq!(directive("connect-src "), "'self'");
        // Every script is either the one with the nonce or comes from the CDN, as every style sheet does.
        let tags: Vec<&str> = page.split("<script").skip(1).map(|tag| tag.split_once('>').unwrap().0.trim()).collect();
        let (own, foreign): (Vec<&str>, Vec<&str>) = tags.iter().partition(|tag| !tag.contains("src="));
        assert_eq!(own, [format!("nonce=\"{nonce}\"")]);
        assert!(
            !foreign.is_empty() && foreign.iter().all(|tag| tag.contains("src=\"https://unpkg.com/")),
            "{foreign:?}"
        );
        for link in page.split("<link").skip(1).map(|tag| tag.split_once('>').unwrap().0) {
            assert!(link.contains("href=\"https://unpkg.com/") || link.contains("href=\"data:"), "{link}");
        }
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 3);
}

async fn a_head_request_is_answered_as_get_without_a_body(shop: &Shop) {
    for path in ["/healthz", "/graphql?query={__typename}"] {
        let get = shop.http().get(shop.url(path)).send().await.unwrap();
        let head = shop.http().head(shop.url(path)).send().await.unwrap();

        assert_eq!(head.status(), 200, "{path}");
        assert_eq!(head.headers()["content-length"], get.headers()["content-length"], "{path}");
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
}

async fn a_request_id_that_was_sent_twice_is_replaced(shop: &Shop) {
    let answer = shop.wire_get("/healthz", &["host: localhost", "x-request-id: one", "x-request-id: two"]).await;

    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    assert_eq!(id.len(), 36, "{answer}");
}

async fn short_answers_are_not_compressed(shop: &Shop) {
    let send = async |path: &str| {
        let request = shop.http().get(shop.url(path)).header("accept-encoding", "gzip");
        request.send().await.unwrap().headers().get("content-encoding").cloned()
    };

    assert_eq!(send("/healthz").await, None);
    assert_eq!(send("/nowhere").await, None);
    assert_eq!(send("/").await.unwrap(), "gzip");
}
