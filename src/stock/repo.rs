//! All SQL of stock.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::db::{Columns, Connection, Sql, moment};
use crate::error::{Error, Result};

/// The stock of a product: one aggregate, with a version of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockNode {
    pub product_id: Uuid,
    /// Of the aggregate; 0 where it was read beside the products of a page, for a request that caches nothing.
    pub version: i64,
    /// Of those skus that were counted, in the order of their ids.
    pub rows: Vec<StockRow>,
}

/// The stock of one sku. The order of the fields is that of [`counted_json`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    pub sku_id: Uuid,
    pub quantity: i32,
    pub version: i64,
    #[serde(with = "moment")]
    pub updated_at: DateTime<Utc>,
}

impl StockNode {
    pub fn new(product_id: Uuid, version: i64, mut rows: Vec<StockRow>) -> Arc<Self> {
        rows.sort_unstable_by_key(|row| row.sku_id);
        Arc::new(Self { product_id, version, rows })
    }

    /// The stock of a sku; `None` when it was never counted.
    pub fn of_sku(&self, sku: Uuid) -> Option<&StockRow> {
        self.rows.binary_search_by_key(&sku, |row| row.sku_id).ok().map(|index| &self.rows[index])
    }
}

/// Columns that hold all stock of the product with this id and the version of that, for [`read_counted`].
pub fn counted_json(backend: DbBackend, product: &str) -> String {
    let counted = match backend {
        DbBackend::Sqlite => format!(
            "(SELECT json_group_array(json_array(lower(hex(s.sku_id)), s.quantity, s.version, s.updated_at)) \
             FROM stock s WHERE s.product_id = {product}) AS counted"
        ),
        _ => format!(
            "(SELECT coalesce(json_agg(json_build_array(s.sku_id, s.quantity, s.version, s.updated_at)), '[]')::text \
             FROM stock s WHERE s.product_id = {product}) AS counted"
        ),
    };
    format!("{counted}, (SELECT p.version FROM product_stock p WHERE p.product_id = {product}) AS counted_version")
}

/// The stock in a row that was selected with [`counted_json`].
pub fn read_counted(row: &QueryResult, product_id: Uuid) -> Result<Arc<StockNode>> {
    let (counted, version): (String, i64) = (row.try_get("", "counted")?, row.try_get("", "counted_version")?);
    Ok(StockNode::new(product_id, version, serde_json::from_str(&counted).map_err(Error::internal)?))
}

/// The stock of the sku under the alias `s`, for [`read_count`].
pub const COUNT_COLUMNS: &str = "k.quantity, k.version, k.updated_at";
/// Joins what [`COUNT_COLUMNS`] are columns of.
pub const COUNT_JOIN: &str = " LEFT JOIN stock k ON k.sku_id = s.id";

/// The stock of a sku in the next columns; `None` when it was never counted.
pub fn read_count(columns: &mut Columns<'_>, sku_id: Uuid) -> Result<Option<StockRow>> {
    let (quantity, version, updated_at) = (columns.take()?, columns.take()?, columns.take()?);
    let (Some(quantity), Some(version), Some(updated_at)) = (quantity, version, updated_at) else { return Ok(None) };
    Ok(Some(StockRow { sku_id, quantity, version, updated_at }))
}

/// Stock by product: one statement. Every product has some, be it that nothing was ever counted.
pub async fn by_products(db: &Connection, products: &[Uuid]) -> Result<HashMap<Uuid, Arc<StockNode>>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT t.id, ").push(&counted_json(backend, "t.id"));
    sql.push(" FROM products t WHERE ").key_any_of("t.id", products);
    let found = db.query_all_raw(sql.build()).await?;
    found
        .iter()
        .map(|row| {
            let product = row.try_get("", "id")?;
            Ok((product, read_counted(row, product)?))
        })
        .collect()
}

/// The row, locked until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, sku: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(sku).lock_exclusive().one(db).await
}

pub async fn insert(db: &impl ConnectionTrait, stock: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(stock).exec_without_returning(db).await.map(|_| ())
}

pub async fn update(db: &impl ConnectionTrait, sku: Uuid, changes: ActiveModel) -> Result<(), DbErr> {
    Entity::update_many().set(changes).filter(Column::SkuId.eq(sku)).exec(db).await.map(|_| ())
}
