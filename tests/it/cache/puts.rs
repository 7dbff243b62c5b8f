//! Fills that come after the write that they do not show: each is refused, whatever was written.

use serde_json::{Value, json};

use super::acts::{NO_TIER, PRODUCT, change, name, read, rename};
use super::entry::{Entry, at_version, version};
use crate::support::{Fleet, Shop, until};

/// Two instances, and a product with a sku that both have read.
struct Shelf {
    fleet: Fleet,
    instances: [Shop; 2],
    product: String,
    sku: String,
    entry: Entry,
    /// What is cached of the product before anything happens to it.
    old: Vec<u8>,
}

impl Shelf {
    async fn start() -> Self {
        let fleet = Fleet::shared().await;
        let instances = [fleet.cached(&NO_TIER).await, fleet.cached(&NO_TIER).await];
        let store = instances[0].store("acme").await;
        let sizes = json!([{ "name": "Size", "values": ["S", "M"] }]);
        let input = json!({ "storeId": store, "slug": "mug", "name": "mug", "status": "ACTIVE", "options": sizes });
        let product = instances[0].product_with(input).await;
        let sku = instances[0].sku_with(json!({ "productId": product, "optionValues": ["S"], "price": "9.99" })).await;
        instances[0].stock(&sku, 5).await;
        fleet.stack().await_replay().await.unwrap();
        let entry = Entry::of(&fleet, &instances[0], "product", &product).await;
        let old = entry.stored_by(async || name(&instances[0], &product).await).await;
        Self { fleet, instances, product, sku, entry, old }
    }

    /// What both instances show, once the replicas have what was written.
    async fn shown(&self, product: &str, path: &str) -> Value {
        self.fleet.stack().await_replay().await.unwrap();
        let one = read(&self.instances[0], product, &[]).await.data(path).clone();
        let other = read(&self.instances[1], product, &[]).await.data(path).clone();
        assert_eq!(one, other);
        one
    }

    async fn end(self) {
        for shop in self.instances {
            shop.stop().await;
        }
        self.fleet.end().await;
    }
}

#[tokio::test]
async fn of_two_writes_whose_fills_come_in_reverse_the_later_one_stays() {
    let shelf = Shelf::start().await;
    let Shelf { instances: [one, other], product, entry, .. } = &shelf;
    rename(one, product, "first").await;
    assert_eq!(shelf.shown(product, "/product/name").await, "first");
    let first = entry.stored_by(async || name(one, product).await).await;
    rename(other, product, "second").await;
    assert_eq!(shelf.shown(product, "/product/name").await, "second");
    let second = entry.stored_by(async || name(one, product).await).await;

    entry.evict_value().await;
    assert_eq!(entry.put(&first).await, "fenced");
    assert_eq!([entry.put_unfenced(&second).await, entry.put_unfenced(&first).await], ["stored", "older"]);
    assert_eq!(entry.put_unfenced(&second).await, "older");

    assert_eq!(entry.bytes().await, Some(second));
    assert_eq!(shelf.shown(product, "/product/name").await, "second");
    shelf.end().await;
}

#[tokio::test]
async fn a_change_of_nothing_but_a_sku_raises_the_product_and_keeps_its_old_node_out() {
    let shelf = Shelf::start().await;
    let Shelf { instances: [one, _], product, sku, entry, .. } = &shelf;
    let mut old = shelf.old.clone();
    let changes = [
        (json!({ "id": sku, "price": "12.00" }), "/product/skus/0/price/amount", json!("12.00")),
        (json!({ "id": sku, "optionValues": ["M"] }), "/product/skus/0/title", json!("M")),
        (json!({ "id": sku, "code": "mug-m" }), "/product/skus/0/code", json!("mug-m")),
    ];

    for (input, path, expected) in changes {
        change(one, "skuUpdate", input, &[]).await;

        assert_eq!(entry.put(&old).await, "fenced");
        shelf.fleet.stack().await_replay().await.unwrap();
        for shop in &shelf.instances {
            let query = "query ($id: ID!) { product(id: $id) { skus { title code price { amount } } } }";
            assert_eq!(shop.ask(query, json!({ "id": product })).await.data(path), &expected);
        }
        let new = entry.stored_by(async || name(one, product).await).await;
        assert!(version(&new) > version(&old));
        assert_eq!(entry.put_unfenced(&old).await, "older");
        old = new;
    }
    shelf.end().await;
}

#[tokio::test]
async fn a_sku_that_is_moved_by_hand_is_shown_where_it_is_and_nowhere_else() {
    let shelf = Shelf::start().await;
    let Shelf { fleet, instances: [one, _], product, sku, .. } = &shelf;
    let store = store_of(one, product).await;
    let other = one.product(&store, "cup").await;
    fleet.stack().await_replay().await.unwrap();
    let mut late = Vec::new();
    for id in [product, &other] {
        shelf.shown(id, "/product/skus").await;
        for kind in ["product", "stock"] {
            let entry = Entry::of(fleet, one, kind, id).await;
            if !(kind == "stock" && id == &other) {
                late.push((entry.stored_by(async || read(one, id, &[]).await).await, entry));
            }
        }
    }

    let (from, to) = (one.key(product), one.key(&other));
    let moved = format!("UPDATE skus SET product_id = '{to}', option_values = '[]' WHERE product_id = '{from}'");
    fleet.primary().execute(&fleet.database, &moved).await.unwrap();

    let shown = json!([{ "price": { "amount": "9.99" }, "stock": { "quantity": 5 } }]);
    for shop in &shelf.instances {
        until("both products show it rightly", async || {
            let skus = async |id| read(shop, id, &[]).await.data("/product/skus").clone();
            skus(product).await == json!([]) && skus(&other).await == shown
        })
        .await;
    }
    for (old, entry) in &late {
        until("the late fill is refused", async || entry.put(old).await == "fenced").await;
        assert!(entry.version().await.is_none_or(|held| held > version(old)));
    }
    let owner = "query ($id: ID!) { node(id: $id) { ... on Sku { product { slug } stock { quantity } } } }";
    for shop in &shelf.instances {
        let node = shop.ask(owner, json!({ "id": sku })).await;
        assert_eq!(node.data("/node"), &json!({ "product": { "slug": "cup" }, "stock": { "quantity": 5 } }));
    }
    assert_eq!(shelf.shown(product, "/product/skus").await, json!([]));
    assert_eq!(shelf.shown(&other, "/product/skus").await, shown);
    shelf.end().await;
}

async fn store_of(shop: &Shop, product: &str) -> String {
    let query = "query ($id: ID!) { product(id: $id) { store { id } } }";
    shop.ask(query, json!({ "id": product })).await.string("/product/store/id")
}

#[tokio::test]
async fn a_fill_that_was_on_its_way_for_too_long_is_refused() {
    let shelf = Shelf::start().await;
    let Shelf { entry, old, .. } = &shelf;
    let newer = at_version(old, version(old) + 1);

    assert_eq!(entry.put_within(&newer, -1).await, "late");
    assert_eq!(entry.bytes().await.as_ref(), Some(old));

    assert_eq!(entry.put_within(&newer, 60_000_000).await, "stored");
    assert_eq!(entry.bytes().await, Some(newer));
    shelf.end().await;
}

#[tokio::test]
async fn a_deleted_product_stays_gone_whoever_fills_it_late() {
    let shelf = Shelf::start().await;
    let Shelf { fleet, instances: [one, other], product, sku, entry, old } = &shelf;
    let stock = Entry::of(fleet, one, "stock", product).await;
    let old_stock = stock.stored_by(async || read(other, product, &[]).await).await;

    change(one, "productDelete", json!({ "id": product }), &[]).await;

    assert_eq!([entry.put(old).await, stock.put(&old_stock).await], ["fenced", "fenced"]);
    assert_eq!((entry.bytes().await, stock.bytes().await), (None, None));
    fleet.stack().await_replay().await.unwrap();
    for shop in &shelf.instances {
        assert_eq!(shop.ask(PRODUCT, json!({ "id": product })).await.data("/product"), &Value::Null);
        let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } products(first: 9) { nodes { id } } }";
        let answer = shop.ask(nodes, json!({ "ids": [product, sku] })).await;
        assert_eq!(answer.data("/nodes"), &json!([null, null]));
        assert_eq!(answer.data("/products/nodes"), &json!([]));
    }
    assert_eq!((entry.bytes().await, stock.bytes().await), (None, None));
    shelf.end().await;
}
