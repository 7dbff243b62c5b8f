//! What an operation ran and where, told to those who may know.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::acme::{Divided, name, read, rename};
use crate::support::{Answer, EXPLAIN, Fleet, Kind, STAFF, Shop, TOKEN};

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap_or_else(|| panic!("{object} is no object")).keys().map(String::as_str).collect()
}

fn explain(answer: &Answer) -> &Value {
    &answer.json["extensions"]["explain"]
}

#[tokio::test]
async fn an_explained_answer_tells_statements_and_loads_in_the_documented_shape() {
    let divided = Divided::start(&[]).await;
    let query = "{ product(slug: \"mug\") { name store { name } skus { stock { quantity } } } }";

    let answer = divided.shop.send(query, json!({}), &[EXPLAIN]).await;

    let (explain, consistency) = (explain(&answer), &answer.json["extensions"]["consistency"]);
    assert_eq!(keys(&answer.json["extensions"]), ["consistency", "cost", "explain"].into());
    assert_eq!(keys(explain), ["cache", "loads", "pinned", "statementCount", "statements"].into());
    let (statements, loads) = (explain["statements"].as_array().unwrap(), explain["loads"].as_array().unwrap());
    assert_eq!(explain["statementCount"], statements.len());
    for statement in statements {
        assert_eq!(keys(statement), ["host", "label", "milliseconds", "role", "sql", "waitMilliseconds"].into());
        assert!(statement["sql"].as_str().unwrap().starts_with("SELECT "), "{statement}");
        assert!(statement["milliseconds"].as_f64().unwrap() > 0.0, "{statement}");
        assert!(statement["waitMilliseconds"].as_f64().unwrap() >= 0.0, "{statement}");
        assert_eq!(statement["host"], consistency["servedBy"]);
    }
    for load in loads {
        assert_eq!(keys(load), ["cacheHits", "keys", "loader"].into());
        assert_eq!((load["keys"].as_u64(), load["cacheHits"].as_u64()), (Some(1), Some(0)), "{load}");
    }
    let labels = |list: &[Value], field: &str| -> BTreeSet<String> {
        list.iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
    };
    // One statement brings what is below the product.
    assert_eq!(labels(statements, "label"), ["ProductBySlug".to_owned()].into());
    let loaders = ["ProductBySlug", "StockByProduct", "StoreById"].map(str::to_owned);
    assert_eq!(labels(loads, "loader"), loaders.into());
    assert_eq!(keys(consistency), ["lagMs", "servedBy"].into());
    assert!((0.0..10_000.0).contains(&consistency["lagMs"].as_f64().unwrap()), "{consistency}");
    divided.end().await;
}

#[tokio::test]
async fn the_statements_of_a_mutation_tell_the_primary_and_lag_nothing() {
    let divided = Divided::start(&[]).await;
    let id = read(&divided.shop, &[]).await.string("/store/id");
    let mutation = "mutation ($id: ID!) { storeUpdate(input: { id: $id, name: \"new\" }) { \
                    store { products { nodes { name } } } userErrors { code } } }";

    let answer = divided.shop.explain(mutation, json!({ "id": id })).await;

    let consistency = &answer.json["extensions"]["consistency"];
    let primary = format!("127.0.0.1:{}", divided.fleet.primary().port());
    assert_eq!(consistency, &json!({ "servedBy": primary, "lagMs": 0.0, "token": answer.token() }));
    assert_eq!(explain(&answer)["pinned"], true);
    let statements = explain(&answer)["statements"].as_array().unwrap();
    assert!(statements.iter().all(|statement| statement["host"] == primary && statement["role"] == "primary"));
    assert!(statements.iter().any(|statement| statement["sql"].as_str().unwrap().starts_with("UPDATE ")));
    assert!(statements.iter().any(|statement| statement["sql"].as_str().unwrap().starts_with("SELECT ")));
    divided.end().await;
}

#[tokio::test]
async fn a_key_that_is_asked_for_again_at_another_depth_is_a_cache_hit() {
    let divided = Divided::start(&[]).await;
    let query = "{ product(slug: \"mug\") { store { name products { nodes { store { name products { nodes { name \
                 store { name } } } } } } } } }";

    let answer = divided.shop.send(query, json!({}), &[EXPLAIN]).await;

    let loads = explain(&answer)["loads"].as_array().unwrap();
    let stores = json!({ "loader": "StoreById", "keys": 3, "cacheHits": 2 });
    assert!(loads.contains(&stores), "{loads:?}");
    let statements = explain(&answer)["statements"].as_array().unwrap();
    assert!(statements.iter().all(|statement| statement["label"] != "StoreById"), "{statements:?}");
    divided.end().await;
}

#[tokio::test]
async fn neither_tokens_nor_values_are_explained() {
    let divided = Divided::start(&[]).await;
    let token = rename(&divided.shop, "primary", &[]).await.token();
    let query = "query ($slug: String!) { store(slug: $slug) { id products { nodes { slug } } } product(slug: \"mug\") { id } }";
    let headers = [EXPLAIN, STAFF, (TOKEN, token.as_str()), ("cookie", "storefront_consistency_1=monster")];

    let answer = divided.shop.send(query, json!({ "slug": "acme" }), &headers).await;

    let told = answer.json["extensions"].to_string();
    let (store, product) = (answer.string("/store/id"), answer.string("/product/id"));
    for secret in [&token, "monster", "acme", "mug", "00000000-0000-7000", &store, &product, STAFF.1, "storefront@"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    divided.end().await;
}

#[tokio::test]
async fn in_production_only_staff_is_answered_with_an_explanation() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(&["--environment", "production"]).await;
    let developer = Shop::start(Kind::Sqlite).await;
    let query = "{ stores { nodes { name } } }";

    let nobody = shop.send(query, json!({}), &[EXPLAIN]).await;
    let staff = shop.send(query, json!({}), &[EXPLAIN, STAFF]).await;
    let staff_without_asking = shop.send(query, json!({}), &[STAFF]).await;
    let in_development = developer.send(query, json!({}), &[EXPLAIN]).await;

    for answer in [&nobody, &staff_without_asking] {
        assert_eq!(answer.data("/stores/nodes"), &json!([]));
        assert_eq!(answer.json["extensions"].get("explain"), None);
        assert_eq!(answer.json["extensions"].get("consistency"), None);
    }
    for answer in [&staff, &in_development] {
        assert_eq!(answer.statements(), 1);
        assert!(answer.json["extensions"]["consistency"]["servedBy"].is_string(), "{}", answer.text);
    }
    shop.stop().await;
    developer.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn an_answer_with_an_error_is_explained_too() {
    let divided = Divided::start(&[]).await;
    let query = "{ store(slug: \"acme\") { name products(after: \"nonsense\") { nodes { id } } } }";

    let answer = divided.shop.send(query, json!({}), &[EXPLAIN]).await;

    assert_eq!(answer.error().0, "BAD_USER_INPUT");
    assert_eq!(explain(&answer)["statementCount"], 1);
    assert_eq!(name(&read(&divided.shop, &[]).await), "replica");
    divided.end().await;
}
