//! What two servers show without a token, compared with what the primary holds.

use std::collections::HashMap;

use anyhow::Context;
use futures_util::future::try_join_all;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection};

use super::installation::{DATABASE, HOT, Installation};
use super::shop::{Shop, views};
use super::view::{Kind, View};

/// Values and versions by slug, in the order of [`Kind::ALL`]; prices by version alone.
const SQL: &str = "SELECT p.slug, v.value, v.version FROM products p JOIN stores s ON s.id = p.store_id \
     CROSS JOIN LATERAL (SELECT id, version FROM skus WHERE product_id = p.id ORDER BY position, id LIMIT 1) k \
     LEFT JOIN stock t ON t.sku_id = k.id \
     CROSS JOIN LATERAL (VALUES (0, p.name, p.version), (1, NULL, k.version), \
         (2, coalesce(t.quantity, 0)::text, coalesce(t.version, 0)), (3, s.name, s.version)) v (kind, value, version) \
     WHERE p.slug = ANY($1) ORDER BY p.slug, v.kind";

/// How many values of each kind differ from the primary's, on either server; of all the hot products.
pub async fn wrong(shop: &Shop, installation: &Installation) -> anyhow::Result<HashMap<Kind, u64>> {
    let shown = try_join_all(shop.addresses.iter().map(|address| views(address, &shop.requests[..HOT]))).await?;
    let mut primary = PgConnection::connect(&installation.stack.primary_url(DATABASE)).await?;
    let slugs: Vec<&str> = shop.hot.iter().map(|product| product.slug.as_str()).collect();
    let rows = sqlx::query_as(SQL).bind(slugs).fetch_all(&mut primary).await?;
    let mut held: HashMap<String, Vec<(Option<String>, i64)>> = HashMap::new();
    for (slug, value, version) in rows {
        held.entry(slug).or_default().push((value, version));
    }
    let mut wrong: HashMap<Kind, u64> = Kind::ALL.iter().map(|kind| (*kind, 0)).collect();
    for view in shown.iter().flatten() {
        let held = held.get(&view.slug).with_context(|| format!("{} is not there", view.slug))?;
        for (kind, (value, version)) in Kind::ALL.into_iter().zip(held) {
            *wrong.entry(kind).or_default() += u64::from(!is_right(view, kind, value.as_deref(), *version));
        }
    }
    Ok(wrong)
}

fn is_right(view: &View, kind: Kind, value: Option<&str>, version: i64) -> bool {
    let shown = view.of(kind);
    shown.version == version && value.is_none_or(|value| value == shown.value)
}
