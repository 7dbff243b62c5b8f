//! What caches hold before they are measured: of W1 and W2 every product, as after a while of such a load.
//!
//! From an empty cache a few seconds of load show how it fills, not what it is worth: in the life of a value each product is asked for many
//! times. So each is asked for once, by whoever has a cache, in the same way. Other workloads begin with what a short load brings.

use std::time::Duration;

use anyhow::Context;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::time::timeout;

use super::ask::card;
use super::contender::Contender;
use super::load::{CONNECTIONS, Workload};
use super::shop::Shop;

/// Longer than the slowest subject takes, and shorter than values live.
const WITHIN: Duration = Duration::from_secs(120);

/// Asks for every product once, of the instances in turn.
pub async fn ask_for_all(contender: &Contender, workload: Workload, shop: &Shop) -> anyhow::Result<()> {
    if !contender.variant.cache || !matches!(workload, Workload::W1 | Workload::W2) {
        return Ok(());
    }
    let urls: Vec<String> = contender.servers.iter().map(|server| server.url("")).collect();
    let asks = stream::iter(shop.products.iter().zip(urls.iter().cycle())).map(anyhow::Ok);
    let asked = asks.try_for_each_concurrent(CONNECTIONS as usize, |(product, url)| async move {
        card(&contender.client, contender.subject, url, product).await.map(drop)
    });
    let name = contender.subject.name();
    timeout(WITHIN, asked).await.with_context(|| format!("{name} takes too long to be warmed"))?
}
