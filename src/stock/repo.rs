//! All SQL of stock.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::db::{Connection, Sql, moment};
use crate::error::{Error, Result};

/// The stock of a product: one aggregate, with a version of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockNode {
    pub product_id: Uuid,
    /// Of the aggregate; 0 where it was read beside its product, for a request that caches nothing.
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
    /// The stock of a sku; `None` when it was never counted.
    pub fn of_sku(&self, sku: Uuid) -> Option<&StockRow> {
        self.rows.binary_search_by_key(&sku, |row| row.sku_id).ok().map(|index| &self.rows[index])
    }
}

/// A column `counted` that holds all stock of the product with this id, for [`read_counted`].
pub fn counted_json(backend: DbBackend, product: &str) -> String {
    match backend {
        DbBackend::Sqlite => format!(
            "(SELECT json_group_array(json_array(lower(hex(s.sku_id)), s.quantity, s.version, s.updated_at)) \
             FROM stock s WHERE s.product_id = {product}) AS counted"
        ),
        _ => format!(
            "(SELECT coalesce(json_agg(json_build_array(s.sku_id, s.quantity, s.version, s.updated_at)), '[]')::text \
             FROM stock s WHERE s.product_id = {product}) AS counted"
        ),
    }
}

/// The stock in a row that was selected with [`counted_json`].
pub fn read_counted(row: &QueryResult, product_id: Uuid, version: i64) -> Result<Arc<StockNode>> {
    let counted: String = row.try_get("", "counted")?;
    let mut rows: Vec<StockRow> = serde_json::from_str(&counted).map_err(Error::internal)?;
    rows.sort_unstable_by_key(|row| row.sku_id);
    Ok(Arc::new(StockNode { product_id, version, rows }))
}

/// Stock by product: one statement. Every product has some, be it that nothing was ever counted.
pub async fn by_products(db: &Connection, products: &[Uuid]) -> Result<HashMap<Uuid, Arc<StockNode>>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT t.product_id, t.version, ").push(&counted_json(backend, "t.product_id"));
    sql.push(" FROM product_stock t WHERE ").key_any_of("t.product_id", products);
    let found = db.query_all_raw(sql.build()).await?;
    found
        .iter()
        .map(|row| {
            let product = row.try_get("", "product_id")?;
            Ok((product, read_counted(row, product, row.try_get("", "version")?)?))
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
