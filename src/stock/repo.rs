//! All SQL of stock.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::db::{Connection, Sql};
use crate::error::Result;

/// Stock by sku.
pub async fn by_skus(db: &Connection, skus: &[Uuid]) -> Result<HashMap<Uuid, Model>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT t.sku_id, t.product_id, t.quantity, t.version, t.updated_at FROM stock t WHERE ");
    sql.any_of("t.sku_id", skus);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let row = Model::from_query_result(row, "")?;
            Ok((row.sku_id, row))
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
