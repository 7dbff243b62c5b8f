//! Documents that are asked for by name: automatic persisted queries, and trusted documents.

use std::fmt::Write as _;

use redis::AsyncCommands as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Answer, Fleet, Kind, Program, Shop, on_sqlite, run, until};

on_sqlite!(
    a_query_is_asked_for_by_its_hash_once_it_was_sent,
    a_document_that_is_not_valid_is_not_registered,
    a_hash_that_names_nothing_is_told_apart_from_one_that_is_wrong,
    a_mutation_sent_by_get_with_its_hash_is_not_executed,
);

const QUERY: &str = "query Stores { stores { nodes { slug } } }";

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn post(shop: &Shop, body: Value) -> Answer {
    Answer::read(shop.http().post(shop.url("/graphql")).json(&body).send().await.unwrap()).await
}

async fn get(shop: &Shop, query: Option<&str>, hash: &str) -> Answer {
    let mut address: reqwest::Url = shop.url("/graphql").parse().unwrap();
    address.query_pairs_mut().append_pair("extensions", &extensions(hash).to_string());
    if let Some(query) = query {
        address.query_pairs_mut().append_pair("query", query);
    }
    Answer::read(shop.http().get(address).send().await.unwrap()).await
}

#[track_caller]
fn assert_not_found(answer: &Answer) {
    assert_eq!(answer.error(), ("PERSISTED_QUERY_NOT_FOUND".to_owned(), "PersistedQueryNotFound".to_owned()));
    assert_eq!((answer.status, answer.json.get("data")), (200, None));
    assert_eq!(answer.headers["cache-control"], "private, no-store");
}

async fn a_query_is_asked_for_by_its_hash_once_it_was_sent(shop: &Shop) {
    shop.store("acme").await;

    let missed = get(shop, None, &hash(QUERY)).await;
    let registered = get(shop, Some(QUERY), &hash(QUERY)).await;
    let hit = get(shop, None, &hash(QUERY)).await;
    let posted = post(shop, json!({ "extensions": extensions(&hash(QUERY).to_uppercase()) })).await;
    let by_id = post(shop, json!({ "documentId": format!("sha256:{}", hash(QUERY)) })).await;

    assert_not_found(&missed);
    for answer in [&registered, &hit, &posted, &by_id] {
        assert_eq!(answer.data("/stores/nodes"), &json!([{ "slug": "acme" }]));
    }
    assert_eq!(hit.headers["cache-control"], "public, max-age=60");
}

async fn a_document_that_is_not_valid_is_not_registered(shop: &Shop) {
    let no_variable = "query ($slug: String!) { store(slug: $slug) { id } }";
    for refused in ["{ nothing }", "{", "", no_variable] {
        let sent = get(shop, Some(refused), &hash(refused)).await;
        assert!(sent.json["errors"][0].is_object(), "{}", sent.text);

        assert_not_found(&get(shop, None, &hash(refused)).await);
    }
}

async fn a_hash_that_names_nothing_is_told_apart_from_one_that_is_wrong(shop: &Shop) {
    let other = get(shop, Some("{ __typename }"), &hash(QUERY)).await;
    assert_eq!((other.status, other.error().0.as_str()), (400, "BAD_USER_INPUT"), "{}", other.text);
    assert_not_found(&get(shop, None, &hash(QUERY)).await);
    assert_not_found(&get(shop, None, &hash("{ __typename }")).await);

    for wrong in [
        json!({ "persistedQuery": { "version": 2, "sha256Hash": hash(QUERY) } }),
        json!({ "persistedQuery": { "version": 1, "sha256Hash": &hash(QUERY)[1..] } }),
        json!({ "persistedQuery": { "version": 1, "sha256Hash": "z".repeat(64) } }),
        json!({ "persistedQuery": { "version": 1 } }),
        json!({ "persistedQuery": 1 }),
    ] {
        let answer = post(shop, json!({ "query": QUERY, "extensions": wrong })).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (422, "BAD_USER_INPUT"), "{}", answer.text);
    }
    for id in ["../../etc/passwd", "sha256:", "stores", &"0".repeat(5_000)] {
        assert_not_found(&post(shop, json!({ "documentId": id })).await);
    }
}

async fn a_mutation_sent_by_get_with_its_hash_is_not_executed(shop: &Shop) {
    let create = "mutation { storeCreate(input: {slug: \"a\", name: \"a\", currencyCode: \"EUR\"}) { store { id } } }";
    let before = shop.contents().await;

    let by_get = get(shop, Some(create), &hash(create)).await;

    assert_eq!(by_get.status, 405);
    assert_eq!(shop.contents().await, before);
}

#[tokio::test]
async fn instances_share_what_was_registered_and_take_nothing_that_was_changed_in_redis() {
    let fleet = Fleet::shared().await;
    let (redis, secret) = (fleet.redis().url(), format!("the secret of {}", fleet.database));
    let flags = ["--redis-url", &redis, "--secret-key", &secret];
    let (one, other) = (fleet.instance(&flags).await, fleet.instance(&flags).await);
    let poisoned = "{ poisoned: __typename }";

    post(&one, json!({ "query": QUERY, "extensions": extensions(&hash(QUERY)) })).await;
    until("the other has heard of it", async || get(&other, None, &hash(QUERY)).await.json["errors"].is_null()).await;
    let mut connection = redis::Client::open(redis.clone()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = connection.keys(format!("storefront:*document:{}", hash(QUERY))).await.unwrap();
    for key in &keys {
        let forged = key.replace(&hash(QUERY), &hash("{ __typename }"));
        connection.set::<_, _, ()>(forged, poisoned).await.unwrap();
    }
    let answer = get(&other, None, &hash("{ __typename }")).await;

    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_not_found(&answer);
    one.stop().await;
    other.stop().await;
    fleet.end().await;
}

/// A folder with the operations of a front-end.
fn trusted() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("stores.graphql"),
        "# All stores\nquery Stores {\n  stores { nodes { slug } }\n}\n",
    )
    .unwrap();
    let manifest = json!({ "typename": "{ __typename }", "operations": null }).to_string();
    std::fs::create_dir(folder.path().join("generated")).unwrap();
    std::fs::write(
        folder.path().join("generated/manifest.json"),
        manifest.replace(",\"operations\":null", "").replace("\"operations\":null,", ""),
    )
    .unwrap();
    let apollo = json!({ "operations": [{ "id": "by-apollo", "body": "query A { stores { nodes { id } } }" }] });
    std::fs::write(folder.path().join("apollo.json"), apollo.to_string()).unwrap();
    folder
}

async fn serve(mode: &str, folder: &tempfile::TempDir) -> Shop {
    let path = folder.path().to_str().unwrap();
    Shop::start_with(Kind::Sqlite, &["--trusted-documents", mode, "--trusted-documents-path", path]).await
}

#[tokio::test]
async fn where_it_is_enforced_nothing_but_trusted_documents_is_executed() {
    let folder = trusted();
    let shop = serve("enforce", &folder).await;
    let as_apollo_sends_it =
        "query Stores {\n  stores {\n    nodes {\n      slug\n      __typename\n    }\n    __typename\n  }\n}";

    for asked in [
        json!({ "query": QUERY }),
        json!({ "query": as_apollo_sends_it }),
        json!({ "documentId": "typename" }),
        json!({ "documentId": "by-apollo" }),
        json!({ "extensions": extensions(&hash("{ __typename }")) }),
    ] {
        let answer = post(&shop, asked.clone()).await;
        assert!(answer.json["data"].is_object(), "{asked}: {}", answer.text);
    }
    let refused = post(&shop, json!({ "query": "{ stores { nodes { name } } }" })).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (403, "FORBIDDEN"), "{}", refused.text);
    let other = "{ products { nodes { slug } } }";
    let registered = post(&shop, json!({ "query": other, "extensions": extensions(&hash(other)) })).await;
    assert_eq!(registered.status, 403);
    assert_not_found(&post(&shop, json!({ "extensions": extensions(&hash(other)) })).await);
    shop.stop().await;
}

#[tokio::test]
async fn where_it_is_logged_everything_is_executed_and_what_is_not_trusted_is_counted() {
    let folder = trusted();
    let data = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let settings = [("STOREFRONT_TRUSTED_DOCUMENTS", "log"), ("STOREFRONT_TRUSTED_DOCUMENTS_PATH", path)];
    let program = Program::serve(data.path(), &settings).await;

    let untrusted = program.post(json!({ "query": "{ stores(first: 1) { nodes { __typename } } }" }), &[]).await;
    let by_id = program.post(json!({ "documentId": "by-apollo" }), &[]).await;

    assert_eq!(untrusted.data("/stores/nodes/0/__typename"), "Store");
    assert!(by_id.data("/stores/nodes/0/id").is_string());
    assert_eq!(program.metric("storefront_untrusted_documents_total", &[]).await, 1.0);
    program.stop().await;
}

#[tokio::test]
async fn what_is_asked_for_by_name_is_counted() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::serve(data.path(), &[]).await;
    let ask = async |query: Option<&str>| {
        program.post(json!({ "query": query, "extensions": extensions(&hash(QUERY)) }), &[]).await
    };

    for query in [None, Some(QUERY), Some(QUERY), None] {
        ask(query).await;
    }

    for (outcome, times) in [("unknown", 1.0), ("registered", 1.0), ("found", 1.0)] {
        let counted = program.metric("storefront_persisted_documents_total", &[("outcome", outcome)]).await;
        assert_eq!(counted, times, "{outcome}");
    }
    program.stop().await;
}

#[tokio::test]
async fn a_trusted_id_that_stands_for_two_documents_stops_the_start() {
    let folder = trusted();
    let other = json!({ "operations": [{ "id": "by-apollo", "body": "{ __typename }" }] });
    std::fs::write(folder.path().join("other.json"), other.to_string()).unwrap();
    let path = folder.path().to_str().unwrap();
    let settings = [
        ("STOREFRONT_PORT", "0"),
        ("STOREFRONT_TRUSTED_DOCUMENTS", "enforce"),
        ("STOREFRONT_TRUSTED_DOCUMENTS_PATH", path),
    ];
    let data = tempfile::tempdir().unwrap();

    let ended = run(data.path(), &["serve"], &settings).await;

    assert!(!ended.status.success(), "{ended:?}");
    assert!(ended.stderr.contains("\"by-apollo\" stands for two documents"), "{ended:?}");
}
