//! Between COMMIT and fence: whatever happens there, others read the new value within seconds.

use devstack::{Fate, StackOptions};
use serde_json::json;

use super::market::{PRODUCT, RENAME, rename, until_hot, until_hot_as, until_named};
use super::process::Process;
use super::stall::Stall;
use crate::support::{EXPLAIN, Fleet, STAFF, TOKEN, until};

#[tokio::test]
async fn an_instance_killed_between_commit_and_fence_leaves_no_old_value_to_others() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    let product = &stall.products[0];
    let proxy = fleet.redis().proxy().unwrap();
    let redis = proxy.url(&fleet.redis().url());
    // No window: the charge would wait for the same Redis before anything is written.
    let patient = [("STOREFRONT_REDIS_TIMEOUT_MS", "10000"), ("REDIS_URL", &redis), ("FEATURE_RATE_LIMIT", "off")];
    let mut process = Process::start(&fleet, &patient).await;
    process.until_hot(product).await;
    until_hot(&stall.shop, product).await;

    proxy.swallow();
    let committed = "SELECT count(*) FROM products WHERE name = 'new'";
    let killed = async {
        until("it is committed", async || fleet.number(committed).await == 1).await;
        process.program.signal("KILL");
    };
    tokio::select! {
        answer = process.rename(product, "new") => panic!("it was answered: {}", answer.text),
        () = killed => {}
    }
    process.program.ended().await;

    until_hot_as(&stall.shop, product, "new").await;
    stall.shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_whose_fence_finds_redis_frozen_is_answered_and_read_back_by_its_token() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let stall = Stall::open(&fleet).await;
    let other = fleet.cached(&[]).await;
    let product = &stall.products[0];
    until_hot(&stall.shop, product).await;
    until_hot(&other, product).await;

    fleet.redis().freeze().await.unwrap();
    let renamed = rename(&stall.shop, product, "new").await;
    let token = renamed.token();
    for shop in [&stall.shop, &other] {
        let own = shop.send(PRODUCT, json!({ "id": product.id }), &[EXPLAIN, (TOKEN, &token)]).await;
        assert_eq!(own.string("/product/name"), "new");
    }
    until_named(&stall.shop, product, "new").await;
    until_named(&other, product, "new").await;

    fleet.redis().thaw().await.unwrap();
    for shop in [&stall.shop, &other] {
        until_hot_as(shop, product, "new").await;
    }
    stall.shop.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_leaves_no_old_value() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    let product = &stall.products[0];
    let proxy = fleet.primary().proxy().unwrap();
    let redis = fleet.redis().url();
    let flags = ["--redis-url", &redis, "--local-cache-ttl-ms", "0"];
    let writer = fleet.instance_on(&proxy.url(&fleet.primary_url()), &fleet.replica_urls(), &flags).await;
    until_hot(&writer, product).await;
    until_hot(&stall.shop, product).await;

    // The sweeper commits as well: it may be its answer that is lost, and the write that goes through.
    let mut round = 0;
    until("the answer to a write's COMMIT is lost", async || {
        round += 1;
        proxy.fail_after_sent(b"COMMIT", Fate::Cut);
        let answer = rename(&writer, product, &format!("name {round}")).await;
        answer.json.get("errors").is_some_and(|errors| errors[0]["extensions"]["outcome"] == "UNKNOWN")
    })
    .await;
    proxy.heal().unwrap();

    let committed = format!("SELECT count(*) FROM products WHERE name = 'name {round}'");
    assert_eq!(fleet.number(&committed).await, 1);
    for shop in [&writer, &stall.shop] {
        until_hot_as(shop, product, &format!("name {round}")).await;
    }
    writer.stop().await;
    stall.shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_that_changes_more_than_a_token_can_name_is_seen_by_its_client_at_once_and_by_others_soon() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open_with(&fleet, 20).await;
    let other = fleet.cached(&[]).await;
    let follow = "CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN UPDATE products SET name = NEW.name WHERE id <> NEW.id; RETURN NULL; END'; \
         CREATE TRIGGER follow AFTER UPDATE OF name ON products FOR EACH ROW WHEN (pg_trigger_depth() = 0) \
         EXECUTE FUNCTION follow();";
    fleet.primary().execute(&fleet.database, follow).await.unwrap();
    for product in &stall.products {
        until_hot(&other, product).await;
    }

    let [first, .., last] = &stall.products[..] else { unreachable!() };
    let renamed = stall.shop.send(RENAME, json!({ "id": first.id, "name": "new" }), &[STAFF]).await;

    let token = renamed.token();
    let own = other.send(PRODUCT, json!({ "id": last.id }), &[EXPLAIN, (TOKEN, &token)]).await;
    assert_eq!(own.string("/product/name"), "new");
    for product in &stall.products {
        until_named(&other, product, "new").await;
    }
    stall.shop.stop().await;
    other.stop().await;
    fleet.end().await;
}
