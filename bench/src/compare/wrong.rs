//! What instances show a second after the last write, compared with what the primary holds.

use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection};

use super::ask::{card, named};
use super::contender::Contender;
use super::shop::{DATABASE, HOT, Product, Shop};

const AFTER: Duration = Duration::from_secs(1);
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
    let held: std::collections::HashMap<String, String> = held.into_iter().collect();
    let (mut wrong, mut checked) = (0, 0);
    let known = |product: &&Product| held.contains_key(&product.uuid);
    for product in shop.products.iter().filter(known) {
        let mut is_wrong = false;
        for server in &contender.servers {
            let shown = card(&contender.client, contender.subject, &server.url(""), product).await?;
            is_wrong |= named(&shown.body).as_str() != held.get(&product.uuid).map(String::as_str);
        }
        checked += 1;
        wrong += u64::from(is_wrong);
    }
    Ok((wrong, checked))
}
