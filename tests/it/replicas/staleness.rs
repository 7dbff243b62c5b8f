//! Replicas that are not there yet, that fall behind and that come back.

use std::time::{Duration, Instant};

use super::acme::{name, read, rename, roles, rows, servers};
use crate::support::{Answer, Fleet, Shop, until};

/// Reads until this server has served a read.
async fn await_read_by(shop: &Shop, host: &str) {
    until(&format!("{host} serves a read"), async || {
        servers(&read(shop, &[]).await).iter().any(|(_, server)| server.ends_with(host))
    })
    .await;
}

#[tokio::test]
async fn a_server_starts_without_its_replicas_and_reads_from_each_once_it_is_up() {
    let fleet = Fleet::faulty().await;
    fleet.primary().execute(&fleet.database, &rows("acme", 1)).await.unwrap();
    for replica in fleet.stack().replicas() {
        replica.stop().await.unwrap();
    }

    let shop = fleet.instance(&[]).await;

    assert_eq!(shop.statuses().await, ["primary", "unreachable", "unreachable"]);
    assert_eq!(roles(&read(&shop, &[]).await), ["primary"]);
    for replica in fleet.stack().replicas() {
        replica.start().await.unwrap();
        await_read_by(&shop, &format!(":{}", replica.port())).await;
    }
    assert_eq!(shop.statuses().await, ["primary", "replica", "replica"]);
    shop.stop().await;

    fleet.replica(0).stop().await.unwrap();
    let shop = fleet.instance(&[]).await;
    for _ in 0..4 {
        let answer: Answer = read(&shop, &[]).await;
        let port = format!("127.0.0.1:{}", fleet.replica(1).port());
        assert_eq!(servers(&answer).into_iter().collect::<Vec<_>>(), [("replica".to_owned(), port)]);
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_replica_that_falls_behind_is_set_aside_until_it_has_caught_up_and_an_idle_primary_ages_none() {
    let bound = Duration::from_millis(1000);
    let fleet = Fleet::faulty().await;
    fleet.primary().execute(&fleet.database, &rows("old", 1)).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let flags = ["--max-staleness-ms", "1000", "--token-life-ms", "2000", "--health-interval-ms", "50"];
    let shop = fleet.instance(&flags).await;

    // Nobody writes for longer than the bound. Staleness that an idle primary caused would last as long as the idleness.
    let begun = Instant::now();
    until("the primary was idle for twice the bound", async || {
        assert_eq!(name(&read(&shop, &[]).await), "old");
        begun.elapsed() > 2 * bound
    })
    .await;
    until("both replicas are in use", async || shop.statuses().await == ["primary", "replica", "replica"]).await;

    let late = fleet.replica(0);
    late.pause_replay().await.unwrap();
    rename(&shop, "new", &[]).await;
    until("the paused replica is set aside", async || shop.statuses().await == ["primary", "stale", "replica"]).await;
    for _ in 0..8 {
        let answer = read(&shop, &[]).await;
        assert!(servers(&answer).iter().all(|(_, host)| !host.ends_with(&format!(":{}", late.port()))));
        assert_eq!(name(&answer), "new", "{}", answer.text);
    }
    late.resume_replay().await.unwrap();
    await_read_by(&shop, &format!(":{}", late.port())).await;
    assert_eq!(name(&read(&shop, &[]).await), "new");

    for replica in fleet.stack().replicas() {
        replica.pause_replay().await.unwrap();
    }
    rename(&shop, "newest", &[]).await;
    until("both are set aside", async || shop.statuses().await == ["primary", "stale", "stale"]).await;
    let answer = read(&shop, &[]).await;
    assert_eq!((name(&answer).as_str(), roles(&answer)), ("newest", vec!["primary".to_owned()]));
    shop.stop().await;
    fleet.end().await;
}
