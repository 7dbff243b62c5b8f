//! The rules of writing stock.

use sea_orm::Set;
use uuid::Uuid;

use super::entity::ActiveModel;
use super::repo;
use crate::db::{Routing, now};
use crate::refusal::{Abort, Reason, Refusal, check_version};
use crate::sku::lock_sku;

/// The most pieces that there can be of a sku.
pub const MOST_PIECES: i32 = 1_000_000_000;

/// How many pieces of a sku there are from now on.
#[derive(Clone)]
pub struct StockCount {
    pub sku_id: Uuid,
    pub quantity: i32,
    /// The version of the stock that was seen, 0 for one that was never counted.
    pub version: Option<i64>,
}

/// Sets the stock of a sku and gives the sku's id.
pub async fn set(routing: &Routing, count: StockCount) -> Result<Uuid, Abort> {
    let StockCount { sku_id, quantity, version } = count;
    if !(0..=MOST_PIECES).contains(&quantity) {
        let message = format!("quantity {quantity} is outside 0 to {MOST_PIECES}");
        return Err(Refusal::new("quantity", Reason::Invalid, message).into());
    }

    let tx = routing.begin_write("stockSet").await?;
    // Nobody else adds the row between the look and the insert: that too is done under the lock of the sku.
    let sku = lock_sku(&tx, "skuId", sku_id, None).await?.sku;
    let row = repo::lock(&tx, sku_id).await?;
    check_version(version, row.as_ref().map_or(0, |row| row.version))?;
    let counted = ActiveModel { quantity: Set(quantity), updated_at: Set(now()), ..Default::default() };
    match row {
        Some(_) => repo::update(&tx, sku_id, counted).await?,
        None => {
            let row = ActiveModel { sku_id: Set(sku_id), product_id: Set(sku.product_id), ..counted };
            repo::insert(&tx, row).await?;
        }
    }
    tx.commit().await?;
    Ok(sku_id)
}
