//! Loaders over a source that is in memory: what gathering keys into rounds costs by itself.

use std::collections::HashMap;
use std::path::Path;

use futures_util::future::join_all;
use storefront::error::Result;
use storefront::graphql::{Batch, Loaders, Reads};

use crate::case::{Call, Case};
use crate::shop::Shop;

pub const CASES: &[Case] = &[
    Case { name: "loaders/round", what: "50 fields ask for a key each: one round", make: round },
    Case {
        name: "loaders/levels",
        what: "50 fields ask for a key each, then for one of 10 others: two rounds",
        make: levels,
    },
];

const FIELDS: u32 = 50;
const GROUPS: u32 = 10;

struct Items;

impl Batch for Items {
    type Key = u32;
    type Value = u32;
    const NAME: &'static str = "Items";

    async fn load(_: &Reads, keys: &[u32]) -> Result<HashMap<u32, u32>> {
        Ok(keys.iter().map(|key| (*key, key % GROUPS)).collect())
    }
}

struct Groups;

impl Batch for Groups {
    type Key = u32;
    type Value = u32;
    const NAME: &'static str = "Groups";

    async fn load(_: &Reads, keys: &[u32]) -> Result<HashMap<u32, u32>> {
        Ok(keys.iter().map(|key| (*key, *key)).collect())
    }
}

fn round(file: &Path) -> anyhow::Result<Call> {
    let shop = Shop::uncached(file)?;
    Ok(Box::new(move |meter| {
        let loaders = Loaders::new(shop.reads());
        let fields = async { join_all((0..FIELDS).map(|key| loaders.load::<Items>(key))).await };
        drop(meter.count(|| shop.runtime.block_on(fields)));
    }))
}

fn levels(file: &Path) -> anyhow::Result<Call> {
    let shop = Shop::uncached(file)?;
    Ok(Box::new(move |meter| {
        let loaders = Loaders::new(shop.reads());
        let field = async |key| match loaders.load::<Items>(key).await? {
            Some(group) => loaders.load::<Groups>(group).await,
            None => Ok(None),
        };
        let fields = async { join_all((0..FIELDS).map(field)).await };
        drop(meter.count(|| shop.runtime.block_on(fields)));
    }))
}
