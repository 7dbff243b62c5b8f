//! What a request with a consistency token takes from the cache.

use serde_json::json;

use super::acts::{NO_TIER, PATIENT, change, found, name, read, rename};
use super::entry::{Entry, version};
use super::hot::settle;
use super::process::Process;
use crate::support::{EXPLAIN, Fleet, STAFF, TOKEN, until};

const RENAME: &str =
    "mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) { product { name store { name } } } }";
const NAME: &str = "query ($id: ID!) { product(id: $id) { name } }";

#[tokio::test]
async fn a_node_that_the_token_names_is_taken_at_that_version_or_above_and_any_other_freely() {
    let fleet = Fleet::shared().await;
    let writer = fleet.cached(&NO_TIER).await;
    let store = writer.store("acme").await;
    let (named, other) = (writer.product(&store, "mug").await, writer.product(&store, "cup").await);
    fleet.stack().await_replay().await.unwrap();
    let reader = Process::in_use(&fleet, &[("REPLICA_URLS", "")]).await;
    let mut entries = Vec::new();
    for product in [&named, &other] {
        let entry = Entry::of(&fleet, &writer, "product", product).await;
        let ask = async || reader.send(NAME, json!({ "id": product }), &[]).await;
        entries.push((entry.stored_by(ask).await, entry));
    }
    let token = reader.send(RENAME, json!({ "input": { "id": named, "name": "new" } }), &[STAFF]).await.token();
    // As if no fence had ever come, for either of them.
    rename(&writer, &other, "newer").await;
    settle(&fleet).await;
    for (old, entry) in &entries {
        entry.evict_fence().await;
        entry.set(old).await;
    }
    let ask = async |product: &str| reader.send(NAME, json!({ "id": product }), &[EXPLAIN, (TOKEN, &token)]).await;
    let passed = reader.passed("behind_token").await;

    let (of_named, of_other) = (ask(&named).await, ask(&other).await);

    assert_eq!(of_named.string("/product/name"), "new");
    assert_eq!(found(&of_named, "ProductById"), (0, 0, 1));
    assert_eq!(reader.passed("behind_token").await, passed + 1.0);
    assert_eq!((of_other.string("/product/name").as_str(), of_other.statements()), ("cup", 0));

    // Its own read has filled the newer version, which is taken from now on.
    let (old, entry) = &entries[0];
    until("the newer one is stored", async || entry.version().await > Some(version(old))).await;
    let again = ask(&named).await;
    assert_eq!((again.string("/product/name").as_str(), again.statements()), ("new", 0));
    assert_eq!(reader.passed("behind_token").await, passed + 1.0);
    writer.stop().await;
    reader.program.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn who_has_changed_more_than_a_token_can_name_passes_the_cache_by() {
    let fleet = Fleet::shared().await;
    let shop = fleet.cached(&PATIENT).await;
    let store = shop.store("acme").await;
    let product = shop.product(&store, "mug").await;
    fleet.stack().await_replay().await.unwrap();
    let mut tokens = Vec::new();
    for number in 0..17 {
        let category = json!({ "slug": format!("category-{number}"), "name": "Category" });
        tokens.push(change(&shop, "categoryCreate", category, &[]).await.token());
    }
    let (few, all) = (tokens[..15].join(","), tokens.join(","));
    fleet.stack().await_replay().await.unwrap();
    let entry = Entry::of(&fleet, &shop, "product", &product).await;
    entry.stored_by(async || name(&shop, &product).await).await;

    for _ in 0..3 {
        let with_few = read(&shop, &product, &[EXPLAIN, (TOKEN, &few)]).await;
        assert_eq!(found(&with_few, "ProductById").2, 0, "{}", with_few.text);
        let with_all = read(&shop, &product, &[EXPLAIN, (TOKEN, &all)]).await;
        assert_eq!(with_all.json["extensions"]["explain"]["cache"]["calls"], 0);
        assert_eq!((found(&with_all, "ProductById"), found(&with_all, "StoreById")), ((0, 0, 1), (0, 0, 1)));
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_mutation_reads_its_payload_past_the_cache() {
    let fleet = Fleet::shared().await;
    let shop = fleet.cached(&PATIENT).await;
    let store = shop.store("acme").await;
    let product = shop.product(&store, "mug").await;
    let entry = Entry::of(&fleet, &shop, "product", &product).await;
    let of_store = Entry::of(&fleet, &shop, "store", &store).await;
    let ask = async || read(&shop, &product, &[]).await;
    let (old, store_value) = (entry.stored_by(ask).await, of_store.stored_by(ask).await);
    // The store's value claims to be what it is not, and nobody but the cache would know the name.
    let position = store_value.windows(4).position(|window| window == b"acme").unwrap();
    let mut forged = store_value.clone();
    let places: Vec<_> = (position..forged.len() - 3).filter(|at| &forged[*at..at + 4] == b"acme").collect();
    places.into_iter().for_each(|at| forged[at..at + 4].copy_from_slice(b"fake"));
    of_store.set(&forged).await;

    let input = json!({ "input": { "id": product, "name": "new" } });
    let answer = shop.send(RENAME, input, &[STAFF, EXPLAIN]).await;

    let payload = json!({ "name": "new", "store": { "name": "acme" } });
    assert_eq!(answer.data("/productUpdate/product"), &payload);
    assert_eq!(answer.json["extensions"]["explain"]["cache"]["calls"], 0);
    assert!(entry.fence().await > Some(version(&old)), "the write was not told");
    assert!(entry.version().await.is_none_or(|stored| stored > version(&old)));
    shop.stop().await;
    fleet.end().await;
}
