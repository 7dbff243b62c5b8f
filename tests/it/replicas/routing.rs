//! Who serves what: telltale replicas hold other rows than the primary, so the answer shows it.

use std::collections::BTreeSet;

use serde_json::json;

use super::acme::{Divided, name, read, rename, roles, rows, servers};
use crate::support::{Answer, EXPLAIN, Fleet, STAFF, STAFF_KEY};

#[tokio::test]
async fn a_query_reads_from_a_replica_and_the_payload_of_a_mutation_from_the_primary() {
    let divided = Divided::start(&[]).await;

    let query = read(&divided.shop, &[]).await;
    let update = "mutation ($id: ID!) { storeUpdate(input: { id: $id, description: \"New\" }) { \
                  store { name products { nodes { name skus { code stock { quantity } } } } } userErrors { message } } }";
    let update = divided.shop.explain(update, json!({ "id": query.string("/store/id") })).await;

    assert_eq!(name(&query), "replica");
    assert_eq!(query.json["extensions"]["consistency"]["servedBy"], servers(&query).first().unwrap().1.as_str());
    let product = json!([{ "name": "primary", "skus": [{ "code": "primary", "stock": { "quantity": 2 } }] }]);
    assert_eq!(update.data("/storeUpdate/store/products/nodes"), &product);
    assert_eq!(update.string("/storeUpdate/store/name"), "primary");
    assert_eq!(roles(&update), ["primary"]);
    assert_eq!(update.json["extensions"]["explain"]["pinned"], true);
    divided.end().await;
}

#[tokio::test]
async fn the_checks_of_a_mutation_see_the_primary_alone() {
    let divided = Divided::start(&[]).await;
    let only = |slug: &str| {
        format!(
            "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
             VALUES (gen_random_uuid(), '{slug}', 'Only here', 'EUR', now(), now())"
        )
    };
    divided.on_replica(&only("on-the-replica")).await;
    divided.fleet.primary().execute(&divided.fleet.database, &only("on-the-primary")).await.unwrap();
    let create = |slug: &str| json!({ "slug": slug, "name": "New", "currencyCode": "EUR" });

    let free = divided.shop.write("storeCreate", create("on-the-replica"), "store { id }").await;
    let taken = divided.shop.write("storeCreate", create("on-the-primary"), "store { id }").await;

    assert_eq!(free.user_errors("storeCreate"), [""; 0]);
    assert_eq!(taken.user_errors("storeCreate"), ["input.slug TAKEN"]);
    divided.end().await;
}

#[tokio::test]
async fn a_query_beside_a_mutation_in_one_document_is_not_pinned() {
    let divided = Divided::start(&[]).await;
    let id = read(&divided.shop, &[]).await.string("/store/id");
    let document = format!(
        "query Look {{ store(slug: \"acme\") {{ name }} }} \
         mutation Change {{ storeUpdate(input: {{ id: \"{id}\", description: \"New\" }}) {{ store {{ name }} }} }}"
    );
    let run = async |operation: &str| {
        let body = json!({ "query": document, "operationName": operation });
        let request = divided.shop.http().post(divided.shop.url("/graphql")).header(STAFF.0, STAFF_KEY);
        let request = request.header(EXPLAIN.0, EXPLAIN.1).json(&body);
        Answer::read(request.send().await.unwrap()).await
    };

    let (look, change) = (run("Look").await, run("Change").await);

    assert_eq!(name(&look), "replica");
    assert_eq!(look.json["extensions"]["explain"]["pinned"], false);
    assert_eq!(change.string("/storeUpdate/store/name"), "primary");
    divided.end().await;
}

#[tokio::test]
async fn all_batches_of_a_query_read_from_one_replica_and_many_queries_from_both() {
    let fleet = Fleet::shared().await;
    fleet.primary().execute(&fleet.database, &rows("primary", 0)).await.unwrap();
    let one = fleet.telltale(0, &[&rows("one", 1)]).await;
    let two = fleet.telltale(1, &[&rows("two", 2)]).await;
    let shop = fleet.instance_on(&fleet.primary_url(), &[one.url.clone(), two.url.clone()], &[]).await;
    shop.until_in_use().await;
    let query = "{ product(slug: \"mug\") { name store { name products { totalCount { count } nodes { \
                 name skus { code stock { quantity } } } } } skus { code stock { quantity } } } \
                 stores { nodes { name products(first: 1) { nodes { name store { name } } } } } \
                 again: store(slug: \"acme\") { name } }";
    let mut seen = BTreeSet::new();

    for _ in 0..30 {
        let answer = shop.send(query, json!({}), &[EXPLAIN]).await;

        let name = answer.string("/product/name");
        let quantity = json!(["one", "two"].iter().position(|known| *known == name).unwrap() + 1);
        let sku = json!({ "code": name, "stock": { "quantity": quantity } });
        let products = json!({ "totalCount": { "count": 1 }, "nodes": [{ "name": name, "skus": [sku] }] });
        let product = json!({ "name": name, "store": { "name": name, "products": products }, "skus": [sku] });
        let stores = json!([{ "name": name, "products": { "nodes": [{ "name": name, "store": { "name": name } }] } }]);
        assert_eq!(answer.data("/product"), &product);
        assert_eq!(answer.data("/stores/nodes"), &stores);
        assert_eq!(answer.string("/again/name"), name);
        assert!(answer.statements() >= 5, "{}", answer.text);
        assert_eq!(servers(&answer).len(), 1, "{}", answer.text);
        assert_eq!(roles(&answer), ["replica"]);
        seen.insert(name);
    }

    assert_eq!(seen.len(), 2, "{seen:?}");
    shop.stop().await;
    one.end(&fleet).await;
    two.end(&fleet).await;
    fleet.end().await;
}

#[tokio::test]
async fn with_the_feature_or_everything_switched_off_only_the_primary_is_read() {
    for flag in ["--feature-read-replicas=false", "--baseline=1"] {
        let divided = Divided::start(&[flag]).await;

        for _ in 0..4 {
            let answer = read(&divided.shop, &[]).await;

            assert_eq!((name(&answer).as_str(), roles(&answer)), ("primary", vec!["primary".to_owned()]), "{flag}");
        }
        // It is watched all the same: it may be promoted.
        assert_eq!(divided.shop.statuses().await, ["primary", "replica"], "{flag}");
        divided.end().await;
    }
}

#[tokio::test]
async fn a_replica_that_is_the_primary_under_another_name_is_not_read_and_stops_no_write() {
    let fleet = Fleet::shared().await;
    fleet.primary().execute(&fleet.database, &rows("primary", 0)).await.unwrap();
    let telltale = fleet.telltale_on(fleet.primary(), &[&rows("replica", 1)]).await;
    let shop = fleet.instance_on(&fleet.primary_url(), std::slice::from_ref(&telltale.url), &[]).await;

    assert_eq!(shop.statuses().await, ["primary", "same_server"]);
    for _ in 0..4 {
        let answer = read(&shop, &[]).await;

        assert_eq!((name(&answer).as_str(), roles(&answer)), ("primary", vec!["primary".to_owned()]));
    }
    rename(&shop, "renamed", &[]).await;
    assert_eq!(name(&read(&shop, &[]).await), "renamed");
    shop.stop().await;
    telltale.end(&fleet).await;
    fleet.end().await;
}

/// Has every store say, in place of its name, what transactions on the connection are by default.
const CONFESSION: &str = "ALTER TABLE stores RENAME TO confessors; \
     CREATE VIEW stores AS SELECT id, slug, current_setting('default_transaction_read_only') AS name, \
     description, currency_code, version, created_at, updated_at FROM confessors; \
     GRANT SELECT ON stores TO storefront";

#[tokio::test]
async fn connections_for_reads_are_read_only_in_the_database_itself() {
    let fleet = Fleet::shared().await;
    let telltale = fleet.telltale(0, &[&rows("replica", 1), CONFESSION]).await;
    fleet.primary().execute(&fleet.database, &rows("primary", 2)).await.unwrap();
    fleet.primary().execute(&fleet.database, CONFESSION).await.unwrap();
    let on_replica = fleet.instance_on(&fleet.primary_url(), std::slice::from_ref(&telltale.url), &[]).await;
    on_replica.until_in_use().await;
    let on_primary = fleet.instance_on(&fleet.primary_url(), &[], &[]).await;

    for (shop, role) in [(&on_replica, "replica"), (&on_primary, "primary")] {
        let answer = read(shop, &[]).await;

        assert_eq!((name(&answer).as_str(), roles(&answer)), ("on", vec![role.to_owned()]));
    }
    on_replica.stop().await;
    on_primary.stop().await;
    telltale.end(&fleet).await;
    fleet.end().await;
}
