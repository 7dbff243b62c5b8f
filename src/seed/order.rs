//! The rows of orders and their items.
//!
//! An order holds products of one store, all older than itself, for a user who is older as well; so it has one currency.

use chrono::{DateTime, Utc};
use rand::RngExt;
use uuid::Uuid;

use super::dice::{Dice, GROWTH, Kind, TRADE, age_in_hours, chance, dice, id, later, pick};
use super::sketch::Sketch;
use super::{Shop, row};

/// The most items of an order.
const MOST_ITEMS: u32 = 5;

/// How often another product is drawn in place of a draft, which nobody can have bought.
const TRIES: u32 = 8;

impl Shop {
    /// The rows of the order of this number.
    pub fn order(&self, index: u32) -> (row::Order, Vec<row::OrderItem>) {
        let mut dice = dice(self.seed, Kind::Order, index.into());
        let placed_at = TRADE.moment(&mut dice, index, self.sizes.orders);
        let id = id(&mut dice, placed_at, index);
        let user = dice.random_range(0..GROWTH.so_far(placed_at, self.sizes.users));
        let user_id = self.user_id(user);
        let products = self.basket(&mut dice, placed_at);
        let items = (0..).zip(&products).map(|(position, product)| {
            let item_id = self::id(&mut dice, placed_at, index * (MOST_ITEMS + 1) + position);
            item(&mut dice, (user_id, id, item_id), position, product)
        });
        let items: Vec<_> = items.collect();
        let status = status(&mut dice, age_in_hours(placed_at));
        let order = row::Order {
            user_id,
            id,
            status: status.to_owned(),
            currency_code: self.currency_of(products[0].store).code.to_owned(),
            total: items.iter().map(|item| i64::from(item.quantity) * item.unit_price).sum(),
            placed_at,
            created_at: placed_at,
            updated_at: if status == "PENDING" { placed_at } else { later(&mut dice, placed_at, 24 * 4) },
        };
        (order, items)
    }

    /// One to five different products of one store.
    fn basket(&self, dice: &mut Dice, placed_at: DateTime<Utc>) -> Vec<Sketch> {
        let stores = self.sizes.stores;
        let offered = GROWTH.so_far(placed_at, self.sizes.products).min(self.sizes.products_with_skus());
        let first = self.bought(dice, |dice| dice.random_range(0..offered));
        let store = first.store;
        let range = (offered - store).div_ceil(stores);
        let mut products = vec![first];
        for _ in 1..dice.random_range(1..=MOST_ITEMS) {
            let next = self.bought(dice, |dice| store + stores * dice.random_range(0..range));
            if products.iter().all(|product| product.index != next.index) {
                products.push(next);
            }
        }
        products
    }

    fn bought(&self, dice: &mut Dice, draw: impl Fn(&mut Dice) -> u32) -> Sketch {
        let mut product = Sketch::draw(self, draw(dice)).0;
        for _ in 1..TRIES {
            if product.status != "DRAFT" {
                break;
            }
            product = Sketch::draw(self, draw(dice)).0;
        }
        product
    }
}

fn item(dice: &mut Dice, ids: (Uuid, Uuid, Uuid), position: u32, product: &Sketch) -> row::OrderItem {
    let (user_id, order_id, id) = ids;
    let sku = pick(dice, &product.skus);
    row::OrderItem {
        user_id,
        order_id,
        id,
        sku_id: sku.id,
        product_name: product.name.clone(),
        sku_label: sku.values.join(" / "),
        quantity: if chance(dice, 75) { 1 } else { dice.random_range(2..=6) },
        unit_price: sku.price,
        position: i32::try_from(position).expect("an order has few items"),
    }
}

/// Old orders have arrived; those of the last weeks are still under way.
fn status(dice: &mut Dice, age_in_hours: i64) -> &'static str {
    if chance(dice, 6) {
        return "CANCELLED";
    }
    match age_in_hours / 24 + dice.random_range(-8..=8) {
        ..10 => "PENDING",
        10..25 => "PAID",
        25..50 => "SHIPPED",
        _ => "DELIVERED",
    }
}
