//! Connections at rest between two statements: who comes next takes one of them, and never are there more than there may be.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Answer, Fleet, Shop, UNCACHED, until};

/// Two connections for reads, all on the primary.
const FEW: [&str; 4] = ["--read-connections", "2", "--connection-wait-ms", "10000"];
const STORE: &str = "{ store(slug: \"acme\") { name } }";

async fn open(fleet: &Fleet, flags: &[&str]) -> Shop {
    let shop = fleet.instance_on(&fleet.primary_url(), &[], &[UNCACHED, &FEW, flags].concat()).await;
    shop.until_in_use().await;
    shop.store("acme").await;
    shop
}

async fn read(shop: &Shop) -> Answer {
    shop.ask(STORE, json!({})).await
}

/// How many sessions have read stores last, and the sum of their numbers: the same while they are the same.
async fn sessions(fleet: &Fleet) -> (i64, i64) {
    let read = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'storefront' \
         AND query LIKE 'SELECT%stores%'";
    (
        fleet.number(&format!("SELECT count(*) {read}")).await,
        fleet.number(&format!("SELECT coalesce(sum(pid), 0)::bigint {read}")).await,
    )
}

#[tokio::test]
async fn reads_one_after_another_have_one_session() {
    let fleet = Fleet::shared().await;
    let shop = open(&fleet, &[]).await;
    assert_eq!(read(&shop).await.string("/store/name"), "acme");
    let before = sessions(&fleet).await;

    for _ in 0..20 {
        assert_eq!(read(&shop).await.string("/store/name"), "acme");
    }

    assert_eq!(sessions(&fleet).await, before);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn reads_at_once_have_no_more_sessions_than_there_may_be() {
    let fleet = Fleet::shared().await;
    let shop = open(&fleet, &["--statement-timeout-ms", "30000"]).await;
    let blockade = shop.block("stores").await;

    let asked = join_all((0..10).map(|_| read(&shop)));
    let lift = async {
        until("both wait", async || fleet.waiting(fleet.primary()).await.len() == 2).await;
        blockade.lift().await;
    };
    let (answers, ()) = tokio::join!(asked, lift);

    for answer in answers {
        assert_eq!(answer.string("/store/name"), "acme");
    }
    assert_eq!(sessions(&fleet).await.0, 2);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_read_that_failed_leaves_its_place_to_the_next() {
    let fleet = Fleet::shared().await;
    let shop = open(&fleet, &["--statement-timeout-ms", "200"]).await;
    read(&shop).await;

    for _ in 0..4 {
        let blockade = shop.block("stores").await;
        for answer in join_all((0..2).map(|_| read(&shop))).await {
            assert_eq!(answer.error().0, "TIMEOUT", "{}", answer.text);
        }
        blockade.lift().await;
    }

    for answer in join_all((0..10).map(|_| read(&shop))).await {
        assert_eq!(answer.string("/store/name"), "acme");
    }
    assert!(sessions(&fleet).await.0 <= 2);
    shop.stop().await;
    fleet.end().await;
}
