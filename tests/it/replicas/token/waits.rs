//! A replica that has caught up since the last check, or is about to, serves the read.

use std::time::Duration;

use tokio::time::timeout;

use crate::replicas::acme::{name, read, rename, roles, rows};
use crate::support::{Fleet, Shop, TOKEN};

/// The checks at the start are the only ones for the length of a test.
const OLD_CHECKS: [&str; 10] = [
    "--health-interval-ms",
    "60000",
    // They have to succeed: the next ones come too late.
    "--health-timeout-ms",
    "30000",
    "--max-staleness-ms",
    "1800000",
    "--token-life-ms",
    "3600000",
    // The question has to be answered within this time on a machine that does other things as well.
    "--token-wait-ms",
    "1000",
];

/// An instance whose checks at the start have found all servers up to date. A replica that lacked anything then, such as what an instance
/// writes when it first meets a database, would not be looked at again for a minute.
async fn checked_once(fleet: &Fleet) -> Shop {
    loop {
        fleet.stack().await_replay().await.unwrap();
        let shop = fleet.instance(&OLD_CHECKS).await;
        if timeout(Duration::from_secs(2), shop.until_in_use()).await.is_ok() {
            return shop;
        }
        shop.stop().await;
    }
}

#[tokio::test]
async fn a_replica_is_asked_whether_it_has_caught_up_since_the_last_check() {
    let fleet = Fleet::faulty().await;
    fleet.primary().execute(&fleet.database, &rows("old", 1)).await.unwrap();
    let shop = checked_once(&fleet).await;

    for new in ["one", "two", "three"] {
        let token = rename(&shop, new, &[]).await.token();
        fleet.stack().await_replay().await.unwrap();

        let answer = read(&shop, &[(TOKEN, &token)]).await;

        assert_eq!((name(&answer).as_str(), roles(&answer)), (new, vec!["replica".to_owned()]), "{}", answer.text);
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn among_replicas_that_stood_alike_at_the_last_check_the_one_that_has_it_is_found() {
    let fleet = Fleet::faulty().await;
    fleet.primary().execute(&fleet.database, &rows("old", 1)).await.unwrap();

    for late in [0, 1] {
        let shop = checked_once(&fleet).await;
        fleet.replica(late).pause_replay().await.unwrap();
        let token = rename(&shop, "new", &[]).await.token();
        let other = fleet.replica(1 - late);
        other.await_replayed(fleet.primary().position().await.unwrap()).await.unwrap();

        let answer = read(&shop, &[(TOKEN, &token)]).await;

        assert_eq!((name(&answer).as_str(), roles(&answer)), ("new", vec!["replica".to_owned()]), "{}", answer.text);
        fleet.replica(late).resume_replay().await.unwrap();
        shop.stop().await;
    }
    fleet.end().await;
}
