//! A standby that comes back behind what it had replayed: what was learnt of it before counts no more.

use std::time::Duration;

use futures_util::future::join_all;

use crate::support::{Fleet, Shop, until};

/// So long that the last check before a crash is all that an instance knows; checks that are asked for still happen.
const RARELY: [&str; 2] = ["--health-interval-ms", "9000"];
/// Longer than a test: what was not replayed before the crash is not replayed after it.
const LONG: Duration = Duration::from_secs(120);
const READERS: usize = 20;

/// An instance whose first check has found its only replica fit to be read. It has no connection to it yet.
async fn cold_instance(fleet: &Fleet) -> Shop {
    let mut cold = None;
    until("the first check finds the replica fit", async || {
        let shop = fleet.instance_on(&fleet.primary_url(), &fleet.replica_urls()[..1], &RARELY).await;
        let is_fit = shop.db.servers().iter().all(|(_, status, _)| status.is_read());
        if is_fit {
            cold = Some(shop)
        } else {
            shop.stop().await
        }
        is_fit
    })
    .await;
    cold.unwrap()
}

/// An instance that has read from its only replica under a token.
async fn warm_instance(fleet: &Fleet, token: &str) -> Shop {
    let shop = cold_instance(fleet).await;
    until("the replica serves the token", async || shop.acme_with(token).await.hosts()[0].1 == "replica").await;
    shop
}

#[tokio::test]
async fn a_standby_that_crashed_never_serves_a_token_that_it_has_forgotten() {
    let fleet = Fleet::faulty().await;
    let replica = fleet.replica(0);
    let writer = fleet.instance_on(&fleet.primary_url(), &[], &[]).await;
    let id = writer.store("acme").await;

    for (round, crash) in ["a back-end", "the server", "a back-end", "the server"].into_iter().enumerate() {
        // A checkpoint writes all that is dirty on a standby too, which must then not come back behind it: so it comes before the write.
        fleet.primary().execute("postgres", "CHECKPOINT").await.unwrap();
        fleet.stack().await_replay().await.unwrap();
        replica.execute("postgres", "CHECKPOINT").await.unwrap();
        let name = format!("name {round}");
        let token = writer.rename(&id, &name).await.token();
        fleet.stack().await_replay().await.unwrap();
        let (warm, cold) = (warm_instance(&fleet, &token).await, cold_instance(&fleet).await);
        replica.set_apply_delay(LONG).await.unwrap();
        let replayed = replica.replayed().await.unwrap();

        match crash {
            "a back-end" => replica.crash_back_end().await.unwrap(),
            _ => {
                replica.kill().await.unwrap();
                replica.start().await.unwrap();
            }
        }
        assert!(replica.replayed().await.unwrap() < replayed, "it has forgotten nothing");
        for _ in 0..3 {
            let reads = (0..READERS).flat_map(|_| [&warm, &cold]).map(|shop| shop.acme_with(&token));
            for answer in join_all(reads).await {
                assert_eq!(answer.string("/store/name"), name, "after a crash of {crash}: {}", answer.text);
            }
        }

        warm.stop().await;
        cold.stop().await;
        replica.set_apply_delay(Duration::ZERO).await.unwrap();
    }
    fleet.stack().await_replay().await.unwrap();
    writer.stop().await;
    fleet.end().await;
}
