//! Own writes through replicas that have not replayed them.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use serde_json::json;

use crate::replicas::acme::{name, read, rename, roles, rows, servers};
use crate::support::{Answer, EXPLAIN, Fleet, STAFF, Shop, TOKEN, until};

const TWO_STORES: &str = "{ a: store(slug: \"acme\") { name } b: store(slug: \"bolt\") { name } }";

async fn is_anyone_waiting_for_a_lock(database: &DatabaseConnection) -> bool {
    let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    database.query_one_raw(statement).await.unwrap().is_some()
}

async fn describe(shop: &Shop, id: &str, text: &str) -> Answer {
    let mutation = "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { store { name } } }";
    shop.send(mutation, json!({ "input": { "id": id, "name": text } }), &[STAFF]).await
}

#[tokio::test]
async fn a_token_makes_writes_visible_while_no_replica_has_them() {
    let fleet = Fleet::faulty().await;
    fleet.primary().execute(&fleet.database, &rows("old", 1)).await.unwrap();
    let (shop, other) = (fleet.instance(&[]).await, fleet.instance(&[]).await);
    shop.until_in_use().await;
    other.until_in_use().await;
    let bolt = shop.store("bolt").await;
    let acme = read(&shop, &[]).await.string("/store/id");
    fleet.stack().await_replay().await.unwrap();
    for replica in fleet.stack().replicas() {
        replica.pause_replay().await.unwrap();
    }

    let first = rename(&shop, "new", &[]).await.token();

    for instance in [&shop, &other] {
        let without = read(instance, &[]).await;
        let with = read(instance, &[(TOKEN, &first)]).await;
        let with_cookie = read(instance, &[("cookie", &format!("storefront_consistency_1={first}"))]).await;
        assert_eq!((name(&without).as_str(), roles(&without)), ("old", vec!["replica".to_owned()]));
        for answer in [with, with_cookie] {
            assert_eq!((name(&answer).as_str(), roles(&answer)), ("new", vec!["primary".to_owned()]));
        }
    }

    // The write to acme is sent first, has to wait for a lock, and is answered last.
    let database = shop.database_pool().await;
    let lock = database.begin().await.unwrap();
    lock.execute_unprepared("SELECT id FROM stores WHERE slug = 'acme' FOR UPDATE").await.unwrap();
    let slow = describe(&shop, &acme, "newest");
    let fast = async {
        until("the write to acme waits", async || is_anyone_waiting_for_a_lock(&database).await).await;
        let fast = describe(&other, &bolt, "newest").await;
        lock.commit().await.unwrap();
        fast
    };
    let (slow, fast) = tokio::join!(slow, fast);
    let (slow, fast) = (slow.token(), fast.token());
    database.close().await.unwrap();

    for tokens in [format!("{slow},{fast}"), format!("{fast},{slow}"), format!("{first},{fast},{slow}")] {
        let both = other.send(TWO_STORES, json!({}), &[EXPLAIN, (TOKEN, &tokens)]).await;
        assert_eq!(both.json["data"], json!({ "a": { "name": "newest" }, "b": { "name": "newest" } }), "{}", both.text);
    }
    let open = |token: &str| shop.app.tokens.open(token).unwrap().position.unwrap();
    assert!(open(&slow).1 > open(&fast).1, "the answers did not swap");

    for replica in fleet.stack().replicas() {
        replica.resume_replay().await.unwrap();
    }
    until("a replica serves the read with the token", async || {
        let with = read(&shop, &[(TOKEN, &slow)]).await;
        assert_eq!(name(&with), "newest");
        roles(&with) == ["replica"]
    })
    .await;
    shop.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn of_two_replicas_the_one_that_is_late_serves_no_token_and_the_other_does() {
    let fleet = Fleet::faulty().await;
    fleet.primary().execute(&fleet.database, &rows("old", 1)).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let shop = fleet.instance(&[]).await;
    shop.until_in_use().await;

    for (late, other) in [(0, 1), (1, 0)] {
        let host = |index: usize| format!("127.0.0.1:{}", fleet.replica(index).port());
        fleet.replica(late).pause_replay().await.unwrap();
        let new = format!("new after {late}");
        let token = rename(&shop, &new, &[]).await.token();
        let (mut late_reads, mut other_reads) = (0, 0);

        until("both have served their share", async || {
            let without = read(&shop, &[]).await;
            let with = read(&shop, &[(TOKEN, &token)]).await;

            late_reads += usize::from(servers(&without).iter().any(|(_, server)| *server == host(late)));
            assert_eq!(name(&with), new, "{}", with.text);
            assert!(servers(&with).iter().all(|(_, server)| *server != host(late)), "{}", with.text);
            other_reads += usize::from(servers(&with).iter().any(|(_, server)| *server == host(other)));
            late_reads > 5 && other_reads > 5
        })
        .await;
        fleet.replica(late).resume_replay().await.unwrap();
        fleet.stack().await_replay().await.unwrap();
    }
    shop.stop().await;
    fleet.end().await;
}
