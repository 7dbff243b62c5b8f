//! All SQL of users.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryResult,
    QuerySelect, Statement,
};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::db::{Beyond, Connection, List, Parents, Sql, Window};
use crate::error::Result;
use crate::graphql::Page;

const COLUMNS: &str = "t.id, t.email, t.name, t.email_verified_at, t.version, t.created_at, t.updated_at";

const LIST: List<'static> = List {
    table: "users",
    parents: Parents::None,
    key_column: None,
    sort_column: "created_at",
    ranking: None,
    descending: true,
    conditions: &|_| (),
};

pub async fn by_ids(db: &Connection, ids: &[Uuid]) -> Result<HashMap<Uuid, Arc<Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM users t WHERE ").key_any_of("t.id", ids);
    let rows = read(&db.query_all_raw(sql.build()).await?)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub async fn by_emails(db: &Connection, emails: &[String]) -> Result<HashMap<String, Arc<Model>>> {
    let mut sql = Sql::new(db.get_database_backend());
    sql.push("SELECT ").push(COLUMNS).push(" FROM users t WHERE ").key_any_of_texts("t.email", emails);
    let rows = read(&db.query_all_raw(sql.build()).await?)?;
    Ok(rows.into_iter().map(|row| (row.email.clone(), row)).collect())
}

/// A page of all users. One statement, and one more for each end of the window beyond which it must be known whether there are
/// rows.
pub async fn page(db: &Connection, window: &Window) -> Result<Page<Arc<Model>>> {
    let rows = read(&db.query_all_raw(page_statement(db.get_database_backend(), window)).await?)?;
    let beyond_start = is_beyond(db, window, Beyond::Start).await?;
    let beyond_end = is_beyond(db, window, Beyond::End).await?;
    Ok(Page::new(rows, window, beyond_start, beyond_end))
}

/// The statement behind [`page`].
pub fn page_statement(backend: DbBackend, window: &Window) -> Statement {
    LIST.page(backend, COLUMNS, window)
}

async fn is_beyond(db: &Connection, window: &Window, end: Beyond) -> Result<bool> {
    let Some(position) = window.must_look_beyond(end) else { return Ok(false) };
    let row = db.query_one_raw(LIST.beyond(db.get_database_backend(), position, end)).await?;
    Ok(row.map(|row| row.try_get("", "found")).transpose()?.unwrap_or_default())
}

/// How many users there are, counted up to `most` where that is given.
pub async fn count(db: &Connection, most: Option<u32>) -> Result<u32> {
    let row = db.query_one_raw(LIST.count(db.get_database_backend(), most)).await?;
    let total: i64 = row.map(|row| row.try_get("", "total")).transpose()?.unwrap_or_default();
    Ok(total.try_into().unwrap_or(u32::MAX))
}

fn read(rows: &[QueryResult]) -> Result<Vec<Arc<Model>>> {
    rows.iter().map(|row| Ok(Arc::new(Model::from_query_result(row, "")?))).collect()
}

/// The row, locked until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Whether another user than this one has the e-mail address.
pub async fn email_is_taken(db: &impl ConnectionTrait, email: &str, by_other_than: Uuid) -> Result<bool, DbErr> {
    let other = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Email.eq(email))
        .filter(Column::Id.ne(by_other_than))
        .into_tuple::<Uuid>()
        .one(db)
        .await?;
    Ok(other.is_some())
}

pub async fn insert(db: &impl ConnectionTrait, user: ActiveModel) -> Result<(), DbErr> {
    Entity::insert(user).exec_without_returning(db).await.map(|_| ())
}

pub async fn update(db: &impl ConnectionTrait, id: Uuid, changes: ActiveModel) -> Result<(), DbErr> {
    Entity::update_many().set(changes).filter(Column::Id.eq(id)).exec(db).await.map(|_| ())
}

pub async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await.map(|_| ())
}
