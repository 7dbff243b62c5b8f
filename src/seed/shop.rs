//! A made-up shop: how large it is, and its rows in batches that can be written one after the other.

use anyhow::{bail, ensure};
use rand::RngExt;
use serde::Serialize;
use uuid::Uuid;

use super::currency::{CURRENCIES, Currency};
use super::dice::{Kind, dice};
use super::row;
use super::sketch::MOST_SKUS;
use super::store::{categories, leaf_ids, store_id};
use super::tree::{Leaf, leaves};
use crate::db::bulk::Rows;

/// How large a shop is. The categories are always the same.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub stores: u32,
    pub products: u32,
    pub skus: u32,
    pub users: u32,
    pub orders: u32,
}

impl Sizes {
    /// The shop that a first start shows.
    pub const DEMO: Self = Self { stores: 8, products: 1_000, skus: 2_500, users: 50, orders: 100 };

    /// Refuses sizes that contradict each other.
    pub fn check(self) -> anyhow::Result<()> {
        let Self { stores, products, skus, users, orders } = self;
        ensure!(stores > 0 || products == 0, "{products} products need a store (STOREFRONT_SEED_STORES is 0)");
        if u64::from(skus) > u64::from(products) * u64::from(MOST_SKUS) {
            bail!("{skus} skus are over {MOST_SKUS} for each of {products} products (STOREFRONT_SEED_SKUS)");
        }
        ensure!(users > 0 || orders == 0, "{orders} orders need a user (STOREFRONT_SEED_USERS is 0)");
        ensure!(skus > 0 || orders == 0, "{orders} orders need a sku (STOREFRONT_SEED_SKUS is 0)");
        Ok(())
    }

    /// All rows, at three items for an order, which is what chance brings about.
    pub fn about_rows(self) -> u64 {
        let Self { stores, products, skus, users, orders } = self;
        [stores, products, skus, skus, users, orders, orders, orders, orders].map(u64::from).iter().sum()
    }

    /// Products of lower numbers than this have a sku.
    pub fn products_with_skus(self) -> u32 {
        self.products.min(self.skus)
    }
}

/// A shop of some size; equal sizes and seeds give equal shops.
pub struct Shop {
    pub(super) seed: u64,
    pub(super) sizes: Sizes,
    pub(super) leaves: Vec<&'static Leaf>,
    /// The id of each leaf.
    pub(super) leaf_ids: Vec<Uuid>,
    /// The id of each store.
    pub(super) stores: Vec<Uuid>,
    /// How many skus each product has.
    pub(super) sku_counts: Vec<u8>,
    categories: Vec<row::Category>,
}

/// Products in a batch. Their skus are in the same batch, so that the triggers of Postgres come to each product once.
const PRODUCTS: u32 = 500;
const USERS: u32 = 5_000;
const ORDERS: u32 = 2_000;

impl Shop {
    pub fn new(seed: u64, sizes: Sizes) -> anyhow::Result<Self> {
        sizes.check()?;
        let categories = categories(seed);
        Ok(Self {
            seed,
            sizes,
            leaves: leaves(),
            leaf_ids: leaf_ids(&categories),
            stores: (0..sizes.stores).map(|index| store_id(seed, index, sizes.stores)).collect(),
            sku_counts: sku_counts(seed, sizes),
            categories,
        })
    }

    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// All rows, in an order in which what is referred to comes first.
    pub fn batches(&self) -> impl Iterator<Item = Vec<Rows>> {
        let stores = (0..self.sizes.stores).map(|index| self.store(index));
        let first = vec![Rows::of(stores), Rows::of(self.categories.iter().cloned())];
        let products = chunks(self.sizes.products, PRODUCTS).map(|numbers| {
            let (products, (skus, stock)): (Vec<_>, (Vec<_>, Vec<_>)) =
                numbers.map(|index| self.product(index)).map(|(product, skus, stock)| (product, (skus, stock))).unzip();
            vec![Rows::of(products), Rows::of(skus.into_iter().flatten()), Rows::of(stock.into_iter().flatten())]
        });
        let users =
            chunks(self.sizes.users, USERS).map(|numbers| vec![Rows::of(numbers.map(|index| self.user(index)))]);
        let orders = chunks(self.sizes.orders, ORDERS).map(|numbers| {
            let (orders, items): (Vec<_>, Vec<_>) = numbers.map(|index| self.order(index)).unzip();
            vec![Rows::of(orders), Rows::of(items.into_iter().flatten())]
        });
        std::iter::once(first).chain(products).chain(users).chain(orders)
    }

    /// What a store takes.
    pub(super) fn currency_of(&self, store: u32) -> &'static Currency {
        &CURRENCIES[store as usize % CURRENCIES.len()]
    }
}

/// As many skus as asked for: one for each product while they last, the others in runs, so that most products have few.
fn sku_counts(seed: u64, sizes: Sizes) -> Vec<u8> {
    let mut dice = dice(seed, Kind::SkuCount, 0);
    let mut counts: Vec<u8> = (0..sizes.products).map(|index| u8::from(index < sizes.skus)).collect();
    let mut left = sizes.skus.saturating_sub(sizes.products);
    while left > 0 {
        let count = &mut counts[dice.random_range(0..sizes.products) as usize];
        let run = dice.random_range(1..=4_u32).min(left).min(MOST_SKUS - u32::from(*count));
        *count += u8::try_from(run).expect("a run is short");
        left -= run;
    }
    counts
}

fn chunks(count: u32, size: u32) -> impl Iterator<Item = std::ops::Range<u32>> {
    (0..count.div_ceil(size)).map(move |chunk| chunk * size..count.min((chunk + 1) * size))
}

/// A list as the application writes it.
pub(super) fn json(list: &impl Serialize) -> String {
    serde_json::to_string(list).expect("lists of texts can be written as JSON")
}

/// Words of lower-case letters and digits, joined by hyphens.
pub(super) fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
