//! One instance beside what a test breaks, with products to look at.

use super::market::{self, Product, products};
use crate::support::{Fleet, Shop};

pub struct Stall {
    pub shop: Shop,
    pub products: Vec<Product>,
}

impl Stall {
    /// A shop with three products on the fleet's databases and its Redis.
    pub async fn open(fleet: &Fleet) -> Self {
        Self::open_with(fleet, 3).await
    }

    /// A shop with so many products.
    pub async fn open_with(fleet: &Fleet, number: u32) -> Self {
        let shop = fleet.cached(&["--local-cache-ttl-ms", "0"]).await;
        shop.fill(1, number).await;
        fleet.stack().await_replay().await.unwrap();
        let products = products(&shop, number as usize).await;
        Self { shop, products }
    }

    /// The name that a shopper reads.
    pub async fn read(&self, product: &Product) -> String {
        market::read(&self.shop, product).await.string("/product/name")
    }

    pub async fn rename(&self, product: &Product, name: &str) {
        let answer = market::rename(&self.shop, product, name).await;
        assert_eq!(answer.string("/productUpdate/product/name"), name);
    }
}
