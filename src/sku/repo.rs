//! All SQL of skus.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model, OptionValues, SkuAttributes};
use crate::db::moment::{self, Moment};
use crate::db::{Columns, Connection, Sql, record, records, records_by_id};
use crate::error::Result;
use crate::product::{Depth, ProductNode};
use crate::stock::{COUNT_COLUMNS, COUNT_JOIN, StockRow};

/// A sku as it is read together with its product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkuNode {
    pub id: Uuid,
    pub option_values: OptionValues,
    /// In minor units of the product's currency.
    pub price: i64,
    pub compare_at_price: Option<i64>,
    pub archived: bool,
    pub version: i64,
    /// There where they were wanted.
    pub details: Option<Arc<SkuDetails>>,
}

/// What is seldom asked of a sku. The order of the fields is that of [`details_record`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkuDetails {
    pub code: Option<String>,
    pub attributes: SkuAttributes,
    #[serde(with = "moment")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "moment")]
    pub updated_at: DateTime<Utc>,
}

/// A sku and its stock as the record of [`sku_record`], in the order of its fields. Where no stock was wanted the record is shorter.
#[derive(Deserialize)]
struct SkuRecord {
    id: Uuid,
    option_values: OptionValues,
    price: i64,
    compare_at_price: Option<i64>,
    archived: bool,
    version: i64,
    details: Option<Arc<SkuDetails>>,
    #[serde(default)]
    quantity: Option<i32>,
    #[serde(default)]
    stock_version: Option<i64>,
    #[serde(default)]
    counted_at: Option<Moment>,
}

/// The skus of a product in their order, and what of them is counted where that was asked for.
#[derive(Default)]
pub struct Skus {
    pub skus: Vec<Arc<SkuNode>>,
    pub counted: Vec<StockRow>,
}

impl SkuRecord {
    fn split(self) -> (SkuNode, Option<StockRow>) {
        let Self { id, option_values, price, compare_at_price, archived, version, details, .. } = self;
        let counted_at = self.counted_at.map(|Moment(at)| at);
        let counted = StockRow::counted(id, self.quantity, self.stock_version, counted_at);
        (SkuNode { id, option_values, price, compare_at_price, archived, version, details }, counted)
    }
}

/// The sku under the alias `s` as a [`SkuRecord`].
fn sku_record(backend: DbBackend, with: Depth) -> String {
    let mut columns = match backend {
        DbBackend::Sqlite => {
            "lower(hex(s.id)), json(s.option_values), s.price, s.compare_at_price, json(iif(s.archived, 'true', 'false')), \
             s.version, "
        }
        _ => "s.id, s.option_values, s.price, s.compare_at_price, s.archived, s.version, ",
    }
    .to_owned();
    columns.push_str(if with.sku_details { details_record(backend) } else { "NULL" });
    if with.stock {
        columns.extend([", ", COUNT_COLUMNS]);
    }
    record(backend, &columns)
}

/// The [`SkuDetails`] of the sku under the alias `s`.
fn details_record(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "json_array(s.code, json(s.attributes), s.created_at, s.updated_at)",
        _ => "ROW(s.code, s.attributes, s.created_at, s.updated_at)",
    }
}

/// A column of the skus of the product whose id is `product` that are not archived, in their order, for [`read_skus`].
pub fn skus_column(backend: DbBackend, product: &str, with: Depth) -> String {
    let join = if with.stock { COUNT_JOIN } else { "" };
    let from = format!("FROM skus s{join} WHERE s.product_id = {product} AND NOT s.archived ORDER BY s.position, s.id");
    records(backend, &sku_record(backend, with), &from)
}

/// The skus in the next column.
pub fn read_skus(columns: &mut Columns<'_>) -> Result<Skus> {
    let records = columns.take_record::<Vec<SkuRecord>>()?;
    let mut read = Skus { skus: Vec::with_capacity(records.len()), counted: Vec::new() };
    for (sku, counted) in records.into_iter().map(SkuRecord::split) {
        read.skus.push(Arc::new(sku));
        read.counted.extend(counted);
    }
    Ok(read)
}

/// Skus by id, each with its product.
pub async fn skus_with_product(
    db: &Connection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (Arc<ProductNode>, Arc<SkuNode>)>> {
    let (backend, whole) = (db.get_database_backend(), Depth::NODE);
    let mut sql = Sql::new(backend);
    sql.push("SELECT ")
        .push(&sku_record(backend, whole))
        .push(", ")
        .push(&ProductNode::columns(backend, whole.details));
    sql.push(" FROM skus s JOIN products t ON t.id = s.product_id WHERE ").key_any_of("s.id", ids);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let (sku, _) = columns.take_record::<SkuRecord>()?.split();
            Ok((sku.id, (Arc::new(ProductNode::read(&mut columns, whole.details)?), Arc::new(sku))))
        })
        .collect()
}

/// The skus of many products that are not archived, in their order. A product without any is there as well.
pub async fn skus_by_product(db: &Connection, products: &[Uuid], with: Depth) -> Result<HashMap<Uuid, Skus>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT p.id, ").push(&skus_column(backend, "p.id", with)).push(" FROM ").ids(products, "p");
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.take()?, read_skus(&mut columns)?))
        })
        .collect()
}

/// What is seldom asked of skus, by their ids.
pub async fn details(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<SkuDetails>>> {
    Ok(records_by_id(db, ("skus", "s"), details_record(db.get_database_backend()), ids).await?)
}

/// The product of a sku, as it was a moment ago: nothing is locked.
pub async fn product_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>, DbErr> {
    Entity::find_by_id(id).select_only().column(Column::ProductId).into_tuple().one(db).await
}

/// The row, locked until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

pub async fn count_of_product(db: &impl ConnectionTrait, product: Uuid) -> Result<u64, DbErr> {
    Entity::find().filter(Column::ProductId.eq(product)).count(db).await
}

/// The option values of each sku of a product that is not archived.
pub async fn option_values_of_product(db: &impl ConnectionTrait, product: Uuid) -> Result<Vec<OptionValues>, DbErr> {
    let rows = Entity::find().select_only().column(Column::OptionValues).filter(Column::ProductId.eq(product));
    let rows = rows.filter(Column::Archived.eq(false));
    rows.into_tuple().all(db).await
}

/// Whether another sku of the product than this one has the code.
pub async fn code_is_taken(
    db: &impl ConnectionTrait,
    product: Uuid,
    code: &str,
    by_other_than: Uuid,
) -> Result<bool, DbErr> {
    is_taken(db, product, Column::Code.eq(code), by_other_than).await
}

/// Whether another sku of the product than this one has the same option values.
pub async fn option_values_are_taken(
    db: &impl ConnectionTrait,
    product: Uuid,
    values: &OptionValues,
    by_other_than: Uuid,
) -> Result<bool, DbErr> {
    is_taken(db, product, Column::OptionValues.eq(values.clone()), by_other_than).await
}

async fn is_taken(
    db: &impl ConnectionTrait,
    product: Uuid,
    condition: SimpleExpr,
    by_other_than: Uuid,
) -> Result<bool, DbErr> {
    let other = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ProductId.eq(product))
        .filter(condition)
        .filter(Column::Id.ne(by_other_than))
        .into_tuple::<Uuid>()
        .one(db)
        .await?;
    Ok(other.is_some())
}

/// The first place after all skus of a product.
pub async fn next_position(db: &impl ConnectionTrait, product: Uuid) -> Result<i32, DbErr> {
    #[derive(FromQueryResult)]
    struct Last {
        last: Option<i32>,
    }
    let last = Entity::find()
        .select_only()
        .column_as(Column::Position.max(), "last")
        .filter(Column::ProductId.eq(product))
        .into_model::<Last>()
        .one(db)
        .await?;
    Ok(last.and_then(|row| row.last).map_or(0, |last| last.saturating_add(1)))
}

pub async fn insert(db: &impl ConnectionTrait, sku: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(sku).exec_without_returning(db).await.map(|_| ())
}

pub async fn update(db: &impl ConnectionTrait, id: Uuid, changes: ActiveModel) -> Result<(), DbErr> {
    Entity::update_many().set(changes).filter(Column::Id.eq(id)).exec(db).await.map(|_| ())
}

pub async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await.map(|_| ())
}
