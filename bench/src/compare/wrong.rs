//! What instances show a second after the last write, compared with what the primary holds.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection};

use super::ask::{card, named};
use super::contender::Contender;
use super::shop::{DATABASE, HOT, Product, Shop};

const AFTER: Duration = Duration::from_secs(1);
/// How many products are looked at at once.
const AT_ONCE: usize = 16;
/// The hot products, and what was written since.
const SQL: &str = "SELECT id::text, name FROM products WHERE status = 'ACTIVE' AND (id = ANY($1::uuid[]) OR updated_at >= $2::timestamptz)";

/// The time by the primary's clock.
pub async fn now(shop: &Shop) -> anyhow::Result<String> {
    let mut primary = PgConnection::connect(&shop.stack.primary_url(DATABASE)).await?;
    Ok(sqlx::query_scalar("SELECT now()::text").fetch_one(&mut primary).await?)
}

/// How many names of products are wrong on any instance, of how many that were looked at.
pub async fn count(shop: &Shop, contender: &Contender, since: String) -> anyhow::Result<(u64, u64)> {
    tokio::time::sleep(AFTER).await;
    let mut primary = PgConnection::connect(&shop.stack.primary_url(DATABASE)).await?;
    let hot: Vec<&str> = shop.products[..HOT].iter().map(|product| product.uuid.as_str()).collect();
    let held: Vec<(String, String)> = sqlx::query_as(SQL).bind(hot).bind(since).fetch_all(&mut primary).await?;
    let held: HashMap<String, String> = held.into_iter().collect();
    let products: Vec<_> = shop.products.iter().filter(|product| held.contains_key(&product.uuid)).collect();
    let wrong = stream::iter(&products).map(|product| is_wrong(contender, product, &held[&product.uuid]));
    let wrong: Vec<bool> = wrong.buffer_unordered(AT_ONCE).try_collect().await?;
    Ok((wrong.iter().filter(|wrong| **wrong).count() as u64, products.len() as u64))
}

/// Whether any instance shows another name.
async fn is_wrong(contender: &Contender, product: &Product, name: &str) -> anyhow::Result<bool> {
    let mut is_wrong = false;
    for server in &contender.servers {
        let shown = card(&contender.client, contender.subject, &server.url(""), product).await?;
        is_wrong |= named(&shown.body) != name;
    }
    Ok(is_wrong)
}
