//! Reads that are lost with their connection or cancelled are tried again elsewhere; those that take too long are not.

use devstack::{Proxy, StackOptions};
use futures_util::future::join_all;
use serde_json::json;

use super::{PATIENT, answer_after};
use crate::support::{Answer, Fleet, Shop, until, while_browsing};

/// Waits until a replica has a session that waits for a lock; its place.
async fn replica_that_waits(fleet: &Fleet, other_than: Option<usize>) -> usize {
    let mut found = None;
    until("a read waits on a replica", async || {
        for index in (0..2).filter(|index| Some(*index) != other_than) {
            if !fleet.waiting(fleet.replica(index)).await.is_empty() {
                found = Some(index);
            }
        }
        found.is_some()
    })
    .await;
    found.unwrap()
}

#[track_caller]
fn assert_was_read_on_two_replicas(answer: &Answer) {
    let hosts = answer.hosts();
    assert_eq!(hosts.len(), 2, "{}", answer.text);
    assert_ne!(hosts[0].0, hosts[1].0);
    assert!(hosts.iter().all(|(_, role)| role == "replica"), "{hosts:?}");
}

#[tokio::test]
async fn a_read_lost_with_its_connection_is_answered_by_another_replica() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(&PATIENT).await;
    shop.until_in_use().await;
    shop.store("acme").await;
    let blockade = shop.block("stores").await;
    fleet.stack().await_replay().await.unwrap();

    let sabotage = async {
        let first = replica_that_waits(&fleet, None).await;
        fleet.terminate_waiting(fleet.replica(first)).await;
        replica_that_waits(&fleet, Some(first)).await;
    };
    let answer = answer_after(shop.acme(), sabotage, blockade.lift()).await;

    assert_eq!(answer.string("/store/name"), "acme");
    assert_was_read_on_two_replicas(&answer);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_pinned_read_lost_with_its_connection_is_answered_by_the_primary() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(&PATIENT).await;
    let id = shop.store("acme").await;
    let blockade = shop.block("products").await;
    let mutation = "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { store { name products { nodes { id } } } } }";
    let sessions = async || fleet.waiting(fleet.primary()).await;

    let sabotage = async {
        until("the read waits", async || !sessions().await.is_empty()).await;
        let first = sessions().await;
        fleet.terminate_waiting(fleet.primary()).await;
        until("another read waits", async || sessions().await.iter().any(|session| !first.contains(session))).await;
    };
    let input = json!({ "input": { "id": id, "name": "new" } });
    let answer = answer_after(shop.explain(mutation, input), sabotage, blockade.lift()).await;

    assert_eq!(answer.data("/storeUpdate/store"), &json!({ "name": "new", "products": { "nodes": [] } }));
    assert!(answer.hosts().iter().all(|(_, role)| role == "primary"), "{}", answer.text);
    shop.stop().await;
    fleet.end().await;
}

/// The servers of a fleet behind proxies, whose ports name them in the metrics of this test alone.
fn proxies(fleet: &Fleet) -> (Vec<Proxy>, Vec<String>) {
    let proxies: Vec<_> = fleet.stack().replicas().iter().map(|replica| replica.proxy().unwrap()).collect();
    let urls = proxies.iter().zip(fleet.replica_urls()).map(|(proxy, url)| proxy.url(&url)).collect();
    (proxies, urls)
}

async fn of_hosts(shop: &Shop, proxies: &[Proxy], metric: &str) -> f64 {
    let values = proxies.iter().map(async |proxy| shop.metric(metric, &[("host", &proxy.address().to_string())]).await);
    join_all(values).await.into_iter().sum()
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_not_tried_again_and_sets_no_server_aside() {
    let fleet = Fleet::shared().await;
    let (proxies, urls) = proxies(&fleet);
    let shop = fleet.instance_on(&fleet.primary_url(), &urls, &["--statement-timeout-ms", "300"]).await;
    shop.until_in_use().await;
    let before = of_hosts(&shop, &proxies, "storefront_set_asides_total").await;
    let blockade = shop.block("stores").await;
    fleet.stack().await_replay().await.unwrap();

    let answers = join_all((0..4).map(|_| shop.acme())).await;

    for answer in &answers {
        assert_eq!((answer.error().0.as_str(), answer.hosts().len()), ("TIMEOUT", 1), "{}", answer.text);
    }
    assert_eq!(shop.statuses().await, ["primary", "replica", "replica"]);
    assert_eq!(of_hosts(&shop, &proxies, "storefront_set_asides_total").await, before);
    assert_eq!(of_hosts(&shop, &proxies, "storefront_read_retries_total").await, 0.0);
    blockade.lift().await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn sessions_that_are_all_ended_fail_nothing_and_come_back() {
    let fleet = Fleet::shared().await;
    let (proxies, urls) = proxies(&fleet);
    let shop = fleet.instance_on(&fleet.primary_url(), &urls, &[]).await;
    let id = shop.store("acme").await;

    for replica in fleet.stack().replicas() {
        let (ended, browsed) = while_browsing(&shop, 8, async {
            let ended = replica.terminate_back_ends(&fleet.database).await.unwrap();
            shop.until_in_use().await;
            ended
        })
        .await;
        assert!(ended > 0);
        assert_eq!(browsed.failed, Vec::<String>::new());
        // Those that are idle are dead, and nobody has noticed.
        replica.terminate_back_ends(&fleet.database).await.unwrap();
        let answers = join_all((0..40).map(|_| shop.acme())).await;
        assert!(answers.iter().all(|answer| answer.string("/store/name") == "acme"));
        shop.until_in_use().await;
    }
    fleet.primary().terminate_back_ends(&fleet.database).await.unwrap();
    let renamed = join_all((0..20).map(|_| shop.rename(&id, "new"))).await;

    assert!(renamed.iter().all(|answer| answer.string("/storeUpdate/store/name") == "new"));
    let set_aside = of_hosts(&shop, &proxies, "storefront_set_asides_total").await;
    assert!(set_aside <= 16.0, "replicas were set aside {set_aside} times");
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_read_cancelled_by_recovery_is_answered_by_another_replica_and_sets_none_aside() {
    let at_once = vec![("max_standby_streaming_delay".to_owned(), "0".to_owned())];
    let options = StackOptions { redis: false, postgres_settings: at_once, ..StackOptions::default() };
    let fleet = Fleet::faulty_with(options).await;
    let shop = fleet.instance(&PATIENT).await;
    shop.until_in_use().await;
    let product = shop.product(&shop.store("acme").await, "shirt").await;
    let sku = shop.sku(&product, "9.90").await;
    fleet.stack().await_replay().await.unwrap();
    // The locks of the primary reach one replica; the other serves.
    let (locked, other) = (fleet.replica(0), fleet.replica(1));
    other.pause_replay().await.unwrap();
    let flushed = async || {
        let flush = "SELECT pg_logical_emit_message(true, 'flush', '')";
        fleet.primary().execute(&fleet.database, flush).await.unwrap();
        locked.await_replayed(fleet.primary().position().await.unwrap()).await.unwrap();
    };
    let products = shop.block("products").await;
    flushed().await;

    let sabotage = async {
        // The statement holds its lock on skus and waits for the one on products. The lock that is replayed now wants it away.
        until("a read waits", async || !fleet.waiting(locked).await.is_empty()).await;
        let skus = shop.block("skus").await;
        flushed().await;
        skus
    };
    let query = "query ($id: ID!) { node(id: $id) { ... on Sku { price { amount } } } }";
    // One for each replica.
    let (answers, skus) = tokio::join!(join_all((0..2).map(|_| shop.explain(query, json!({ "id": sku })))), sabotage);

    assert!(answers.iter().all(|answer| answer.string("/node/price/amount") == "9.90"));
    let cancelled: Vec<_> = answers.iter().filter(|answer| answer.hosts().len() == 2).collect();
    assert_eq!(cancelled.len(), 1, "{answers:?}");
    assert_was_read_on_two_replicas(cancelled[0]);
    skus.lift().await;
    products.lift().await;
    other.resume_replay().await.unwrap();
    assert_eq!(shop.statuses().await, ["primary", "replica", "replica"]);
    shop.stop().await;
    fleet.end().await;
}
