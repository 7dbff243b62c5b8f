//! Orders, which no mutation places yet: written past the server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{SubsecRound, Utc};
use serde_json::json;
use uuid::Uuid;

use super::Shop;

/// The ids of an order, as staff sees them.
#[derive(Clone, Debug)]
pub struct PlacedOrder {
    pub id: String,
    pub item: String,
}

impl Shop {
    /// An order of one piece of a sku, in euros.
    pub async fn order(&self, user: &str, sku: &str) -> PlacedOrder {
        let (user_key, order_key, now) = (key_of(user), Uuid::now_v7(), Utc::now().trunc_subsecs(6));
        let order = "INSERT INTO orders (user_id, id, status, currency_code, total, placed_at, created_at, updated_at) \
                     VALUES ($1, $2, 'PAID', 'EUR', 1999, $3, $3, $3)";
        let item = "INSERT INTO order_items \
                    (user_id, order_id, id, sku_id, product_name, sku_label, quantity, unit_price, position) \
                    VALUES ($1, $2, $3, $4, 'What was bought', '', 1, 1999, 0)";

        self.sql(order, vec![user_key.into(), order_key.into(), now.into()]).await;
        self.sql(item, vec![user_key.into(), order_key.into(), Uuid::now_v7().into(), key_of(sku).into()]).await;

        let newest = "query ($id: ID!) { user(id: $id) { orders(first: 1) { nodes { id items { id } } } } }";
        let answer = self.ask_as_staff(newest, json!({ "id": user })).await;
        PlacedOrder {
            id: answer.string("/user/orders/nodes/0/id"),
            item: answer.string("/user/orders/nodes/0/items/0/id"),
        }
    }
}

/// The key in the id of something that belongs to nobody in particular.
pub fn key_of(id: &str) -> Uuid {
    Uuid::from_slice(&URL_SAFE_NO_PAD.decode(id).unwrap()[1..]).unwrap()
}
