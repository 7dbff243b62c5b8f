//! Orders, which no mutation makes: put into the database as a checkout would.

use chrono::{DateTime, Utc};
use sea_orm::{EntityTrait, Set};
use serde_json::json;
use storefront::graphql::{Key, Kind, Owned};
use storefront::order::{entity as order, item};
use uuid::Uuid;

use super::shop::Shop;

/// The ids of an order and of its only item, as staff sees them.
pub struct PlacedOrder {
    pub id: String,
    pub item: String,
}

/// A line of an order to be.
pub struct Line<'a> {
    pub sku: Option<&'a str>,
    pub name: &'a str,
    pub quantity: i32,
    pub unit_price: i64,
}

impl Shop {
    /// The key in a global id.
    pub fn key(&self, id: &str) -> Uuid {
        match self.app.shared.ids.parse(id).unwrap() {
            Key::Plain(_, key) => key,
            Key::Owned(_, owned) => owned.id,
        }
    }

    /// An order of a user, in euros, with its total; its global id.
    pub async fn order(&self, user: &str, placed_at: &str, lines: &[Line<'_>]) -> String {
        let placed_at: DateTime<Utc> = placed_at.parse().unwrap();
        let key = Owned { user: self.key(user), id: Uuid::now_v7() };
        let row = order::ActiveModel {
            user_id: Set(key.user),
            id: Set(key.id),
            status: Set(order::OrderStatus::Paid),
            currency_code: Set("EUR".to_owned()),
            total: Set(lines.iter().map(|line| i64::from(line.quantity) * line.unit_price).sum()),
            placed_at: Set(placed_at),
            created_at: Set(placed_at),
            updated_at: Set(placed_at),
            ..Default::default()
        };
        let db = self.db.administration();
        order::Entity::insert(row).exec_without_returning(db).await.unwrap();
        // Against the order of their ids: their positions count.
        for (position, line) in lines.iter().enumerate().rev() {
            let row = item::ActiveModel {
                user_id: Set(key.user),
                order_id: Set(key.id),
                id: Set(Uuid::now_v7()),
                sku_id: Set(line.sku.map(|sku| self.key(sku))),
                product_name: Set(line.name.to_owned()),
                sku_label: Set(String::new()),
                quantity: Set(line.quantity),
                unit_price: Set(line.unit_price),
                position: Set(position as i32),
            };
            item::Entity::insert(row).exec_without_returning(db).await.unwrap();
        }
        self.app.shared.ids.owned(Kind::Order, key).0
    }

    /// An order of one piece of a sku.
    pub async fn order_of(&self, user: &str, sku: &str) -> PlacedOrder {
        let line = Line { sku: Some(sku), name: "What was bought", quantity: 1, unit_price: 1999 };
        let id = self.order(user, "2026-01-01T00:00:00Z", &[line]).await;
        let items = "query ($id: ID!) { node(id: $id) { ... on Order { items { id } } } }";
        let item = self.ask_as_staff(items, json!({ "id": id })).await.string("/node/items/0/id");
        PlacedOrder { id, item }
    }
}
