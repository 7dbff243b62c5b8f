//! Replicas that are late: what is read from them is not stored, and nobody reads behind their own write.

use std::cell::Cell;
use std::time::{Duration, Instant};

use devstack::StackOptions;
use futures_util::future::join_all;
use serde_json::json;

use super::acts::{PATIENT, name, name_with, rename};
use super::entry::{Entry, version};
use super::process::Process;
use crate::support::{Fleet, Shop, until};

const LATE: Duration = Duration::from_secs(5);
const CLIENTS: usize = 4;
const ROUNDS: usize = 50;
/// So long writes go on, if nobody else was behind one before.
const DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_late_replica_fills_nothing_though_the_fence_is_lost() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let writer = fleet.cached(&PATIENT).await;
    let store = writer.store("acme").await;
    let product = writer.product(&store, "mug").await;
    rename(&writer, &product, "old").await;
    fleet.stack().await_replay().await.unwrap();
    let patience = [("STOREFRONT_MAX_STALENESS_MS", "25000")];
    let reader = Process::in_use(&fleet, &patience).await;
    let read = async || {
        let query = "query ($id: ID!) { product(id: $id) { name } }";
        reader.send(query, json!({ "id": product }), &[]).await.string("/product/name")
    };
    for replica in fleet.stack().replicas() {
        replica.pause_replay().await.unwrap();
    }
    let token = rename(&writer, &product, "new").await.token();
    let entry = Entry::of(&fleet, &writer, "product", &product).await;
    for replica in fleet.stack().replicas() {
        let host = format!("127.0.0.1:{}", replica.port());
        let staleness = async || reader.metric("storefront_replica_staleness_seconds", &[("host", &host)]).await;
        until("the replica is late", async || staleness().await > LATE.as_secs_f64()).await;
    }
    let refused = reader.refused("late_replica").await;

    entry.evict_value().await;
    entry.evict_fence().await;
    assert_eq!(read().await, "old");

    until("the fill is refused", async || reader.refused("late_replica").await > refused).await;
    assert_eq!(entry.version().await, None);
    assert_eq!(name_with(&writer, &product, &token).await, "new");
    let stored = version(&entry.stored_by(async || name_with(&writer, &product, &token).await).await);
    assert_eq!(stored, fleet.number("SELECT version FROM products").await);
    for _ in 0..5 {
        entry.evict_fence().await;
        assert_eq!((read().await.as_str(), name(&writer, &product).await.as_str()), ("new", "new"));
    }
    assert_eq!(entry.version().await, Some(stored));
    writer.stop().await;
    reader.program.stop().await;
    fleet.end().await;
}

/// What writers and readers tell each other.
#[derive(Default)]
struct Tally {
    /// The last round of each writer.
    written: [Cell<usize>; CLIENTS],
    /// The writers that are done.
    done: Cell<usize>,
    /// How often somebody without a token was behind.
    behind: Cell<usize>,
}

/// Renames its product through one instance and reads it back through the other, in turns, until somebody else was behind; how often
/// that was behind.
async fn write_and_read_back(product: &str, instances: &[Shop; 2], tally: &Tally, client: usize) -> usize {
    let (begun, mut round, mut behind) = (Instant::now(), 0, 0);
    while round < ROUNDS || (tally.behind.get() == 0 && begun.elapsed() < DEADLINE) {
        round += 1;
        let (one, other) = (&instances[round % 2], &instances[(round + 1) % 2]);
        // Whatever others read meanwhile is in the in-process tiers of both.
        let token = rename(one, product, &round.to_string()).await.token();
        tally.written[client].set(round);
        for shop in [other, one] {
            behind += usize::from(name_with(shop, product, &token).await != round.to_string());
        }
    }
    tally.done.set(tally.done.get() + 1);
    behind
}

/// Reads the products without a token until all are written.
async fn browse(products: &[String], instances: &[Shop; 2], tally: &Tally) {
    let mut turn = 0;
    while tally.done.get() < CLIENTS {
        turn += 1;
        let place = turn % products.len();
        let known = tally.written[place].get();
        let name = name(&instances[turn % 2], &products[place]).await;
        if name.parse::<usize>().unwrap() < known {
            tally.behind.set(tally.behind.get() + 1);
        }
    }
}

#[tokio::test]
async fn nobody_reads_behind_their_own_write_through_two_caches_and_late_replicas() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let instances = [fleet.cached(&PATIENT).await, fleet.cached(&PATIENT).await];
    let store = instances[0].store("acme").await;
    let mut products = Vec::new();
    for client in 0..CLIENTS {
        let product = instances[0].product(&store, &format!("product-{client}")).await;
        rename(&instances[0], &product, "0").await;
        products.push(product);
    }
    fleet.stack().await_replay().await.unwrap();
    for shop in &instances {
        shop.until_in_use().await;
    }
    for replica in fleet.stack().replicas() {
        replica.set_apply_delay(LATE).await.unwrap();
    }
    let tally = Tally::default();

    let clients = (0..CLIENTS).map(|client| write_and_read_back(&products[client], &instances, &tally, client));
    let (own, ()) = tokio::join!(join_all(clients), browse(&products, &instances, &tally));

    assert_eq!(own, [0; CLIENTS]);
    assert!(tally.behind.get() > 0, "the replicas were not late");
    for replica in fleet.stack().replicas() {
        replica.set_apply_delay(Duration::ZERO).await.unwrap();
    }
    fleet.stack().await_replay().await.unwrap();
    for shop in &instances {
        for (product, written) in products.iter().zip(&tally.written) {
            let last = written.get().to_string();
            until("everyone sees the last write", async || name(shop, product).await == last).await;
        }
    }
    for shop in instances {
        shop.stop().await;
    }
    fleet.end().await;
}
