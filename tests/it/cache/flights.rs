//! Flights: many who ask for the same node at the same moment are one read.

use futures_util::future::join_all;
use serde_json::json;

use super::acts::{NO_TIER, name};
use super::entry::Entry;
use super::process::Process;
use crate::support::{Fleet, Impatient, STAFF, until};

const MANY: usize = 64;
const NAME: &str = "query ($id: ID!) { product(id: $id) { name } }";

/// Longer than the test holds a read.
const PATIENCE: [(&str, &str); 2] = [("STOREFRONT_STATEMENT_TIMEOUT_MS", "30000"), ALONE];
/// Without replicas, which may happen to be late: who reads from one stores nothing.
const ALONE: (&str, &str) = ("REPLICA_URLS", "");

async fn missed(instance: &Process) -> f64 {
    let labels = [("kind", "product"), ("outcome", "miss")];
    instance.counted("reads_total", &labels).await
}

async fn statements(instance: &Process) -> f64 {
    instance.metric("storefront_sql_statements_total", &[("label", "ProductById")]).await
}

#[tokio::test]
async fn who_waits_for_a_read_gets_it_though_the_one_who_began_it_hangs_up() {
    let fleet = Fleet::shared().await;
    let writer = fleet.cached(&NO_TIER).await;
    let store = writer.store("acme").await;
    let product = writer.product(&store, "mug").await;
    let instance = Process::in_use(&fleet, &PATIENCE).await;
    let before = (missed(&instance).await, statements(&instance).await);
    let entry = Entry::of(&fleet, &writer, "product", &product).await;
    // Whoever wrote it fills it, a moment later.
    entry.stored_by(async || name(&writer, &product).await).await;
    entry.evict_value().await;
    let blockade = writer.block("products").await;

    let leader = Impatient::ask(instance.program.address, NAME, json!({ "id": product })).await;
    until("the read waits", async || fleet.waiting(fleet.primary()).await.len() == 1).await;
    let others = join_all((1..MANY).map(|_| instance.send(NAME, json!({ "id": product }), &[])));
    let end = async {
        until("all have joined", async || missed(&instance).await == before.0 + MANY as f64).await;
        leader.hang_up().await;
        blockade.lift().await;
    };
    let (answers, ()) = tokio::join!(others, end);

    for answer in answers {
        assert_eq!(answer.string("/product/name"), "mug");
    }
    assert_eq!(statements(&instance).await, before.1 + 1.0);
    entry.stored_by(async || instance.send(NAME, json!({ "id": product }), &[]).await).await;
    writer.stop().await;
    instance.program.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn many_reads_of_a_cold_product_are_one_statement_of_each_instance() {
    let fleet = Fleet::shared().await;
    let writer = fleet.cached(&NO_TIER).await;
    let store = writer.store("acme").await;
    let product = writer.product(&store, "mug").await;
    let instances = [Process::in_use(&fleet, &[ALONE]).await, Process::in_use(&fleet, &[ALONE]).await];
    let entry = Entry::of(&fleet, &writer, "product", &product).await;

    for round in 0..20 {
        entry.evict_value().await;
        let before = [statements(&instances[0]).await, statements(&instances[1]).await];

        let asked = (0..2 * MANY).map(|turn| instances[turn % 2].send(NAME, json!({ "id": product }), &[STAFF]));
        for answer in join_all(asked).await {
            assert_eq!(answer.string("/product/name"), "mug");
        }

        let statements = [statements(&instances[0]).await, statements(&instances[1]).await];
        let new = [statements[0] - before[0], statements[1] - before[1]];
        assert!(new.iter().all(|new| *new <= 1.0), "round {round}: {new:?} statements");
    }
    writer.stop().await;
    for instance in instances {
        instance.program.stop().await;
    }
    fleet.end().await;
}
