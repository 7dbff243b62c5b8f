//! A read that a write overtakes.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::acts::{NO_TIER, name, rename};
use super::entry::{Entry, version};
use crate::support::{Fleet, until};

/// How long the answers of a database server take to the reader, there and back each.
const HELD: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_read_that_a_write_overtakes_brings_no_old_node_back() {
    let fleet = Fleet::shared().await;
    let writer = fleet.cached(&NO_TIER).await;
    let wires: Vec<_> = fleet.stack().replicas().iter().map(|replica| replica.proxy().unwrap()).collect();
    let slow: Vec<_> = wires.iter().zip(fleet.replica_urls()).map(|(wire, url)| wire.url(&url)).collect();
    let (primary, redis) = (fleet.primary_url(), fleet.redis().url());
    let flags = [&NO_TIER[..], &["--redis-url", &redis]].concat();
    let reader = fleet.instance_on(&primary, &slow, &flags).await;
    until("the reader's cache is in use", async || reader.app.shared.cache.is_trusted()).await;
    reader.until_in_use().await;
    let store = writer.store("acme").await;
    let product = writer.product(&store, "mug").await;
    fleet.stack().await_replay().await.unwrap();
    let entry = Entry::of(&fleet, &writer, "product", &product).await;
    wires.iter().for_each(|wire| wire.delay(HELD));
    let (mut written, mut overtaken) = (0, 0);

    // A round counts whose last write was answered before a read that does not show it.
    until("three reads are overtaken", async || {
        let is_read = Cell::new(false);
        let mut is_over_first = false;
        let reading = async {
            let name = name(&reader, &product).await;
            is_read.set(true);
            name
        };
        let writing = async {
            // Until the statement has reached its server, and its answer has not come back.
            let begun = Instant::now();
            while begun.elapsed() < HELD * 3 / 2 {
                written += 1;
                rename(&writer, &product, &written.to_string()).await;
                // Redis may lose the value at any moment: nothing but the fence keeps an older one out then.
                entry.evict_value().await;
            }
            is_over_first = !is_read.get();
        };
        let (shown, ()) = tokio::join!(reading, writing);
        overtaken += usize::from(is_over_first && shown != written.to_string());
        fleet.stack().await_replay().await.unwrap();
        for shop in [&writer, &reader] {
            assert_eq!(name(shop, &product).await, written.to_string());
        }
        entry.evict_value().await;
        overtaken >= 3
    })
    .await;

    let newest = entry.stored_by(async || name(&writer, &product).await).await;
    assert_eq!(version(&newest), fleet.number("SELECT version FROM products").await);
    assert_eq!(name(&reader, &product).await, written.to_string());
    reader.stop().await;
    writer.stop().await;
    fleet.end().await;
}
