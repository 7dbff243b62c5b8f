//! Several servers that could be written to: only one is, and when it cannot be told which, none.

use devstack::{Node, Proxy, StackOptions};
use futures_util::future::join_all;

use super::client::{
    Outcome, create, insert_store, mark, name_of, read, set_asides, statuses, until_statuses, until_written,
};
use crate::support::{Fleet, Program, STAFF_KEY, Shop, Switch, run, until};

const PATIENCE: [&str; 2] = ["--connection-wait-ms", "500"];

/// Writes that are refused, and have written nothing on any node.
async fn assert_refused(fleet: &Fleet, nodes: &[&Node], shop: &Shop) {
    let mut before = Vec::new();
    for node in nodes {
        before.push(mark(fleet, node).await);
    }
    for slug in ["refused-1", "refused-2"] {
        assert_eq!(create(shop, slug).await.0, Outcome::Refused, "{:?}", statuses(shop).await);
    }
    for (node, before) in nodes.iter().zip(before) {
        assert_eq!(mark(fleet, node).await, before, "{} was written to", node.name());
    }
}

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
async fn of_two_primaries_on_one_timeline_none_is_written_to_until_one_is_gone() {
    let fleet = Fleet::faulty().await;
    let (one, other) = (fleet.replica(0), fleet.replica(1));
    let shop = fleet.instance(&PATIENCE).await;
    let folder = tempfile::tempdir().unwrap();
    let (primary, replicas) = (fleet.primary_url(), fleet.replica_urls().join(","));
    let environment = [
        ("DATABASE_URL", primary.as_str()),
        ("REPLICA_URLS", replicas.as_str()),
        ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough"),
        ("STOREFRONT_STAFF_KEY", STAFF_KEY),
    ];
    let program = Program::serve(folder.path(), &environment).await;
    fleet.primary().kill().await.unwrap();
    one.promote().await.unwrap();
    let (written, token) = until_written(&shop, "before").await;

    other.promote().await.unwrap();

    until_statuses(&shop, &["unreachable", "split_brain", "split_brain"]).await;
    assert_refused(&fleet, &[one, other], &shop).await;
    assert!(read(&shop, &written, &token).await.is_none(), "one of two primaries was read");
    for node in [one, other] {
        assert!(set_asides(&shop, node, "split_brain").await > 0);
        until("the split is logged as an error", async || {
            let is_told =
                |line: &String| line.contains("ERROR") && line.contains("split_brain") && line.contains(&name_of(node));
            program.stderr().iter().any(is_told)
        })
        .await;
    }
    let refused = run(folder.path(), &["--port", "0"], &environment).await;
    assert!(!refused.status.success(), "{refused:?}");
    assert!(refused.stderr.contains("two servers on one timeline can be written to"), "{refused:?}");

    other.stop().await.unwrap();

    until_written(&shop, "after").await;
    assert_eq!(read(&shop, &written, &token).await.unwrap().name, Some(written));
    drop(program);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_token_of_a_higher_timeline_ends_the_writes_to_an_old_primary_that_is_still_there() {
    let fleet = Fleet::faulty().await;
    let (old, promoted) = (fleet.primary(), fleet.replica(0));
    let proxy = Proxy::start(promoted.address()).unwrap();
    let informed = fleet.instance(&PATIENCE).await;
    let replicas = [proxy.url(&fleet.replica_urls()[0]), fleet.replica_urls()[1].clone()];
    let unaware = fleet.instance_on(&fleet.primary_url(), &replicas, &PATIENCE).await;
    proxy.cut();
    promoted.promote().await.unwrap();
    until_statuses(&informed, &["outdated", "primary", "other_timeline"]).await;
    until_statuses(&unaware, &["primary", "unreachable", "replica"]).await;
    assert_eq!(create(&unaware, "knows-no-better").await.0, Outcome::Acknowledged);

    let (_, token) = create(&informed, "new").await;
    let before = mark(&fleet, old).await;
    let own = read(&unaware, "new", &token).await;

    assert!(own.is_none(), "it was served by a server that lacks it: {own:?}");
    assert_eq!(statuses(&unaware).await[0], "outdated");
    assert_refused(&fleet, &[old, promoted], &unaware).await;
    assert_eq!(mark(&fleet, old).await, before);

    proxy.heal().unwrap();

    let (slug, _) = until_written(&unaware, "found").await;
    assert_eq!(read(&informed, &slug, &token).await.unwrap().name, Some(slug));
    assert_eq!(read(&unaware, "new", &token).await.unwrap().name.as_deref(), Some("new"));
    assert_eq!(mark(&fleet, old).await, before);
    informed.stop().await;
    unaware.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_server_of_another_database_gets_nothing_wherever_it_is_named() {
    let mut foreign = Fleet::faulty_with(StackOptions { replicas: 0, redis: false, ..StackOptions::default() }).await;
    foreign.primary().execute(&foreign.database, &insert_store("acme", "Foreign")).await.unwrap();
    let fleet = Fleet::shared().await;
    fleet.primary().execute(&fleet.database, &insert_store("acme", "Acme")).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let switch = Switch::start(fleet.primary().address()).await;
    let rename = format!("ALTER DATABASE {} RENAME TO {}", foreign.database, fleet.database);
    foreign.primary().execute("postgres", &rename).await.unwrap();
    foreign.database.clone_from(&fleet.database);
    let replicas = [fleet.replica_urls()[0].clone(), foreign.primary_url()];
    let shop = fleet.instance_on(&switch.url(&fleet.database), &replicas, &PATIENCE).await;
    let before = mark(&foreign, foreign.primary()).await;

    until_statuses(&shop, &["primary", "replica", "foreign"]).await;
    for turn in 0..10 {
        let (outcome, token) = create(&shop, &format!("store-{turn}")).await;
        assert_eq!(outcome, Outcome::Acknowledged);
        for token in ["", &token] {
            assert_eq!(read(&shop, "acme", token).await.unwrap().name.as_deref(), Some("Acme"));
        }
    }
    assert!(set_asides(&shop, foreign.primary(), "foreign").await > 0);
    let written = mark(&fleet, fleet.primary()).await;

    switch.turn(foreign.primary().address());
    end_sessions(&fleet, "storefront%").await;

    for turn in 0..3 {
        let (outcome, _) = create(&shop, &format!("turned-{turn}")).await;
        assert_eq!(outcome, Outcome::Refused, "{:?}", statuses(&shop).await);
        assert_eq!(read(&shop, "acme", "").await.unwrap().name.as_deref(), Some("Acme"));
    }
    assert_eq!(statuses(&shop).await, ["foreign", "replica", "foreign"]);
    assert_eq!(mark(&fleet, fleet.primary()).await, written);
    assert_eq!(mark(&foreign, foreign.primary()).await, before, "another database was written to");

    switch.turn(fleet.primary().address());
    end_sessions(&foreign, "storefront%").await;
    until_written(&shop, "back").await;
    assert_eq!(mark(&foreign, foreign.primary()).await, before, "another database was written to");
    shop.stop().await;
    foreign.end().await;
    fleet.end().await;
}

#[tokio::test]
async fn connections_to_an_old_primary_are_not_used_once_its_address_leads_to_the_new_one() {
    let fleet = Fleet::faulty().await;
    let (old, promoted) = (fleet.primary(), fleet.replica(0));
    let switch = Switch::start(old.address()).await;
    let shop = fleet.instance_on(&switch.url(&fleet.database), &[], &PATIENCE).await;
    let both_pools = (0..8).map(|turn| {
        let (shop, slug) = (&shop, format!("old-{turn}"));
        async move {
            let (outcome, token) = create(shop, &slug).await;
            assert_eq!(outcome, Outcome::Acknowledged);
            read(shop, &slug, &token).await.unwrap();
        }
    });
    join_all(both_pools).await;
    fleet.stack().await_replay().await.unwrap();
    promoted.promote().await.unwrap();

    switch.turn(promoted.address());
    end_sessions(&fleet, "storefront health").await;
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

/// Ends the sessions of servers on the primary: of their requests, their checks, or all.
async fn end_sessions(fleet: &Fleet, like: &str) {
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{}' AND application_name LIKE '{like}'",
        fleet.database
    );
    fleet.primary().execute("postgres", &sql).await.unwrap();
}

/// Waits until a check of this node has been taken note of: the next one has begun.
async fn until_checked(fleet: &Fleet, node: &Node) {
    const LAST: &str = "SELECT coalesce(max(extract(epoch FROM query_start) * 1000000), 0)::bigint \
         FROM pg_stat_activity WHERE application_name = 'storefront health' AND query LIKE '%system_identifier%'";
    let mut first = 0;
    until("the node is checked", async || {
        let last = fleet.number(node, LAST).await;
        if first == 0 {
            first = last;
        }
        last > first
    })
    .await;
}
