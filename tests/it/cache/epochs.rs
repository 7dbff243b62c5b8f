//! A failover that loses a write: the history in which it was made is over, for the cache as well.

use devstack::StackOptions;

use super::acts::{PATIENT, name, rename};
use super::entry::{Entry, version};
use crate::support::{Fleet, until};

/// Flags of an instance that soon says that there is no primary.
const HASTY: [&str; 2] = ["--connection-wait-ms", "500"];

#[tokio::test]
async fn what_a_failover_loses_is_not_read_from_the_cache_though_its_version_is_given_again() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let flags = [&HASTY[..], &PATIENT].concat();
    let instances = [fleet.cached(&flags).await, fleet.cached(&flags).await];
    let [one, other] = &instances;
    let store = one.store("acme").await;
    let product = one.product(&store, "mug").await;
    rename(one, &product, "kept").await;
    fleet.stack().await_replay().await.unwrap();
    for replica in fleet.stack().replicas() {
        replica.stop().await.unwrap();
    }
    rename(one, &product, "lost").await;
    let of_the_old = Entry::of(&fleet, one, "product", &product).await;
    for shop in &instances {
        until("the write is shown", async || name(shop, &product).await == "lost").await;
    }
    let lost = version(&of_the_old.stored_by(async || name(one, &product).await).await);

    fleet.primary().kill().await.unwrap();
    let promoted = fleet.replica(0);
    promoted.start().await.unwrap();
    promoted.promote().await.unwrap();
    for shop in &instances {
        until("it has a primary", async || shop.statuses().await.contains(&"primary".to_owned())).await;
        until("it reads from the new primary", async || name(shop, &product).await == "kept").await;
    }

    rename(other, &product, "written again").await;

    let of_the_new = Entry::of(&fleet, one, "product", &product).await;
    for shop in &instances {
        until("others see the write", async || name(shop, &product).await == "written again").await;
    }
    assert_eq!(version(&of_the_new.stored_by(async || name(one, &product).await).await), lost);
    assert_eq!(of_the_old.version().await, Some(lost), "it is no longer there to be mistaken for the new one");
    for _ in 0..50 {
        for shop in &instances {
            assert_eq!(name(shop, &product).await, "written again");
        }
    }
    for shop in instances {
        shop.stop().await;
    }
    fleet.end().await;
}
