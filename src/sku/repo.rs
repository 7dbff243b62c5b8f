//! All SQL of skus.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryResult, QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model, OptionValues, SkuAttributes};
use crate::db::{Columns, Connection, Sql, moment};
use crate::error::{Error, Result};
use crate::product::ProductNode;

/// A sku as it is read together with its product. The order of the fields is that of [`sku_json`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkuNode {
    pub id: Uuid,
    pub code: Option<String>,
    pub option_values: OptionValues,
    pub attributes: SkuAttributes,
    pub price: i64,
    pub compare_at_price: Option<i64>,
    pub version: i64,
    #[serde(with = "moment")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "moment")]
    pub updated_at: DateTime<Utc>,
}

/// The columns of a sku under the alias `s`, for [`read_sku`].
pub const SKU_COLUMNS: &str = "s.id, s.code, s.option_values, s.attributes, s.price, s.compare_at_price, s.version, \
     s.created_at, s.updated_at";

/// The sku in the next columns.
pub fn read_sku(columns: &mut Columns<'_>) -> Result<SkuNode> {
    Ok(SkuNode {
        id: columns.take()?,
        code: columns.take()?,
        option_values: columns.take()?,
        attributes: columns.take()?,
        price: columns.take()?,
        compare_at_price: columns.take()?,
        version: columns.take()?,
        created_at: columns.take()?,
        updated_at: columns.take()?,
    })
}

/// The columns of one sku under the alias `s` as a JSON list: a list costs the database half of what an object does.
fn sku_json(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => {
            "json_array(lower(hex(s.id)), s.code, json(s.option_values), json(s.attributes), s.price, \
             s.compare_at_price, s.version, s.created_at, s.updated_at)"
        }
        _ => {
            "json_build_array(s.id, s.code, s.option_values, s.attributes, s.price, s.compare_at_price, s.version, \
             s.created_at, s.updated_at)"
        }
    }
}

/// A column `skus` that holds all skus of the product under the alias `t`, in their order, for [`read_skus`].
pub fn skus_json(backend: DbBackend) -> String {
    let sku = sku_json(backend);
    match backend {
        DbBackend::Sqlite => format!(
            "(SELECT json_group_array(json(sku)) FROM (SELECT {sku} AS sku FROM skus s WHERE s.product_id = t.id \
             ORDER BY s.position, s.id)) AS skus"
        ),
        _ => format!(
            "(SELECT coalesce(json_agg({sku} ORDER BY s.position, s.id), '[]')::text FROM skus s \
             WHERE s.product_id = t.id) AS skus"
        ),
    }
}

/// The skus in a row that was selected with [`skus_json`].
pub fn read_skus(row: &QueryResult) -> Result<Vec<Arc<SkuNode>>> {
    let text: String = row.try_get("", "skus")?;
    serde_json::from_str(&text).map_err(Error::internal)
}

/// Skus by id, each with its product.
pub async fn skus_with_product(
    db: &Connection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (Arc<ProductNode>, Arc<SkuNode>)>> {
    let backend = db.get_database_backend();
    let text = if backend == DbBackend::Postgres { "::text" } else { "" };
    let mut sql = Sql::new(backend);
    sql.push("SELECT ").push(ProductNode::COLUMNS).push(", ").push(sku_json(backend)).push(text);
    sql.push(" AS sku FROM skus s JOIN products t ON t.id = s.product_id WHERE ").key_any_of("s.id", ids);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let sku: SkuNode = serde_json::from_str(&row.try_get::<String>("", "sku")?).map_err(Error::internal)?;
            Ok((sku.id, (Arc::new(ProductNode::from_row(row, None)?), Arc::new(sku))))
        })
        .collect()
}

/// The skus of products, in their order.
pub async fn skus_by_product(db: &Connection, products: &[Uuid]) -> Result<HashMap<Uuid, Vec<Arc<SkuNode>>>> {
    let backend = db.get_database_backend();
    let mut sql = Sql::new(backend);
    sql.push("SELECT t.id, ").push(&skus_json(backend)).push(" FROM products t WHERE ").key_any_of("t.id", products);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, read_skus(row)?))).collect()
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

/// The option values of each sku of a product.
pub async fn option_values_of_product(db: &impl ConnectionTrait, product: Uuid) -> Result<Vec<OptionValues>, DbErr> {
    let rows = Entity::find().select_only().column(Column::OptionValues).filter(Column::ProductId.eq(product));
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
