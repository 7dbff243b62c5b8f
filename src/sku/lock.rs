//! How writers of skus and of their stock take turns.

use uuid::Uuid;

use super::{entity, repo};
use crate::db::WriteTransaction;
use crate::product::{entity as product, lock_product};
use crate::refusal::{Abort, Reason, Refusal};

/// A sku with its product, both locked until the transaction ends.
pub struct LockedSku {
    pub sku: entity::Model,
    pub product: product::Model,
    /// The product that the sku is to be moved to; `None` when it stays.
    pub destination: Option<product::Model>,
}

/// Locks a sku for a write of it or of its stock; `field` is the input field that names the sku.
///
/// Products come first, in the order of their ids, and the sku after them. A deletion of a product goes the same way, from the
/// product down to its skus and their stock, so no two of these writers ever wait for each other in a circle. Which product to
/// lock is read without a lock, and looked at again once it is held.
pub async fn lock_sku(
    tx: &WriteTransaction,
    field: &str,
    id: Uuid,
    destination: Option<Uuid>,
) -> Result<LockedSku, Abort> {
    let Some(seen) = repo::product_of(tx, id).await? else { return Err(Refusal::not_found(field, "sku").into()) };
    let destination = destination.filter(|destination| *destination != seen);
    let mut ids = vec![seen];
    ids.extend(destination);
    ids.sort_unstable();
    let mut products = Vec::with_capacity(ids.len());
    for id in ids {
        products.extend(lock_product(tx, id).await?);
    }
    let mut take = |id: Uuid| products.iter().position(|product| product.id == id).map(|at| products.swap_remove(at));
    let (Some(product), Some(sku)) = (take(seen), repo::lock(tx, id).await?) else {
        return Err(Refusal::not_found(field, "sku").into());
    };
    if sku.product_id != seen {
        let message = "the sku was moved to another product at this moment, try again";
        return Err(Refusal::new(field, Reason::Conflict, message).into());
    }
    let destination = match destination {
        Some(id) => Some(take(id).ok_or_else(|| Refusal::not_found("productId", "product"))?),
        None => None,
    };
    Ok(LockedSku { sku, product, destination })
}
