//! Health, readiness and metrics.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Shop, on_both, on_sqlite};

on_both!(a_server_that_can_serve_is_alive_and_ready, nothing_on_the_way_may_keep_an_answer);

on_sqlite!(
    metrics_are_in_the_text_format_of_prometheus,
    nothing_that_a_client_makes_up_becomes_a_label,
    explain_is_given_to_who_asks_for_it_in_development,
);

async fn get(shop: &Shop, path: &str) -> Answer {
    Answer::read(shop.http().get(shop.url(path)).send().await.unwrap()).await
}

async fn nothing_on_the_way_may_keep_an_answer(shop: &Shop) {
    for path in
        ["/graphql?query=%7Busers%7Bnodes%7Bid%7D%7D%7D", "/graphql?query=%7B", "/healthz", "/metrics", "/nowhere"]
    {
        assert_eq!(get(shop, path).await.headers["cache-control"], "private, no-store", "{path}");
    }
}

async fn a_server_that_can_serve_is_alive_and_ready(shop: &Shop) {
    let (health, readiness) = (get(shop, "/healthz").await, get(shop, "/readyz").await);

    assert_eq!((health.status, readiness.status), (200, 200));
    assert_eq!(health.json, json!({ "status": "ok" }));
    assert_eq!(
        readiness.json,
        json!({ "status": "ok", "database": "ok", "servers": [{ "status": "primary", "stalenessMs": null }] })
    );
}

/// Name and labels of a sample; `None` for a line that is not one.
fn sample(line: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let (series, value) = line.rsplit_once(' ')?;
    value.parse::<f64>().ok()?;
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}')?),
        None => (series, ""),
    };
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let labels = labels.split(',').filter(|label| !label.is_empty()).map(|label| {
        let (key, value) = label.split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        is_name(key).then_some((key, value))
    });
    Some((name, labels.collect::<Option<_>>()?)).filter(|(name, _)| is_name(name))
}

async fn metrics_are_in_the_text_format_of_prometheus(shop: &Shop) {
    shop.store("acme").await;
    shop.ask("{ products { nodes { id store { id } } } stores { nodes { id } } }", json!({})).await;
    shop.ask("{ nothing }", json!({})).await;

    let metrics = get(shop, "/metrics").await;

    assert_eq!(metrics.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let mut names = BTreeSet::new();
    for line in metrics.text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("# ") {
            Some(comment) => assert!(comment.starts_with("HELP ") || comment.starts_with("TYPE "), "{line}"),
            None => {
                names.insert(sample(line).unwrap_or_else(|| panic!("{line} is no sample")).0);
            }
        }
    }
    for expected in [
        "storefront_http_requests_total",
        "storefront_graphql_operations_total",
        "storefront_graphql_seconds_bucket",
        "storefront_graphql_seconds_count",
        "storefront_batch_keys_bucket",
        "storefront_sql_statements_total",
        "storefront_plans",
    ] {
        assert!(names.contains(expected), "{expected} is not in {names:?}");
        let base = expected.trim_end_matches("_bucket").trim_end_matches("_count");
        assert!(metrics.text.contains(&format!("# HELP {base} ")), "{base} is not explained");
    }
}

async fn nothing_that_a_client_makes_up_becomes_a_label(shop: &Shop) {
    shop.store("made-up-store").await;
    get(shop, "/made-up/path").await;
    get(shop, "/graphql?query={__typename}&made-up=1").await;
    let brew = Method::from_bytes(b"MADEUP").unwrap();
    shop.http().request(brew, shop.url("/graphql")).send().await.unwrap();
    let query = "query madeUpName { madeUpAlias: store(slug: \"made-up-store\") { id } }";
    shop.send(query, json!({}), &[("x-request-id", "made-up-id"), ("user-agent", "made-up-agent")]).await;
    shop.ask("query madeUpName { madeUpField }", json!({})).await;

    let metrics = get(shop, "/metrics").await.text.to_lowercase();

    assert!(!metrics.contains("made"), "{metrics}");
    let values_of = |wanted: &str| -> BTreeSet<String> {
        let samples = metrics.lines().filter_map(sample).flat_map(|(_, labels)| labels);
        samples.filter(|(key, _)| *key == wanted).map(|(_, value)| value.to_owned()).collect()
    };
    let known = |key: &str, known: &[&str]| {
        let values = values_of(key);
        assert!(values.iter().all(|value| known.contains(&value.as_str())), "{key}: {values:?}");
    };
    known("route", &["/", "/playground/assets/", "/graphql", "/healthz", "/readyz", "/metrics", "none"]);
    known("method", &["get", "post", "options", "head", "other"]);
    let of_cache = ["product", "stock", "store", "category", "list", "answer"];
    known("kind", &[&["query", "mutation", "none"][..], &of_cache].concat());
    let of_tokens = ["issued", "accepted", "expired", "invalid", "unknown_position", "future", "other_epoch"];
    let of_waits = ["caught_up", "behind"];
    let of_cache = ["hit", "local_hit", "miss", "heard", "unheard"];
    let of_clients = ["found", "unknown", "held", "failed", "registered", "forged"];
    let of_accounts = ["right", "wrong", "pending", "throttled", "sent", "not_needed", "given_up", "unsendable"];
    let of_sessions = ["shared", "ended"];
    let of_operations = ["ok", "errors", "refused", "timeout"];
    known(
        "outcome",
        &[&of_operations[..], &of_tokens, &of_waits, &of_cache, &of_clients, &of_sessions, &of_accounts].concat(),
    );
}

async fn explain_is_given_to_who_asks_for_it_in_development(shop: &Shop) {
    let query = "{ stores { nodes { id } } }";

    let asked = shop.send(query, json!({}), &[("x-storefront-explain", "1")]).await;
    let not_asked = shop.ask(query, json!({})).await;
    let asked_oddly = shop.send(query, json!({}), &[("x-storefront-explain", "yes")]).await;

    assert_eq!(asked.statements(), 1);
    assert_eq!(asked.json["extensions"]["explain"]["statements"][0]["label"], "StorePage");
    assert_eq!(not_asked.json["extensions"].get("explain"), None);
    assert_eq!(asked_oddly.json["extensions"].get("explain"), None);
}
