//! All SQL of stock.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::db::{Columns, Connection, Sql, moment, record, records};
use crate::error::Result;

/// The stock of a product: one aggregate, with a version of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockNode {
    pub product_id: Uuid,
    /// Of the aggregate; 0 where it was read beside products, for a request that caches nothing.
    pub version: i64,
    /// Of those skus that were counted, in the order of their ids.
    pub rows: Vec<StockRow>,
}

/// The stock of one sku. The order of the fields is that of its record in [`by_products`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    pub sku_id: Uuid,
    pub quantity: i32,
    pub version: i64,
    #[serde(with = "moment")]
    pub updated_at: DateTime<Utc>,
}

impl StockRow {
    /// The stock of a sku out of its columns; `None` when it was never counted.
    pub fn counted(
        sku_id: Uuid,
        quantity: Option<i32>,
        version: Option<i64>,
        updated_at: Option<DateTime<Utc>>,
    ) -> Option<Self> {
        Some(Self { sku_id, quantity: quantity?, version: version?, updated_at: updated_at? })
    }
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

/// The columns of the stock of the sku under the alias `s`, for [`StockRow::counted`].
pub const COUNT_COLUMNS: &str = "k.quantity, k.version, k.updated_at";
/// Joins what [`COUNT_COLUMNS`] are columns of.
pub const COUNT_JOIN: &str = " LEFT JOIN stock k ON k.sku_id = s.id";

/// The version of all stock of the product under the alias `t`.
pub const COUNTED_VERSION: &str = "(SELECT p.version FROM product_stock p WHERE p.product_id = t.id)";

/// Stock by product: one statement. Every product has some, be it that nothing was ever counted.
pub async fn by_products(db: &Connection, products: &[Uuid]) -> Result<HashMap<Uuid, Arc<StockNode>>> {
    let backend = db.get_database_backend();
    let stock = match backend {
        DbBackend::Sqlite => "lower(hex(s.sku_id)), s.quantity, s.version, s.updated_at",
        _ => "s.sku_id, s.quantity, s.version, s.updated_at",
    };
    let stock = records(backend, &record(backend, stock), "FROM stock s WHERE s.product_id = t.id");
    let mut sql = Sql::new(backend);
    sql.push("SELECT t.id, ").push(COUNTED_VERSION).push(", ").push(&stock);
    sql.push(" FROM products t WHERE ").key_any_of("t.id", products);
    let found = db.query_all_raw(sql.build()).await?;
    found
        .iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let (product, version) = (columns.take()?, columns.take()?);
            Ok((product, StockNode::new(product, version, columns.take_record()?)))
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
