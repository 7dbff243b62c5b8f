//! Two instances on one database and one Redis, and the people who use them while something breaks.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Answer, EXPLAIN, Fleet, STAFF, Shop, TOKEN, until};

pub const PRODUCT: &str =
    "query ($id: ID!) { product(id: $id) { name store { name } skus { price { amount } stock { quantity } } } }";
const PRODUCTS: &str = "query ($first: Int!) { products(first: $first) { nodes { id skus { id } } } }";
pub const RENAME: &str = "mutation ($id: ID!, $name: String!) { \
     productUpdate(input: { id: $id, name: $name }) { product { name } userErrors { message } } }";
const COUNT: &str = "mutation ($id: ID!, $quantity: Int!) { \
     stockSet(input: { skuId: $id, quantity: $quantity }) { stock { quantity } userErrors { message } } }";

const MERCHANTS: usize = 2;
const SHOPPERS: usize = 4;
/// Far longer than anything should take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// A product with one sku.
pub struct Product {
    pub id: String,
    pub sku: String,
}

/// The first products of a shop.
pub async fn products(shop: &Shop, first: usize) -> Vec<Product> {
    let answer = shop.ask(PRODUCTS, json!({ "first": first })).await;
    let nodes = answer.data("/products/nodes").as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    nodes.iter().map(|node| Product { id: text(&node["id"]), sku: text(&node["skus"][0]["id"]) }).collect()
}

/// Reads a product as a shopper.
pub async fn read(shop: &Shop, product: &Product) -> Answer {
    answered(shop.send(PRODUCT, json!({ "id": product.id }), &[EXPLAIN])).await
}

/// Gives a product a name as a merchant.
pub async fn rename(shop: &Shop, product: &Product, name: &str) -> Answer {
    answered(shop.send(RENAME, json!({ "id": product.id, "name": name }), &[STAFF])).await
}

/// Waits until a shopper reads this name.
pub async fn until_named(shop: &Shop, product: &Product, name: &str) {
    until(&format!("a shopper reads {name}"), async || read(shop, product).await.string("/product/name") == name).await;
}

/// Waits until a product is read without any statement.
pub async fn until_hot(shop: &Shop, product: &Product) {
    until("the product comes from the cache", async || read(shop, product).await.statements() == 0).await;
}

/// Waits until a product is read without any statement, by this name.
pub async fn until_hot_as(shop: &Shop, product: &Product, name: &str) {
    until(&format!("{name} comes from the cache"), async || {
        let answer = read(shop, product).await;
        answer.statements() == 0 && answer.string("/product/name") == name
    })
    .await;
}

async fn answered(asked: impl Future<Output = Answer>) -> Answer {
    tokio::time::timeout(ANSWERED_WITHIN, asked).await.expect("an operation hangs")
}

/// Products, and who writes and reads them over two instances, one with an in-process tier and one without.
pub struct Market {
    pub fleet: Fleet,
    pub instances: [Shop; 2],
    pub products: Vec<Product>,
    /// How often each merchant has written.
    rounds: [Cell<usize>; MERCHANTS],
    /// How often shoppers were answered.
    answered: Cell<usize>,
}

impl Market {
    /// A market on a stack of its own.
    pub async fn open() -> Self {
        let fleet = Fleet::faulty_with(devstack::StackOptions::default()).await;
        let instances = [fleet.cached(&[]).await, fleet.cached(&["--local-cache-ttl-ms", "0"]).await];
        instances[0].fill(1, 6).await;
        fleet.stack().await_replay().await.unwrap();
        let products = products(&instances[0], 6).await;
        Self { fleet, instances, products, rounds: Default::default(), answered: Cell::new(0) }
    }

    /// Lets merchants write and read back what they wrote, and shoppers read, for as long as the work takes. No operation may fail, and
    /// nobody read behind their own write.
    pub async fn while_open(&self, work: impl Future<Output = ()>) {
        let is_over = Cell::new(false);
        let work = async {
            work.await;
            is_over.set(true);
        };
        let merchants = join_all((0..MERCHANTS).map(|number| self.trade(number, &is_over)));
        let shoppers = join_all((0..SHOPPERS).map(|number| self.browse(number, &is_over)));
        tokio::join!(work, merchants, shoppers);
    }

    /// Waits until every merchant has written a few times more, and shoppers were answered a few times more.
    pub async fn pass(&self) {
        let target = self.rounds.each_ref().map(|rounds| rounds.get() + 8);
        let answered = self.answered.get() + 40;
        until("people go on", async || {
            self.rounds.iter().zip(target).all(|(rounds, target)| rounds.get() >= target)
                && self.answered.get() >= answered
        })
        .await;
    }

    /// Waits until no instance takes what Redis holds.
    pub async fn until_distrusted(&self) {
        let is_trusted = || self.instances.iter().any(|shop| shop.app.shared.cache.is_trusted());
        until("the cache is not trusted", async || !is_trusted()).await;
    }

    /// Waits until others read what was written last, and hot products come from the cache again.
    pub async fn until_settled(&self) {
        for shop in &self.instances {
            for (product, rounds) in self.products.iter().zip(&self.rounds) {
                let last = rounds.get();
                until("others read what was written last", async || {
                    let answer = read(shop, product).await;
                    let (name, quantity) = expected(last);
                    answer.data("/product/name") == &json!(name)
                        && answer.data("/product/skus/0/stock/quantity") == &json!(quantity)
                })
                .await;
                until_hot(shop, product).await;
            }
        }
    }

    pub async fn close(self) {
        for shop in self.instances {
            shop.stop().await;
        }
        self.fleet.end().await;
    }

    /// Writes to one product through one instance and reads it back through the other.
    async fn trade(&self, number: usize, is_over: &Cell<bool>) {
        let (product, rounds) = (&self.products[number], &self.rounds[number]);
        while !is_over.get() {
            let round = rounds.get() + 1;
            let (one, other) = (&self.instances[round / 2 % 2], &self.instances[(round / 2 + 1) % 2]);
            let (name, quantity) = expected(round);
            let written = if round % 2 == 1 {
                rename(one, product, &name).await
            } else {
                answered(one.send(COUNT, json!({ "id": product.sku, "quantity": quantity }), &[STAFF])).await
            };
            assert!(written.json.get("errors").is_none(), "{}", written.text);
            let token = written.token();

            let found = answered(other.send(PRODUCT, json!({ "id": product.id }), &[EXPLAIN, (TOKEN, &token)])).await;

            let own = if round % 2 == 1 { "/product/name" } else { "/product/skus/0/stock/quantity" };
            let written = if round % 2 == 1 { json!(name) } else { json!(quantity) };
            assert_eq!(found.data(own), &written, "a merchant reads behind their own write: {}", found.text);
            rounds.set(round);
        }
    }

    async fn browse(&self, number: usize, is_over: &Cell<bool>) {
        let mut turn = number;
        while !is_over.get() {
            turn += 1;
            let found = read(&self.instances[turn % 2], &self.products[turn % self.products.len()]).await;
            assert!(found.json.get("errors").is_none(), "{}", found.text);
            self.answered.set(self.answered.get() + 1);
        }
    }
}

/// The name and the quantity after so many rounds: odd ones rename, even ones count. Before the first of them the product is as it was made.
fn expected(rounds: usize) -> (String, i64) {
    let named = rounds.div_ceil(2);
    let name = if named == 0 { "Product".to_owned() } else { format!("name {named}") };
    let counted = rounds / 2;
    (name, if counted == 0 { 5 } else { counted as i64 + 100 })
}
