//! The rules of writing skus: what is checked, in which order, and what is refused.

use sea_orm::{DbErr, Set};
use uuid::Uuid;

use super::content::{Content, Prices};
use super::entity::{ActiveModel, OptionValues};
use super::lock::{LockedSku, lock_sku};
use super::repo;
use crate::db::{Routing, WriteTransaction, now, set};
use crate::product::{entity as product, lock_product};
use crate::refusal::{Abort, Checks, Reason, Refusal, check_version};

/// The most skus of a product, those that are archived among them.
pub const MOST_SKUS: u64 = 2_000;

/// A sku to be created.
#[derive(Clone)]
pub struct NewSku {
    pub product_id: Uuid,
    pub content: Content,
}

/// A change of a sku; what is `None` stays.
#[derive(Clone)]
pub struct SkuChange {
    pub id: Uuid,
    pub version: Option<i64>,
    pub product_id: Option<Uuid>,
    pub content: Content,
}

/// Creates a sku and gives its id.
pub async fn create(routing: &Routing, sku: NewSku) -> Result<Uuid, Abort> {
    let NewSku { product_id, content } = sku;
    content.check()?;

    let tx = routing.begin_write("skuCreate").await?;
    let Some(product) = lock_product(&tx, product_id).await? else {
        return Err(Refusal::not_found("productId", "product").into());
    };
    let prices = content.check_in_product(&product.currency_code, &product.options, content.option_values.as_ref())?;
    check_room(&tx, product_id).await?;
    let id = Uuid::now_v7();
    let code = content.code.clone().flatten();
    check_taken(&tx, product_id, id, code.as_deref(), content.option_values.as_ref()).await?;
    let position = match content.position {
        Some(position) => position,
        None => repo::next_position(&tx, product_id).await?,
    };
    let changes = changes(content, prices);
    let created_at = changes.updated_at.clone();
    let row = ActiveModel { id: Set(id), product_id: Set(product_id), position: Set(position), created_at, ..changes };
    repo::insert(&tx, row).await.map_err(|error| refuse_violation(error, code.as_deref()))?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a sku and gives its id.
pub async fn update(routing: &Routing, change: SkuChange) -> Result<Uuid, Abort> {
    let SkuChange { id, version, product_id, content } = change;
    content.check()?;

    let tx = routing.begin_write("skuUpdate").await?;
    let LockedSku { sku, product, destination } = lock_sku(&tx, "id", id, product_id).await?;
    check_version(version, sku.version)?;
    let moved = destination.is_some();
    if let Some(destination) = &destination {
        check_currency(&product, destination)?;
    }
    let product = destination.unwrap_or(product);
    // The values that stay were chosen from this product's options; another product's may be others, and these too while it was archived.
    let is_checked = moved || content.archived == Some(false);
    let option_values = content.option_values.as_ref().or(is_checked.then_some(&sku.option_values));
    let prices = content.check_in_product(&product.currency_code, &product.options, option_values)?;
    let code = content.code.clone().unwrap_or_else(|| sku.code.clone().filter(|_| moved));
    check_taken(&tx, product.id, id, code.as_deref(), option_values).await?;
    let mut position = content.position;
    if moved {
        check_room(&tx, product.id).await?;
        position = Some(match position {
            Some(position) => position,
            None => repo::next_position(&tx, product.id).await?,
        });
    }
    let changes = ActiveModel {
        product_id: set(moved.then_some(product.id)),
        position: set(position),
        ..changes(content, prices)
    };
    repo::update(&tx, id, changes).await.map_err(|error| refuse_violation(error, code.as_deref()))?;
    tx.commit().await?;
    Ok(id)
}

/// Deletes a sku with its stock.
pub async fn delete(routing: &Routing, id: Uuid, version: Option<i64>) -> Result<Uuid, Abort> {
    let tx = routing.begin_write("skuDelete").await?;
    let LockedSku { sku, .. } = lock_sku(&tx, "id", id, None).await?;
    check_version(version, sku.version)?;
    repo::delete(&tx, id).await?;
    tx.commit().await?;
    Ok(id)
}

fn changes(content: Content, prices: Prices) -> ActiveModel {
    ActiveModel {
        code: set(content.code),
        option_values: set(content.option_values),
        attributes: set(content.attributes),
        price: set(prices.price),
        compare_at_price: set(prices.compare_at_price),
        archived: set(content.archived),
        updated_at: Set(now()),
        ..Default::default()
    }
}

fn check_currency(from: &product::Model, to: &product::Model) -> Result<(), Refusal> {
    if from.currency_code == to.currency_code {
        return Ok(());
    }
    let message = format!(
        "the product is sold in {}, a sku with a price in {} cannot move there",
        to.currency_code, from.currency_code
    );
    Err(Refusal::new("productId", Reason::Invalid, message))
}

async fn check_room(tx: &WriteTransaction, product: Uuid) -> Result<(), Abort> {
    let skus = repo::count_of_product(tx, product).await?;
    if skus >= MOST_SKUS {
        let message = format!("the product has {skus} skus, the maximum is {MOST_SKUS}");
        return Err(Refusal::new("productId", Reason::TooMany, message).into());
    }
    Ok(())
}

async fn check_taken(
    tx: &WriteTransaction,
    product: Uuid,
    id: Uuid,
    code: Option<&str>,
    option_values: Option<&OptionValues>,
) -> Result<(), Abort> {
    let mut checks = Checks::default();
    if let Some(code) = code
        && repo::code_is_taken(tx, product, code, id).await?
    {
        checks.refuse(Refusal::taken("code", code));
    }
    if let Some(values) = option_values
        && repo::option_values_are_taken(tx, product, values, id).await?
    {
        checks.refuse(option_values_taken());
    }
    checks.done()
}

fn option_values_taken() -> Refusal {
    Refusal::new("optionValues", Reason::Taken, "another sku of the product has the same option values")
}

fn refuse_violation(error: DbErr, code: Option<&str>) -> Abort {
    Abort::from_violation(error, |violation| {
        if violation.is_unique("skus", &["product_id", "option_values"]) {
            return Some(option_values_taken());
        }
        let code_is_taken = violation.is_unique("skus", &["product_id", "code"]);
        code_is_taken.then(|| Refusal::taken("code", code.unwrap_or_default()))
    })
}
