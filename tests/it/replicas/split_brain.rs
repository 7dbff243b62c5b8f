//! Several servers that could be written to: when it cannot be told which one is the primary, none is written to.

use devstack::{Proxy, StackOptions};

use super::client::{
    Outcome, PATIENCE, assert_refused, create, end_sessions, insert_store, mark, name_of, read, set_asides,
    until_statuses, until_written,
};
use crate::support::{Fleet, Program, STAFF_KEY, Switch, run, until};

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
    assert_eq!(unaware.statuses().await[0], "outdated");
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
        assert_eq!(outcome, Outcome::Refused, "{:?}", shop.statuses().await);
        assert_eq!(read(&shop, "acme", "").await.unwrap().name.as_deref(), Some("Acme"));
    }
    assert_eq!(shop.statuses().await, ["foreign", "replica", "foreign"]);
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
