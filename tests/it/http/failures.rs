//! Failures of ours and of what we depend on: told as such, without a word from inside.

use serde_json::json;

use crate::support::{Answer, Kind, Shop, uncached_on_both};

uncached_on_both!(
    a_database_that_is_gone_makes_the_server_unavailable_and_not_dead,
    a_row_that_makes_no_sense_fails_its_field_without_telling_why,
);

/// Words that only the inside uses.
const INSIDE: [&str; 11] =
    ["sqlx", "sea_orm", "postgres", "sqlite", "127.0.0.1", "pool", "select", "panicked", "serde", "src/", "xqz"];

/// Words of the database's own messages.
const OF_THE_DATABASE: [&str; 5] = ["constraint", "relation", "column", "duplicate key", "_key"];

#[track_caller]
fn assert_tells_nothing(answer: &Answer) {
    // Where in the document a field stands is told by line and column.
    let text = answer.text.to_lowercase().replace("\"column\":", "");
    let told: Vec<&&str> = INSIDE.iter().chain(&OF_THE_DATABASE).filter(|word| text.contains(**word)).collect();
    assert!(told.is_empty(), "{told:?} in {}", answer.text);
}

async fn a_database_that_is_gone_makes_the_server_unavailable_and_not_dead(shop: &Shop) {
    shop.store("acme").await;
    let create = "mutation { storeCreate(input: {slug: \"a\", name: \"a\", currencyCode: \"EUR\"}) { store { id } } }";
    let get = async |path: &str| Answer::read(shop.http().get(shop.url(path)).send().await.unwrap()).await;

    shop.db.close().await;
    let list = shop.ask("{ stores { nodes { id products { nodes { id } } } } }", json!({})).await;
    let lookups = shop.ask("{ a: store(slug: \"acme\") { id } b: product(slug: \"b\") { id } }", json!({})).await;
    let write = shop.ask_as_staff(create, json!({})).await;
    let nothing_read = shop.ask("{ __typename }", json!({})).await;
    let (health, readiness, metrics) = (get("/healthz").await, get("/readyz").await, get("/metrics").await);

    for answer in [&list, &lookups, &write] {
        let errors = answer.json["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "UNAVAILABLE"), "{}", answer.text);
        assert!(errors.iter().all(|error| error["path"].is_array()), "{}", answer.text);
        assert_tells_nothing(answer);
    }
    assert_eq!((list.status, list.headers["retry-after"].to_str().unwrap()), (503, "1"));
    // What has data is an answer, and these are none.
    assert!([&list, &lookups, &write].iter().all(|answer| answer.status == 503 && answer.json.get("data").is_none()));
    assert_eq!(nothing_read.string("/__typename"), "Query");
    assert_eq!((health.status, readiness.status, metrics.status), (200, 503, 200));
    assert_eq!(readiness.json["database"], "unreachable");
    assert_tells_nothing(&readiness);
}

async fn a_row_that_makes_no_sense_fails_its_field_without_telling_why(shop: &Shop) {
    let store = shop.store("acme").await;
    shop.store("broken").await;
    shop.product(&store, "oak-board").await;
    shop.product(&store, "pine-board").await;
    shop.sql("UPDATE stores SET currency_code = 'XQZ' WHERE slug = 'broken'", vec![]).await;
    let nonsense = match shop.kind {
        Kind::Sqlite => "UPDATE products SET options = '{\"xqz\": 1}' WHERE slug = 'oak-board'",
        Kind::Postgres => "UPDATE products SET options = '{\"xqz\": 1}'::jsonb WHERE slug = 'oak-board'",
    };
    shop.sql(nonsense, vec![]).await;

    let currency =
        "{ broken: store(slug: \"broken\") { slug currencyCode } sound: store(slug: \"acme\") { currencyCode } }";
    let currency = shop.ask(currency, json!({})).await;
    let untouched = shop.ask("{ store(slug: \"broken\") { slug } }", json!({})).await;
    let product = shop
        .ask("{ product(slug: \"oak-board\") { id options { name } } store(slug: \"acme\") { slug } }", json!({}))
        .await;

    assert_eq!(currency.json["data"], json!({ "broken": null, "sound": { "currencyCode": "EUR" } }));
    assert_eq!(currency.json["errors"][0]["path"], json!(["broken", "currencyCode"]));
    assert_eq!(untouched.string("/store/slug"), "broken");
    assert_eq!(product.json["data"], json!({ "product": null, "store": { "slug": "acme" } }));
    for answer in [&currency, &product] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.error(), ("INTERNAL".to_owned(), "internal error".to_owned()));
        assert_tells_nothing(answer);
    }
}
