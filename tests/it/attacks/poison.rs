//! Documents that somebody has changed in Redis.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Answer, Fleet, Shop, until};

async fn post(shop: &Shop, body: &Value) -> Answer {
    Answer::read(shop.http().post(shop.url("/graphql")).json(body).send().await.unwrap()).await
}

#[tokio::test]
async fn a_document_that_was_swapped_in_redis_is_not_executed() {
    let fleet = Fleet::shared().await;
    let (one, other) = (fleet.cached(&[]).await, fleet.cached(&[]).await);
    let mut redis = redis::Client::open(fleet.redis().url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let text = format!("{{ __typename }} # {}", fleet.database);
    let hash: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });

    let registered = post(&one, &json!({ "query": text, "extensions": extensions })).await;
    let mut keys: Vec<String> = Vec::new();
    until("the document is in Redis", async || {
        keys = redis::cmd("KEYS").arg(format!("*{hash}*")).query_async(&mut redis).await.unwrap();
        !keys.is_empty()
    })
    .await;
    assert_eq!(keys.len(), 1, "{keys:?}");
    let swapped = "{ stores { nodes { id } } }";
    let _: () = redis::cmd("SET").arg(&keys[0]).arg(swapped).arg("EX").arg(60).query_async(&mut redis).await.unwrap();
    let asked = post(&other, &json!({ "extensions": extensions })).await;
    let where_it_was_registered = post(&one, &json!({ "extensions": extensions })).await;
    let registered_again = post(&other, &json!({ "query": text, "extensions": extensions })).await;
    let asked_again = post(&other, &json!({ "extensions": extensions })).await;

    assert_eq!(registered.string("/__typename"), "Query");
    assert_eq!(asked.error(), ("PERSISTED_QUERY_NOT_FOUND".to_owned(), "PersistedQueryNotFound".to_owned()));
    assert_eq!(asked.json.get("data"), None);
    assert_eq!(asked.headers["cache-control"], "private, no-store");
    for answer in [where_it_was_registered, registered_again, asked_again] {
        assert_eq!(answer.json["data"], json!({ "__typename": "Query" }), "{}", answer.text);
    }
    for shop in [one, other] {
        shop.stop().await;
    }
    fleet.end().await;
}
