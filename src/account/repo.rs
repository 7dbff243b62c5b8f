//! All SQL of accounts: users by what they prove themselves with.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};
use uuid::Uuid;

use crate::db::{Connection, Sql};
use crate::error::Result;

/// A user and the hash of their password; `None` when they have none and cannot log in.
pub struct Account {
    pub user: Uuid,
    pub email: String,
    pub password_hash: Option<String>,
}

/// A user who registers.
pub struct NewAccount {
    pub user: Uuid,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub created_at: DateTime<Utc>,
}

const SELECT: &str = "SELECT id, email, password_hash FROM users WHERE ";

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

pub async fn insert(db: &impl ConnectionTrait, new: NewAccount) -> Result<(), DbErr> {
    let mut insert = Sql::new(db.get_database_backend());
    insert.push("INSERT INTO users (id, email, name, password_hash, created_at, updated_at) VALUES (").bind(new.user);
    insert.push(", ").bind(new.email).push(", ").bind(new.name).push(", ").bind(new.password_hash);
    insert.push(", ").bind(new.created_at).push(", ").bind(new.created_at).push(")");
    db.execute_raw(insert.build()).await.map(|_| ())
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
    db.execute_raw(update.build()).await.map(|_| ())
}

fn read(row: &QueryResult) -> Result<Account, DbErr> {
    Ok(Account {
        user: row.try_get("", "id")?,
        email: row.try_get("", "email")?,
        password_hash: row.try_get("", "password_hash")?,
    })
}
