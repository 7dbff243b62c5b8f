//! Who serves what: telltale replicas hold other rows than the primary, so the answer shows it.

use serde_json::{Value, json};

use crate::support::{Answer, Fleet, STAFF_KEY, Shop, until};

const STORE: &str = "{ store(slug: \"acme\") { name } }";
const EXPLAIN: (&str, &str) = ("x-storefront-explain", "1");

fn insert_store(name: &str) -> String {
    format!(
        "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
         VALUES (gen_random_uuid(), 'acme', '{name}', 'EUR', now(), now())"
    )
}

async fn rename(shop: &Shop, name: &str, headers: &[(&str, &str)]) -> Answer {
    let id = shop.ask_as_staff("{ store(slug: \"acme\") { id } }", json!({})).await.string("/store/id");
    let mutation =
        "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { store { name } userErrors { message } } }";
    let staff = [("x-storefront-staff-key", STAFF_KEY)];
    shop.send(mutation, json!({ "input": { "id": id, "name": name } }), &[&staff, headers].concat()).await
}

#[tokio::test]
async fn a_query_reads_from_a_replica_and_a_mutation_sees_only_the_primary() {
    let fleet = Fleet::shared().await;
    let telltale = fleet.telltale(0, &[&insert_store("replica")]).await;
    fleet.primary().execute(&fleet.database, &insert_store("primary")).await.unwrap();
    let shop = fleet.instance_on(&fleet.primary_url(), &[telltale.url.clone()], &[]).await;

    let query = shop.send(STORE, json!({}), &[EXPLAIN]).await;

    assert_eq!(query.string("/store/name"), "replica", "{}", query.text);
    assert!(query.json["extensions"]["consistency"]["servedBy"].is_string(), "{}", query.text);
    shop.stop().await;
    telltale.end(&fleet).await;
    fleet.end().await;
}

#[tokio::test]
async fn a_token_makes_a_write_visible_through_late_replicas() {
    let fleet = Fleet::faulty().await;
    let shop = fleet.instance(&[]).await;
    shop.store("acme").await;
    fleet.stack().await_replay().await.unwrap();
    for replica in fleet.stack().replicas() {
        replica.pause_replay().await.unwrap();
    }

    let renamed = rename(&shop, "new", &[]).await;
    let token = renamed.headers["x-consistency-token"].to_str().unwrap().to_owned();
    let without = shop.send(STORE, json!({}), &[EXPLAIN]).await;
    let with = shop.send(STORE, json!({}), &[EXPLAIN, ("x-consistency-token", &token)]).await;

    assert_eq!(renamed.json["extensions"]["consistency"], json!({ "token": token }));
    assert_eq!(without.string("/store/name"), "acme", "{}", without.text);
    assert_eq!(with.string("/store/name"), "new", "{}", with.text);

    for replica in fleet.stack().replicas() {
        replica.resume_replay().await.unwrap();
    }
    fleet.stack().await_replay().await.unwrap();
    until("a replica serves the read with the token", async || {
        let with = shop.send(STORE, json!({}), &[EXPLAIN, ("x-consistency-token", &token)]).await;
        assert_eq!(with.string("/store/name"), "new");
        with.json["extensions"]["explain"]["statements"][0]["role"] == Value::from("replica")
    })
    .await;
    shop.stop().await;
    fleet.end().await;
}
