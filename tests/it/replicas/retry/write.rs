//! Writes that were given up before COMMIT are made again from their checks.

use devstack::Fate;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{PATIENT, answer_after};
use crate::support::{Answer, Fleet, Shop, until};

const CREATE: &str = "mutation ($slug: String!) { \
     storeCreate(input: { slug: $slug, name: $slug, currencyCode: \"EUR\" }) { store { id } userErrors { code } } }";

async fn create(shop: &Shop, slug: &str) -> Answer {
    shop.ask_as_staff(CREATE, json!({ "slug": slug })).await
}

#[track_caller]
fn assert_can_be_sent_again(answer: &Answer) {
    assert_eq!(answer.error().0, "UNAVAILABLE", "{}", answer.text);
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.headers["retry-after"], "1");
    assert!(answer.json["errors"][0]["extensions"].get("outcome").is_none(), "{}", answer.text);
}

async fn stores(fleet: &Fleet) -> i64 {
    fleet.number("SELECT count(*) FROM stores").await
}

#[tokio::test]
async fn a_write_lost_before_its_commit_is_made_again_and_happens_once() {
    let fleet = Fleet::shared().await;
    let proxy = fleet.primary().proxy().unwrap();
    let shop = fleet.instance_on(&proxy.url(&fleet.primary_url()), &fleet.replica_urls(), &[]).await;

    for (slug, fate) in [("unheard", Fate::CutBefore), ("heard", Fate::Cut)] {
        proxy.fail_after_sent(b"INSERT INTO", fate);
        let created = create(&shop, slug).await;

        assert_eq!(created.data("/storeCreate/userErrors"), &json!([]));
        assert_eq!(fleet.number(&format!("SELECT count(*) FROM stores WHERE slug = '{slug}'")).await, 1);
    }
    assert_eq!(stores(&fleet).await, 2);
    shop.stop().await;
    fleet.end().await;
}

/// Has what inserts a store run some PL/pgSQL first, in the statement or at COMMIT; `attempts` counts how often.
async fn on_insert(fleet: &Fleet, timing: &str, body: &str) {
    let sql = format!(
        "CREATE SEQUENCE attempts; CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS \
         $$ DECLARE attempt bigint := nextval('attempts'); BEGIN {body} RETURN NEW; END $$; \
         CREATE {timing} FOR EACH ROW EXECUTE FUNCTION sabotage();"
    );
    fleet.primary().execute(&fleet.database, &sql).await.unwrap();
}

const IN_THE_STATEMENT: &str = "TRIGGER sabotage BEFORE INSERT ON stores";
const AT_COMMIT: &str = "CONSTRAINT TRIGGER sabotage AFTER INSERT ON stores DEFERRABLE INITIALLY DEFERRED";

async fn attempts(fleet: &Fleet) -> i64 {
    fleet.number("SELECT last_value FROM attempts").await
}

fn fails_first(times: u32) -> String {
    format!("IF attempt <= {times} THEN RAISE 'crossed' USING ERRCODE = '40001'; END IF;")
}

#[tokio::test]
async fn a_write_that_crossed_another_is_made_again_three_times_and_no_more() {
    for timing in [IN_THE_STATEMENT, AT_COMMIT] {
        for (times, stored) in [(3, 1), (4, 0)] {
            let fleet = Fleet::shared().await;
            on_insert(&fleet, timing, &fails_first(times)).await;
            let shop = fleet.instance(&[]).await;

            let created = create(&shop, "acme").await;

            match stored {
                1 => assert_eq!(created.data("/storeCreate/userErrors"), &json!([])),
                _ => assert_can_be_sent_again(&created),
            }
            assert_eq!((attempts(&fleet).await, stores(&fleet).await), (4, stored), "{timing}");
            shop.stop().await;
            fleet.end().await;
        }
    }
}

#[tokio::test]
async fn a_write_whose_connection_is_lost_again_is_given_up() {
    let fleet = Fleet::shared().await;
    on_insert(&fleet, IN_THE_STATEMENT, "PERFORM pg_terminate_backend(pg_backend_pid());").await;
    let shop = fleet.instance(&[]).await;

    let created = create(&shop, "acme").await;

    assert_can_be_sent_again(&created);
    assert_eq!((attempts(&fleet).await, stores(&fleet).await), (2, 0));
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_made_again_is_refused_when_its_checks_fail_by_then() {
    let fleet = Fleet::shared().await;
    let wait_and_fail = format!("IF attempt = 1 THEN PERFORM pg_advisory_xact_lock(1); END IF; {}", fails_first(1));
    on_insert(&fleet, IN_THE_STATEMENT, &wait_and_fail).await;
    let shop = fleet.instance(&PATIENT).await;
    let other = fleet.session().await;
    other.execute_unprepared("SELECT pg_advisory_lock(1)").await.unwrap();

    let meanwhile = async {
        until("the first attempt waits", async || fleet.waiting(fleet.primary()).await.len() == 1).await;
        let acme = "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
             VALUES (gen_random_uuid(), 'acme', 'other', 'EUR', now(), now())";
        other.execute_unprepared(acme).await.unwrap();
    };
    let release = async {
        other.execute_unprepared("SELECT pg_advisory_unlock(1)").await.unwrap();
    };
    let created = answer_after(create(&shop, "acme"), meanwhile, release).await;
    other.close().await.unwrap();

    assert_eq!(created.data("/storeCreate"), &json!({ "store": Value::Null, "userErrors": [{ "code": "TAKEN" }] }));
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_given_up_in_a_deadlock_is_made_again() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(&PATIENT).await;
    let product = shop.product(&shop.store("acme").await, "shirt").await;
    let sku = shop.sku(&product, "9.90").await;
    let other = fleet.session().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    // The other session never gives up by itself. It has the sku, and wants the product that the server has by then.
    let first = "SET deadlock_timeout = '10min'; BEGIN; SELECT FROM skus FOR UPDATE";
    other.execute_unprepared(first).await.unwrap();

    let waiting = until("the server waits", async || fleet.waiting(fleet.primary()).await.len() == 1);
    let crossing = async {
        other.execute_unprepared("SELECT FROM products FOR UPDATE; COMMIT").await.unwrap();
    };
    let set = "mutation ($sku: ID!) { stockSet(input: { skuId: $sku, quantity: 7 }) { stock { quantity } userErrors { code } } }";
    let answer = answer_after(shop.ask_as_staff(set, json!({ "sku": sku })), waiting, crossing).await;

    assert_eq!(answer.data("/stockSet"), &json!({ "stock": { "quantity": 7 }, "userErrors": [] }));
    until("the deadlock is counted", async || fleet.number(deadlocks).await == 1).await;
    other.close().await.unwrap();
    shop.stop().await;
    fleet.end().await;
}
