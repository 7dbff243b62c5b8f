//! Two shoppers with orders, staff, and those who have no session any more, or never had one.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use storefront::auth::{SecretKey, Sessions};

use crate::accounts::{PASSWORD, log_in, register, try_log_in, write};
use crate::support::{Kind, Line, PlacedOrder, Shop};

/// What changes although a request is refused: failures are counted, and the change log is swept and messages are sent all the time.
const RESTLESS: [&str; 4] = ["change_log", "login_failures", "messages", "user_tokens"];

/// A shopper with an order.
pub struct Person {
    pub id: String,
    pub email: String,
    pub name: String,
    pub bought: String,
    pub order: PlacedOrder,
    pub session: String,
}

impl Person {
    pub async fn join(shop: &Shop, first_name: &str) -> Self {
        let (email, name) = (format!("{first_name}@example.com"), format!("{first_name} of nowhere"));
        let (id, bought) = (register(shop, &email).await, format!("What {first_name} has bought"));
        shop.done("userUpdate", json!({ "id": id, "name": name }), "").await;
        let line = Line { sku: None, name: &bought, quantity: 1, unit_price: 1999 };
        let order = shop.order(&id, "2026-01-01T00:00:00Z", &[line]).await;
        let items = "query ($id: ID!) { node(id: $id) { ... on Order { items { id } } } }";
        let item = shop.ask_as_staff(items, json!({ "id": order })).await.string("/node/items/0/id");
        let session = log_in(shop, &email).await;
        Self { id, email, name, bought, order: PlacedOrder { id: order, item }, session }
    }

    /// What nobody else may be told.
    pub fn secrets(&self) -> Vec<&str> {
        vec![&self.email, &self.name, &self.bought, &self.id, &self.order.id, &self.order.item]
    }
}

/// A session of a member of staff.
pub async fn staff(shop: &Shop) -> String {
    register(shop, "staff@example.com").await;
    shop.sql("UPDATE users SET role = 'STAFF' WHERE email = 'staff@example.com'", vec![]).await;
    log_in(shop, "staff@example.com").await
}

/// Sessions that are none: ended, over, of a user who is gone, made up, made by another installation. By what is wrong with them.
pub async fn no_sessions(shop: &Shop, email: &str) -> BTreeMap<&'static str, String> {
    let revoked = log_in(shop, email).await;
    write(shop, &revoked, "sessionDelete", json!({}), "deletedSessionId")
        .await
        .string("/sessionDelete/deletedSessionId");
    let over = try_log_in(shop, email, PASSWORD).await;
    let id = shop.key(&over.string("/sessionCreate/session/id"));
    let past = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    shop.sql("UPDATE sessions SET expires_at = $1 WHERE id = $2", vec![past.into(), id.into()]).await;
    let leaver = register(shop, "leaver@example.com").await;
    let of_leaver = log_in(shop, "leaver@example.com").await;
    shop.done("userDelete", json!({ "id": leaver }), "deletedUserId").await;
    let elsewhere = Sessions::new(shop.db.clone(), &SecretKey::new("of another installation"), None);
    BTreeMap::from([
        ("revoked", revoked),
        ("over", format!("Bearer {}", over.string("/sessionCreate/token"))),
        ("of a user who is gone", of_leaver),
        ("made up", format!("Bearer sfs_{}", "A".repeat(43))),
        ("of another installation", format!("Bearer {}", elsewhere.new_token().unwrap().0)),
        ("no token at all", "Bearer null".to_owned()),
    ])
}

/// Every row of every table of the database, but for those that never rest.
pub async fn every_row(shop: &Shop) -> String {
    let db = shop.db.administration();
    let all = async |sql: String| {
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap()).collect::<Vec<_>>()
    };
    let tables = match shop.kind {
        Kind::Postgres => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
        Kind::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
    };
    let mut tables = all(tables.to_owned()).await;
    tables.sort_unstable();
    let mut text = String::new();
    for table in tables.iter().filter(|table| !RESTLESS.contains(&table.as_str())) {
        let rows = match shop.kind {
            Kind::Postgres => format!("SELECT t::text FROM \"{table}\" t"),
            Kind::Sqlite => {
                let columns =
                    all(format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')")).await;
                format!("SELECT {} FROM \"{table}\"", columns.join(" || ', ' || "))
            }
        };
        let mut rows = all(rows).await;
        rows.sort_unstable();
        text += &format!("{table}: {rows:#?}\n");
    }
    text
}

/// Whoever asks, as the headers say it.
pub fn by(session: &str) -> [(&str, &str); 1] {
    [("authorization", session)]
}
