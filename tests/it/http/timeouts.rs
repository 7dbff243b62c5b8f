//! Requests and statements that take too long, made so by another session that holds a lock.

use serde_json::json;

use crate::support::{Answer, Kind, Shop};

const CREATE: &str =
    "mutation { storeCreate(input: {slug: \"late\", name: \"late\", currencyCode: \"EUR\"}) { store { id } } }";

/// The limit of a request, long enough for whatever nothing holds up on a busy machine. SQLite itself waits no longer than 2000 ms.
fn request_limit(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgres => "3000",
        Kind::Sqlite => "1500",
    }
}

async fn start(kind: Kind) -> Shop {
    let limits = ["--request-timeout-ms", request_limit(kind), "--statement-timeout-ms", "60000"];
    Shop::start_with(kind, &limits).await
}

#[track_caller]
fn assert_is_a_timeout(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.error().0, "TIMEOUT", "{}", answer.text);
    assert!(answer.json["errors"][0]["extensions"]["requestId"].is_string());
}

/// Nothing was changed: it can be asked again.
#[track_caller]
fn assert_can_be_asked_again(answer: &Answer) {
    assert_is_a_timeout(answer);
    assert_eq!(answer.headers["retry-after"], "1");
    assert_eq!(answer.json["errors"][0]["extensions"].get("outcome"), None, "{}", answer.text);
}

async fn a_write_that_cannot_begin_in_time_is_given_up(kind: Kind) {
    let shop = start(kind).await;
    let before = shop.contents().await;

    let blockade = shop.block("stores").await;
    let answer = shop.ask_as_staff(CREATE, json!({})).await;
    blockade.lift().await;

    assert_can_be_asked_again(&answer);
    assert!(!answer.headers.contains_key("x-consistency-token"), "{:?}", answer.headers);
    assert_eq!(answer.json.get("data"), None);
    assert!(answer.error().1.contains(&format!("{} ms", request_limit(kind))), "{}", answer.text);
    // What was given up is rolled back before the next writer has its turn.
    shop.store("punctual").await;
    assert!(shop.ask("{ store(slug: \"late\") { id } }", json!({})).await.data("/store").is_null());
    let rows = |contents: &[(String, i64, i64)]| contents[0].1;
    assert_eq!(rows(&shop.contents().await), rows(&before) + 1);
    shop.stop().await;
}

#[tokio::test]
async fn on_sqlite_a_write_that_cannot_begin_in_time_is_given_up() {
    a_write_that_cannot_begin_in_time_is_given_up(Kind::Sqlite).await;
}

#[tokio::test]
async fn on_postgres_a_write_that_cannot_begin_in_time_is_given_up() {
    a_write_that_cannot_begin_in_time_is_given_up(Kind::Postgres).await;
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_given_up_and_the_next_one_is_served() {
    let shop = start(Kind::Postgres).await;
    let products = "{ products { nodes { id } } }";

    let blockade = shop.block("products").await;
    // More than there are read connections: those that were given up do not keep theirs.
    let answers = futures_util::future::join_all((0..6).map(|_| shop.ask(products, json!({})))).await;
    blockade.lift().await;
    let afterwards =
        futures_util::future::join_all((0..6).map(|_| shop.ask("{ stores { nodes { id } } }", json!({})))).await;

    answers.iter().for_each(assert_can_be_asked_again);
    assert!(afterwards.iter().all(|answer| answer.data("/stores/nodes") == &json!([])));
    shop.stop().await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_fails_its_field_and_no_other() {
    let shop = Shop::start_with(Kind::Postgres, &["--statement-timeout-ms", "1500"]).await;
    shop.store("acme").await;

    let blockade = shop.block("products").await;
    let partly = shop.ask("{ product(slug: \"a\") { id } stores { nodes { slug } } }", json!({})).await;
    let wholly = shop.ask("{ stores { nodes { slug } } products { nodes { id } } }", json!({})).await;
    let lists = shop.ask("{ store(slug: \"acme\") { slug products { nodes { id } } } }", json!({})).await;
    blockade.lift().await;

    assert_eq!(partly.status, 200);
    assert_eq!(partly.json["data"], json!({ "product": null, "stores": { "nodes": [{ "slug": "acme" }] } }));
    assert_eq!(partly.json["errors"][0]["path"], json!(["product"]));
    assert_eq!(partly.error().0, "TIMEOUT");
    assert_can_be_asked_again(&wholly);
    assert_eq!(wholly.json.get("data"), None);
    assert_eq!((lists.status, lists.json.get("data")), (503, None));
    assert_eq!(lists.json["errors"][0]["path"], json!(["store", "products"]));
    assert!(!wholly.text.to_lowercase().contains("statement"), "{}", wholly.text);
    shop.stop().await;
}

#[tokio::test]
async fn requests_beyond_those_that_are_worked_on_are_told_to_come_back_and_probes_are_none() {
    let shop = Shop::start_with(Kind::Postgres, &["--max-in-flight", "1", "--statement-timeout-ms", "60000"]).await;
    let stores = "{ stores { nodes { id } } }";

    let blockade = shop.block("stores").await;
    let first = shop.ask(stores, json!({}));
    let others = async {
        // The first one has the only place once another one is turned away.
        let mut shed = shop.ask("{ __typename }", json!({})).await;
        while shed.status != 503 {
            shed = shop.ask("{ __typename }", json!({})).await;
        }
        let probe = shop.http().get(shop.url("/healthz")).send().await.unwrap();
        blockade.lift().await;
        (shed, probe.status())
    };
    let (first, (shed, probe)) = tokio::join!(first, others);

    assert_eq!(first.data("/stores/nodes"), &json!([]));
    assert_eq!((shed.error().0.as_str(), shed.headers["retry-after"].to_str().unwrap()), ("UNAVAILABLE", "1"));
    assert_eq!(probe, 200);
    assert_eq!(shop.ask(stores, json!({})).await.status, 200);
    shop.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_sent_and_a_write_is_said_to_have_happened() {
    let shop = Shop::start_with(Kind::Sqlite, &["--max-answer-bytes", "1024"]).await;
    let store = shop.store("acme").await;
    let input = json!({ "storeId": store, "slug": "long", "name": "long", "status": "ACTIVE", "description": "x".repeat(2000) });
    let create = "mutation ($input: ProductCreateInput!) { productCreate(input: $input) { product { description } } }";

    let written = shop.ask_as_staff(create, json!({ "input": input })).await;
    let read = shop.ask("{ product(slug: \"long\") { description } }", json!({})).await;
    let short = shop.ask("{ product(slug: \"long\") { slug } }", json!({})).await;

    for answer in [&written, &read] {
        assert_eq!((answer.status, answer.json.get("data")), (200, None));
        assert!(answer.error().1.contains("over the maximum of 1024 bytes"), "{}", answer.text);
    }
    assert_eq!(written.json["errors"][0]["extensions"]["outcome"], "COMMITTED");
    assert!(written.headers.contains_key("x-consistency-token"));
    assert_eq!(short.string("/product/slug"), "long");
    shop.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let shop = Shop::start_with(Kind::Sqlite, &["--request-timeout-ms", "200"]).await;

    let answer = shop
        .wire(
            b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
              connection: close\r\ncontent-length: 1000\r\n\r\n{\"query\":",
        )
        .await;

    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("TIMEOUT"), "{answer}");
    shop.stop().await;
}
