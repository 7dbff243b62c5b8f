//! An old primary that can still be written to after another server was promoted.

use devstack::Node;
use futures_util::future::join_all;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};

use super::client::{
    Outcome, PATIENCE, assert_refused, create, cut_replication, insert_store, mark, name_of, read, set_asides,
    until_statuses, until_waiting, until_written,
};
use crate::support::{Fleet, Switch, until};

#[tokio::test]
async fn an_old_primary_that_comes_back_gets_neither_reads_nor_writes_until_it_rejoins() {
    let fleet = Fleet::faulty().await;
    let (old, promoted) = (fleet.primary(), fleet.replica(0));
    old.execute(&fleet.database, &insert_store("acme", "Acme")).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let witness = fleet.instance(&PATIENCE).await;
    old.kill().await.unwrap();
    promoted.promote().await.unwrap();

    let started = fleet.instance(&PATIENCE).await;

    let (_, token) = until_written(&started, "started-without-the-old-primary").await;
    assert_eq!(read(&started, "acme", &token).await.unwrap().host, name_of(promoted));
    until_written(&witness, "found-the-new-primary").await;

    old.start().await.unwrap();
    old.execute(&fleet.database, "UPDATE stores SET name = 'Old' WHERE slug = 'acme'").await.unwrap();
    let before = mark(&fleet, old).await;
    let late = fleet.instance(&PATIENCE).await;

    for shop in [&witness, &started, &late] {
        until_statuses(shop, &["outdated", "primary", "other_timeline"]).await;
        for turn in 0..10 {
            let slug = format!("new-{}-{turn}", shop.address.port());
            let (outcome, token) = create(shop, &slug).await;
            assert_eq!(outcome, Outcome::Acknowledged);
            for (slug, name, token) in [(slug.as_str(), slug.as_str(), token.as_str()), ("acme", "Acme", "")] {
                let found = read(shop, slug, token).await.unwrap();
                assert_eq!((found.name.as_deref(), found.host), (Some(name), name_of(promoted)));
            }
        }
    }
    assert_eq!(mark(&fleet, old).await, before, "the old primary was written to");
    assert!(set_asides(&witness, old, "outdated").await > 0);

    promoted.stop().await.unwrap();
    for shop in [&witness, &started, &late] {
        until_statuses(shop, &["outdated", "unreachable", "other_timeline"]).await;
        assert_refused(&fleet, &[old], shop).await;
        assert!(read(shop, "acme", "").await.is_none_or(|found| found.name.as_deref() != Some("Old")));
    }
    promoted.start().await.unwrap();
    for shop in [&witness, &started, &late] {
        until_written(shop, &format!("restarted-{}", shop.address.port())).await;
    }
    assert_eq!(mark(&fleet, old).await, before, "the old primary was written to");

    old.stop().await.unwrap();
    old.rejoin(promoted).await.unwrap();

    for shop in [&witness, &started, &late] {
        until_statuses(shop, &["replica", "primary", "other_timeline"]).await;
        until("the old primary serves as a replica", async || {
            let found = read(shop, "acme", "").await.unwrap();
            assert_eq!(found.name.as_deref(), Some("Acme"));
            found.host == name_of(old)
        })
        .await;
    }
    for shop in [witness, started, late] {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn one_connection_through_an_address_that_leads_to_a_new_primary_ends_those_to_the_old_one() {
    let fleet = Fleet::faulty().await;
    let (old, promoted) = (fleet.primary(), fleet.replica(0));
    let switch = Switch::start(old.address()).await;
    let shop = fleet.instance_on(&switch.url(&fleet.database), &[], &PATIENCE).await;
    for turn in 0..4 {
        let slug = format!("old-{turn}");
        let (outcome, token) = create(&shop, &slug).await;
        assert_eq!(outcome, Outcome::Acknowledged);
        read(&shop, &slug, &token).await.unwrap();
    }
    fleet.stack().await_replay().await.unwrap();
    promoted.promote().await.unwrap();

    switch.turn(promoted.address());
    // Requests one after another have needed one connection of each pool. Those at one time open more, where the address leads now.
    until("a new connection was opened", async || {
        join_all((0..8).map(|_| read(&shop, "old-0", ""))).await;
        fleet.number_on(promoted, OWN_SESSIONS).await > 0
    })
    .await;
    until_checked(&fleet, promoted).await;

    let before = mark(&fleet, old).await;
    for turn in 0..10 {
        let slug = format!("new-{turn}");
        let (outcome, token) = create(&shop, &slug).await;
        assert_eq!(outcome, Outcome::Acknowledged);
        assert_eq!(read(&shop, &slug, &token).await.unwrap().name, Some(slug));
    }
    assert_eq!(mark(&fleet, old).await, before, "the old primary was written to");
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_write_that_is_open_when_another_server_is_promoted_is_made_anew_there() {
    let fleet = Fleet::faulty().await;
    let (old, promoted) = (fleet.primary(), fleet.replica(0));
    let shop = fleet.instance(&["--statement-timeout-ms", "20000", "--request-timeout-ms", "30000"]).await;
    let before = mark(&fleet, old).await;
    let mut one_session = ConnectOptions::new(fleet.primary_url());
    one_session.max_connections(1);
    let lock = Database::connect(one_session).await.unwrap();
    lock.execute_unprepared("BEGIN; LOCK TABLE stores IN SHARE MODE").await.unwrap();

    let open = create(&shop, "open");
    let promotion = async {
        until_waiting(&fleet, "wait_event_type = 'Lock'", 1).await;
        promoted.promote().await.unwrap();
        until_statuses(&shop, &["outdated", "primary", "other_timeline"]).await;
        lock.execute_unprepared("ROLLBACK").await.unwrap();
    };
    let ((outcome, token), ()) = tokio::join!(open, promotion);

    assert_eq!(outcome, Outcome::Acknowledged);
    assert_eq!(read(&shop, "open", &token).await.unwrap().host, name_of(promoted));
    assert_eq!(mark(&fleet, old).await, before, "the old primary was written to");
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_commit_that_an_old_primary_answers_after_another_was_promoted_is_not_acknowledged() {
    let fleet = Fleet::faulty().await;
    fleet.stack().set_synchronous("ANY 1 (*)").await.unwrap();
    let promoted = fleet.replica(0);
    let shop = fleet.instance(&["--request-timeout-ms", "30000"]).await;
    cut_replication(&fleet).await;

    let open = create(&shop, "late");
    let promotion = async {
        until_waiting(&fleet, "wait_event = 'SyncRep'", 1).await;
        promoted.promote().await.unwrap();
        until_statuses(&shop, &["outdated", "primary", "other_timeline"]).await;
        fleet.stack().set_synchronous("").await.unwrap();
    };
    let ((outcome, token), ()) = tokio::join!(open, promotion);

    assert_eq!(outcome, Outcome::Unknown);
    let found = read(&shop, "late", &token).await.unwrap();
    assert_eq!((found.name, found.host), (None, name_of(promoted)));
    shop.stop().await;
    fleet.end().await;
}

/// Sessions of servers, their checks included.
const OWN_SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'storefront%'";

/// Waits until a check of this node has been taken note of: the next one has begun.
async fn until_checked(fleet: &Fleet, node: &Node) {
    const LAST: &str = "SELECT coalesce(max(extract(epoch FROM query_start) * 1000000), 0)::bigint \
         FROM pg_stat_activity WHERE application_name = 'storefront health' AND query LIKE '%system_identifier%'";
    let mut first = 0;
    until("the node is checked", async || {
        let last = fleet.number_on(node, LAST).await;
        if first == 0 {
            first = last;
        }
        last > first
    })
    .await;
}
