//! All SQL of stores.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult, QuerySelect, Statement,
};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::db::{Beyond, Columns, Connection, List, Parents, Sql, Window, WriteTransaction, record};
use crate::error::Result;
use crate::graphql::Page;

/// The columns of a store under the alias `t`, for [`read`].
const COLUMNS: &str = "t.id, t.slug, t.name, t.description, t.currency_code, t.version, t.created_at, t.updated_at";

/// A column of the store of the product under the alias `t`, which always has one, for [`read_beside`].
pub fn beside(backend: DbBackend) -> String {
    let columns = match backend {
        DbBackend::Sqlite => {
            "lower(hex(s.id)), s.slug, s.name, s.description, s.currency_code, s.version, s.created_at, s.updated_at"
        }
        _ => "s.id, s.slug, s.name, s.description, s.currency_code, s.version, s.created_at, s.updated_at",
    };
    format!("(SELECT {} FROM stores s WHERE s.id = t.store_id)", record(backend, columns))
}

/// The store in the next column.
pub fn read_beside(columns: &mut Columns<'_>) -> Result<Option<Arc<Model>>> {
    Ok(columns.take_record()?)
}

fn read(row: &QueryResult) -> Result<Arc<Model>> {
    let mut columns = Columns::of(row);
    Ok(Arc::new(Model {
        id: columns.take()?,
        slug: columns.take()?,
        name: columns.take()?,
        description: columns.take()?,
        currency_code: columns.take()?,
        version: columns.take()?,
        created_at: columns.take()?,
        updated_at: columns.take()?,
    }))
}

/// Stores by id.
pub async fn by_ids(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM stores t WHERE ").key_any_of("t.id", ids);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| read(row).map(|store| (store.id, store))).collect()
}

/// Stores by slug.
pub async fn by_slugs(db: &Connection, slugs: &[String]) -> Result<HashMap<String, Arc<Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM stores t WHERE ").key_any_of_texts("t.slug", slugs);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter().map(|row| read(row).map(|store| (store.slug.clone(), store))).collect()
}

/// A page of all stores. One statement, and one more for each end of the window beyond which it must be known whether there
/// are rows.
pub async fn page(db: &Connection, window: &Window) -> Result<Page<Arc<Model>>> {
    let statement = page_statement(db.get_database_backend(), window);
    let rows = db.query_all_raw(statement).await?;
    let stores = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let beyond_start = beyond(db, window, Beyond::Start).await?;
    let beyond_end = beyond(db, window, Beyond::End).await?;
    Ok(Page::new(stores, window, beyond_start, beyond_end))
}

/// The statement behind [`page`].
pub fn page_statement(backend: DbBackend, window: &Window) -> Statement {
    list().page(backend, COLUMNS, window)
}

/// How many stores there are, counted up to `most` where that is given.
pub async fn count(db: &Connection, most: Option<u32>) -> Result<u32> {
    let statement = list().count(db.get_database_backend(), most);
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(0) };
    Ok(row.try_get::<i64>("", "total")?.try_into().unwrap_or(u32::MAX))
}

async fn beyond(db: &Connection, window: &Window, end: Beyond) -> Result<bool> {
    let Some(position) = window.must_look_beyond(end) else { return Ok(false) };
    let statement = list().beyond(db.get_database_backend(), position, end);
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(false) };
    Ok(row.try_get("", "found")?)
}

fn list() -> List<'static> {
    List {
        table: "stores",
        parents: Parents::None,
        key_column: None,
        sort_column: "created_at",
        ranking: None,
        descending: true,
        conditions: &|_: &mut Sql| {},
    }
}

/// The row, locked against other writers until the transaction ends.
pub async fn lock(tx: &WriteTransaction, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(tx).await
}

/// The row, which keeps its id and its currency until the transaction ends. Several transactions can hold one store.
pub async fn hold(tx: &WriteTransaction, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock(LockType::KeyShare).one(tx).await
}

/// Whether another store than this one has the slug.
pub async fn slug_is_taken(tx: &WriteTransaction, slug: &str, by_other_than: Uuid) -> Result<bool, DbErr> {
    let other = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Slug.eq(slug))
        .filter(Column::Id.ne(by_other_than))
        .into_tuple::<Uuid>()
        .one(tx)
        .await?;
    Ok(other.is_some())
}

pub async fn insert(tx: &WriteTransaction, store: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(store).exec_without_returning(tx).await.map(|_| ())
}

pub async fn update(tx: &WriteTransaction, id: Uuid, changes: ActiveModel) -> Result<(), DbErr> {
    Entity::update_many().set(changes).filter(Column::Id.eq(id)).exec(tx).await.map(|_| ())
}
