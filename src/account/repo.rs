//! All SQL of accounts: users by what they prove themselves with.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};
use uuid::Uuid;

use crate::db::{Connection, Sql};
use crate::error::Result;

/// A user as far as letting them in is concerned.
pub struct Account {
    pub user: Uuid,
    pub email: String,
    /// `None` when they have no password and cannot log in.
    pub password_hash: Option<String>,
    /// Whether the address was proved.
    pub is_verified: bool,
    /// Whether they cannot log in before it is.
    pub is_pending: bool,
}

/// A user who gets an account.
pub struct NewAccount {
    pub user: Uuid,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub email_verified_at: Option<DateTime<Utc>>,
    pub is_pending: bool,
    pub is_staff: bool,
    pub created_at: DateTime<Utc>,
}

const SELECT: &str = "SELECT id, email, password_hash, email_verified_at, is_pending FROM users WHERE ";

pub async fn by_email(db: &Connection, email: &str) -> Result<Option<Account>> {
    let mut select = Sql::new(db.get_database_backend());
    select.push(SELECT).push("email = ").bind(email);
    Ok(db.query_one_raw(select.build()).await?.as_ref().map(read).transpose()?)
}

pub async fn by_id(db: &Connection, user: Uuid) -> Result<Option<Account>> {
    let mut select = Sql::new(db.get_database_backend());
    select.push(SELECT).push("id = ").bind(user);
    Ok(db.query_one_raw(select.build()).await?.as_ref().map(read).transpose()?)
}

/// The account, locked until the transaction ends.
pub async fn lock(db: &impl ConnectionTrait, user: Uuid) -> Result<Option<Account>, DbErr> {
    let mut select = Sql::new(db.get_database_backend());
    select.push(SELECT).push("id = ").bind(user);
    if select.backend() == DbBackend::Postgres {
        select.push(" FOR UPDATE");
    }
    db.query_one_raw(select.build()).await?.as_ref().map(read).transpose()
}

/// Adds an account; `false` when another one has the address.
pub async fn insert(db: &impl ConnectionTrait, new: NewAccount) -> Result<bool, DbErr> {
    let mut insert = Sql::new(db.get_database_backend());
    insert.push("INSERT INTO users (id, email, name, password_hash, email_verified_at, is_pending, role, ");
    insert.push("created_at, updated_at) VALUES (").bind(new.user);
    insert.push(", ").bind(new.email).push(", ").bind(new.name).push(", ").bind(new.password_hash);
    insert.push(", ").bind(new.email_verified_at).push(", ").bind(new.is_pending);
    insert.push(", ").bind(if new.is_staff { "STAFF" } else { "SHOPPER" });
    insert.push(", ").bind(new.created_at).push(", ").bind(new.created_at);
    insert.push(") ON CONFLICT (email) DO NOTHING");
    Ok(db.execute_raw(insert.build()).await?.rows_affected() > 0)
}

pub async fn set_password(
    db: &impl ConnectionTrait,
    user: Uuid,
    hash: &str,
    updated_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut update = Sql::new(db.get_database_backend());
    update.push("UPDATE users SET password_hash = ").bind(hash).push(", updated_at = ").bind(updated_at);
    update.push(" WHERE id = ").bind(user);
    db.execute_raw(update.build()).await.map(drop)
}

/// Notes that the address was proved, unless it was before.
pub async fn set_verified(db: &impl ConnectionTrait, user: Uuid, at: DateTime<Utc>) -> Result<(), DbErr> {
    let mut update = Sql::new(db.get_database_backend());
    update.push("UPDATE users SET email_verified_at = ").bind(at).push(", is_pending = ").bind(false);
    update.push(", updated_at = ").bind(at);
    update.push(" WHERE id = ").bind(user).push(" AND email_verified_at IS NULL");
    db.execute_raw(update.build()).await.map(drop)
}

/// Takes the password from an account that waits for its address to be proved.
pub async fn drop_pending_password(db: &impl ConnectionTrait, user: Uuid) -> Result<(), DbErr> {
    let mut update = Sql::new(db.get_database_backend());
    update.push("UPDATE users SET password_hash = NULL WHERE is_pending AND id = ").bind(user);
    db.execute_raw(update.build()).await.map(drop)
}

/// Drops whoever registered before this moment and never proved the address.
pub async fn drop_pending(db: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM users WHERE is_pending AND created_at <= ").bind(before);
    db.execute_raw(delete.build()).await.map(drop)
}

fn read(row: &QueryResult) -> Result<Account, DbErr> {
    Ok(Account {
        user: row.try_get("", "id")?,
        email: row.try_get("", "email")?,
        password_hash: row.try_get("", "password_hash")?,
        is_verified: row.try_get::<Option<DateTime<Utc>>>("", "email_verified_at")?.is_some(),
        is_pending: row.try_get("", "is_pending")?,
    })
}
