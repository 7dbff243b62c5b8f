//! A small shop that can be put into any database, whose names tell where they were read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use storefront::db::Token;

use crate::support::{Answer, EXPLAIN, Fleet, STAFF, Shop, Telltale};

/// The store acme with one product, its sku and its stock: everywhere with the same ids, and named as told.
pub fn rows(name: &str, quantity: i32) -> String {
    let id = |number: u8| format!("'00000000-0000-7000-8000-0000000000{number:02}'");
    let (store, product, sku) = (id(1), id(2), id(3));
    format!(
        "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
         VALUES ({store}, 'acme', '{name}', 'EUR', now(), now()); \
         INSERT INTO products (id, store_id, slug, name, status, currency_code, created_at, updated_at) \
         VALUES ({product}, {store}, 'mug', '{name}', 'ACTIVE', 'EUR', now(), now()); \
         INSERT INTO skus (id, product_id, code, option_values, price, created_at, updated_at) \
         VALUES ({sku}, {product}, '{name}', '[]', 1000, now(), now()); \
         INSERT INTO stock (sku_id, product_id, quantity, updated_at) VALUES ({sku}, {product}, {quantity}, now());"
    )
}

/// An instance whose one replica says `replica` where its primary says `primary`.
pub struct Divided {
    pub shop: Shop,
    pub fleet: Fleet,
    telltale: Telltale,
}

impl Divided {
    pub async fn start(flags: &[&str]) -> Self {
        let fleet = Fleet::shared().await;
        let telltale = fleet.telltale(0, &[&rows("replica", 1)]).await;
        fleet.primary().execute(&fleet.database, &rows("primary", 2)).await.unwrap();
        let shop = fleet.instance_on(&fleet.primary_url(), std::slice::from_ref(&telltale.url), flags).await;
        shop.until_in_use().await;
        Self { shop, fleet, telltale }
    }

    /// The name that a read with these headers finds: where it was read.
    pub async fn read(&self, headers: &[(&str, &str)]) -> String {
        name(&read(&self.shop, headers).await)
    }

    /// The token of a write, which no replica has replayed: only the primary will do.
    pub async fn token_ahead(&self) -> String {
        self.forged(|token| token.position.as_mut().unwrap().1.0 += 1 << 40).await
    }

    /// The token of a write with something else in it, sealed as the server would.
    pub async fn forged(&self, change: impl FnOnce(&mut Token)) -> String {
        let answer = rename(&self.shop, "primary", &[]).await;
        let mut opened = self.shop.app.tokens.open(&answer.token()).unwrap();
        change(&mut opened);
        self.shop.app.tokens.close(&opened)
    }

    /// The same token as if it had been issued earlier.
    pub fn aged(&self, token: &str, by_us: i64) -> String {
        let mut opened = self.shop.app.tokens.open(token).unwrap();
        opened.issued_us -= by_us;
        opened.primary_until_us = opened.primary_until_us.map(|until_us| until_us - by_us);
        self.shop.app.tokens.close(&opened)
    }

    /// Fills the database of the replica, through its primary.
    pub async fn on_replica(&self, sql: &str) {
        self.telltale.execute(&self.fleet, sql).await;
    }

    pub async fn end(self) {
        self.shop.stop().await;
        self.telltale.end(&self.fleet).await;
        self.fleet.end().await;
    }
}

/// Reads acme, explained.
pub async fn read(shop: &Shop, headers: &[(&str, &str)]) -> Answer {
    shop.send("{ store(slug: \"acme\") { id name } }", json!({}), &[&[EXPLAIN], headers].concat()).await
}

#[track_caller]
pub fn name(answer: &Answer) -> String {
    answer.string("/store/name")
}

/// Gives acme a name.
pub async fn rename(shop: &Shop, name: &str, headers: &[(&str, &str)]) -> Answer {
    let id = shop.send("{ store(slug: \"acme\") { id } }", json!({}), headers).await.string("/store/id");
    let mutation = "mutation ($input: StoreUpdateInput!) { \
                    storeUpdate(input: $input) { store { name } userErrors { message } } }";
    let answer =
        shop.send(mutation, json!({ "input": { "id": id, "name": name } }), &[&[STAFF], headers].concat()).await;
    assert_eq!(answer.string("/storeUpdate/store/name"), name);
    answer
}

/// The servers that an explained operation ran statements on, each with its role.
#[track_caller]
pub fn servers(answer: &Answer) -> BTreeSet<(String, String)> {
    let statements = answer.json["extensions"]["explain"]["statements"].as_array();
    let statements = statements.unwrap_or_else(|| panic!("nothing explained in {}", answer.text));
    let text = |statement: &Value, field: &str| statement[field].as_str().unwrap().to_owned();
    statements.iter().map(|statement| (text(statement, "role"), text(statement, "host"))).collect()
}

/// The roles in which servers answered.
#[track_caller]
pub fn roles(answer: &Answer) -> Vec<String> {
    servers(answer).into_iter().map(|(role, _)| role).collect()
}
