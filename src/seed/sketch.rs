//! What an order must know of a product: its name, its options, and its skus with their prices.
//!
//! A sketch can be made for any number by itself, so no product is kept in memory until orders are made.

use chrono::{DateTime, Utc};
use rand::RngExt;
use uuid::Uuid;

use super::Shop;
use super::currency::Currency;
use super::dice::{Dice, GROWTH, Kind, chance, dice, id, pick};
use super::tree::Leaf;
use super::words::{ADJECTIVES, COLOURS};

/// The most skus that a product may get: six sizes in eight colours and five finishes.
pub const MOST_SKUS: u32 = 240;

const MOST_SIZES: usize = 6;
const MOST_COLOURS: usize = 8;

pub struct Sketch {
    pub index: u32,
    pub id: Uuid,
    /// The number of its store.
    pub store: u32,
    /// The number of its leaf of the category tree.
    pub leaf: usize,
    pub name: String,
    pub material: &'static str,
    pub status: &'static str,
    pub options: Vec<Choice>,
    pub skus: Vec<SkuSketch>,
    pub created_at: DateTime<Utc>,
}

/// One option and its values.
pub struct Choice {
    pub name: &'static str,
    pub values: Vec<&'static str>,
}

pub struct SkuSketch {
    pub id: Uuid,
    /// One value for each option.
    pub values: Vec<&'static str>,
    pub price: i64,
    /// What it is worth, in euro cents: what the price is made of.
    pub worth: i64,
    /// How many steps of the scale it is above the smallest.
    pub step: i64,
}

impl Sketch {
    /// The product of this number, and the dice that go on with what a sketch leaves out.
    pub fn draw(shop: &Shop, index: u32) -> (Self, Dice) {
        let mut dice = dice(shop.seed, Kind::Product, index.into());
        let created_at = GROWTH.moment(&mut dice, index, shop.sizes.products);
        let id = id(&mut dice, created_at, index);
        let store = index % shop.sizes.stores;
        let number = dice.random_range(0..shop.leaves.len());
        let leaf = shop.leaves[number];
        let material = *pick(&mut dice, leaf.family.materials());
        let name = match chance(&mut dice, 70) {
            true => format!("{} {material} {}", pick(&mut dice, &ADJECTIVES), leaf.noun),
            false => format!("{material} {}", leaf.noun),
        };
        let status = match dice.random_range(0..100) {
            0..85 => "ACTIVE",
            85..95 => "DRAFT",
            _ => "ARCHIVED",
        };
        let count = shop.sku_counts[index as usize];
        let options = options(&mut dice, leaf, count.into());
        let worth = worth(&mut dice, leaf);
        let skus = (0..u32::from(count)).map(|position| {
            let id = self::id(&mut dice, created_at, index * 256 + position);
            sku(id, position as usize, worth, leaf, &options, shop.currency_of(store))
        });
        let skus = skus.collect();
        (Self { index, id, store, leaf: number, name, material, status, options, skus, created_at }, dice)
    }
}

/// What has grown by a number of steps of the leaf's scale.
pub fn grown(value: i64, leaf: &Leaf, steps: i64) -> i64 {
    value * (100 + leaf.scale.growth() * steps) / 100
}

/// The sku at a position: the combinations of the options' values in turn, the last option changing fastest.
fn sku(id: Uuid, position: usize, worth: i64, leaf: &Leaf, options: &[Choice], currency: &Currency) -> SkuSketch {
    let mut rest = position;
    let mut step = 0;
    let mut values = vec![""; options.len()];
    for (place, option) in options.iter().enumerate().rev() {
        let chosen = rest % option.values.len();
        rest /= option.values.len();
        values[place] = option.values[chosen];
        if option.name == leaf.scale.name() {
            step = i64::try_from(chosen).expect("a scale has few steps");
        }
    }
    let worth = grown(worth, leaf, step);
    SkuSketch { id, values, price: currency.price(worth), worth, step }
}

/// The worth of the smallest sku, in euro cents; cheap ones are more frequent.
fn worth(dice: &mut Dice, leaf: &Leaf) -> i64 {
    let (low, high) = leaf.euros;
    let share: i64 = dice.random_range(0..1000);
    low * 100 + (high - low) * share * share / 10_000
}

/// Options with as many combinations as there are skus, or a few more.
fn options(dice: &mut Dice, leaf: &Leaf, skus: usize) -> Vec<Choice> {
    let lengths = lengths(dice, skus);
    let by_colour = lengths.len() == 1 && chance(dice, 35);
    let choose = |(place, &length): (usize, &usize)| {
        let (name, values): (_, &[&str]) = match place {
            0 if !by_colour => (leaf.scale.name(), leaf.scale.values()),
            0 | 1 => ("Colour", &COLOURS),
            _ => ("Finish", leaf.family.finishes()),
        };
        let first = dice.random_range(0..=values.len() - length);
        Choice { name, values: values[first..first + length].to_vec() }
    };
    lengths.iter().enumerate().map(choose).collect()
}

/// How many values each option has. Every value occurs in a sku.
fn lengths(dice: &mut Dice, skus: usize) -> Vec<usize> {
    let fewest = match skus {
        0 | 1 => return Vec::new(),
        2..=MOST_SIZES => 1,
        _ if skus <= MOST_SIZES * MOST_COLOURS => 2,
        _ => 3,
    };
    let most = match skus {
        2 | 3 => 1,
        4..8 => 2,
        _ => 3,
    };
    match dice.random_range(fewest..=most) {
        1 => vec![skus],
        2 => two_lengths(skus),
        _ => {
            let finishes = skus.div_ceil(MOST_SIZES * MOST_COLOURS).max(2);
            let mut lengths = two_lengths(skus.div_ceil(finishes));
            lengths.push(finishes);
            lengths
        }
    }
}

fn two_lengths(combinations: usize) -> Vec<usize> {
    let colours = combinations.div_ceil(MOST_SIZES).max(2);
    vec![combinations.div_ceil(colours), colours]
}
