//! Values that this version of the program cannot read, or would not store.

use serde_json::{Value, json};

use super::acts::{NO_TIER, rename};
use super::entry::{Entry, at_version, of_other_schema, version};
use super::process::Process;
use crate::support::{EXPLAIN, Fleet, Shop, until};

const NAME: &str = "query ($id: ID!) { product(id: $id) { name skus { id } } }";

/// A product that an instance with metrics of its own reads, and another one writes.
struct Shelf {
    fleet: Fleet,
    writer: Shop,
    reader: Process,
    product: String,
    entry: Entry,
    /// What is cached of the product before anything happens to it.
    old: Vec<u8>,
}

impl Shelf {
    async fn start() -> Self {
        let fleet = Fleet::shared().await;
        let writer = fleet.cached(&NO_TIER).await;
        let store = writer.store("acme").await;
        let product = writer.product(&store, "mug").await;
        fleet.stack().await_replay().await.unwrap();
        let reader = Process::in_use(&fleet, &[("REPLICA_URLS", "")]).await;
        let entry = Entry::of(&fleet, &writer, "product", &product).await;
        let shelf = Self { fleet, writer, reader, product, entry, old: Vec::new() };
        let old = shelf.entry.stored_by(async || shelf.read().await).await;
        Self { old, ..shelf }
    }

    /// The name that is shown, and how many statements it took.
    async fn read(&self) -> (String, u64) {
        let answer = self.reader.send(NAME, json!({ "id": self.product }), &[EXPLAIN]).await;
        (answer.string("/product/name"), answer.statements())
    }

    async fn end(self) {
        self.writer.stop().await;
        self.reader.program.stop().await;
        self.fleet.end().await;
    }
}

#[tokio::test]
async fn what_another_version_of_the_program_wrote_is_a_miss_and_is_replaced() {
    let shelf = Shelf::start().await;
    let Shelf { entry, old, reader, .. } = &shelf;
    let passed = reader.passed("other_schema").await;

    entry.set(&of_other_schema(old)).await;

    assert_eq!(shelf.read().await, ("mug".to_owned(), 1));
    assert_eq!(reader.passed("other_schema").await, passed + 1.0);
    until("it is replaced", async || entry.bytes().await.as_ref() == Some(old)).await;
    assert_eq!(shelf.read().await, ("mug".to_owned(), 0));
    shelf.end().await;
}

#[tokio::test]
async fn fences_hold_for_both_versions_of_the_program_that_write_at_once() {
    let shelf = Shelf::start().await;
    let Shelf { entry, old, reader, writer, product, fleet, .. } = &shelf;
    rename(writer, product, "new").await;
    fleet.stack().await_replay().await.unwrap();

    assert_eq!([entry.put(old).await, entry.put(&of_other_schema(old)).await], ["fenced", "fenced"]);

    assert_eq!(shelf.read().await.0, "new");
    let new = entry.stored_by(async || shelf.read().await).await;
    let others = of_other_schema(&new);
    assert_eq!([entry.put(&others).await, entry.put(&new).await, entry.put(&new).await], ["stored", "stored", "older"]);
    assert_eq!(entry.put_unfenced(&of_other_schema(old)).await, "older");
    // The other one has seen a write of which this one has not heard.
    let ahead = at_version(&others, version(&others) + 1);
    assert_eq!([entry.put(&ahead).await, entry.put(&new).await], ["stored", "older"]);
    let refused = reader.refused("older").await;
    assert_eq!(shelf.read().await, ("new".to_owned(), 1));
    until("its fill is refused", async || reader.refused("older").await == refused + 1.0).await;
    assert_eq!(entry.bytes().await, Some(ahead));
    shelf.end().await;
}

#[tokio::test]
async fn a_corrupt_value_is_a_miss_and_is_replaced() {
    let shelf = Shelf::start().await;
    let Shelf { entry, old, reader, .. } = &shelf;
    let newest = at_version(old, i64::MAX);
    let tail = [&old[..], b"!"].concat();
    let rubbish = [&old[..9], &[0xff; 40][..]].concat();

    for corrupt in [&[][..], b"x", &old[..8], &old[..9], &old[..old.len() - 1], &tail, &rubbish, &newest] {
        entry.set(corrupt).await;
        let passed = reader.passed("corrupt").await;

        assert_eq!(shelf.read().await.0, "mug", "{corrupt:x?}");

        assert_eq!(reader.passed("corrupt").await, passed + 1.0, "{corrupt:x?}");
        until("it is replaced", async || {
            shelf.read().await;
            entry.bytes().await.as_ref() == Some(old)
        })
        .await;
    }
    assert_eq!(shelf.read().await, ("mug".to_owned(), 0));
    shelf.end().await;
}

#[tokio::test]
async fn a_product_with_two_thousand_variants_is_served_and_not_stored() {
    let shelf = Shelf::start().await;
    let Shelf { fleet, writer, product, entry, reader, .. } = &shelf;
    let variants = format!(
        "INSERT INTO skus (id, product_id, option_values, price, created_at, updated_at) \
         SELECT gen_random_uuid(), '{}', jsonb_build_array('variant ' || n), n, now(), now() FROM generate_series(1, 2000) n",
        writer.key(product)
    );
    fleet.primary().execute(&fleet.database, &variants).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    until("the sweep has told of it", async || entry.bytes().await.is_none()).await;
    let refused = reader.refused("too_long").await;

    for turn in 1..=3 {
        let answer = reader.send(NAME, json!({ "id": product }), &[EXPLAIN]).await;
        assert_eq!(answer.data("/product/skus").as_array().map(Vec::len), Some(2000));
        assert_eq!(answer.statements(), 1, "{:?}", answer.json["extensions"]);
        until("the fill is refused", async || reader.refused("too_long").await == refused + f64::from(turn)).await;
        assert_eq!(entry.bytes().await, None);
    }
    let in_page = "{ products(first: 10) { nodes { name skus { price { amount } } } } }";
    let answer = reader.send(in_page, Value::Null, &[]).await;
    assert_eq!(answer.data("/products/nodes/0/skus").as_array().map(Vec::len), Some(2000));
    shelf.end().await;
}

#[tokio::test]
async fn spoilt_keys_keep_nobody_from_being_fenced() {
    let shelf = Shelf::start().await;
    let other = shelf.writer.product(&shelf.writer.store("other").await, "jug").await;

    shelf.entry.spoil().await;
    rename(&shelf.writer, &shelf.product, "new").await;
    rename(&shelf.writer, &other, "new as well").await;

    until("the new name is read", async || shelf.read().await.0 == "new").await;
    until("it is cached again", async || shelf.read().await == ("new".to_owned(), 0)).await;
    let settled = "SELECT count(*) FROM change_log WHERE NOT is_settled";
    until("the change log is swept", async || shelf.fleet.number(settled).await == 0).await;
    shelf.end().await;
}
