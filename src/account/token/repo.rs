//! All SQL of the tokens that are sent to users.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{MOST_IN_FORCE, Purpose};
use crate::auth::KeyHash;
use crate::db::{Connection, Sql};

/// Adds a token, unless the user has enough of them in force.
pub async fn add(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    user: Uuid,
    email: &str,
    hash: &KeyHash,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let mut insert = Sql::new(db.get_database_backend());
    insert.push("INSERT INTO user_tokens (token_hash, user_id, purpose, email, expires_at) SELECT ");
    insert.bind(hash.bytes()).push(", ").bind(user).push(", ").bind(purpose.name()).push(", ").bind(email).push(", ");
    insert.bind(now + purpose.life()).push(" WHERE (SELECT count(*) FROM user_tokens WHERE user_id = ").bind(user);
    insert.push(" AND purpose = ").bind(purpose.name()).push(" AND expires_at > ").bind(now);
    insert.push(") < ").bind(MOST_IN_FORCE);
    Ok(db.execute_raw(insert.build()).await?.rows_affected() > 0)
}

/// Whose token in force has this hash.
pub async fn holder(
    db: &Connection,
    purpose: Purpose,
    hash: &KeyHash,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, DbErr> {
    let mut select = Sql::new(db.get_database_backend());
    select.push("SELECT user_id FROM user_tokens WHERE token_hash = ").bind(hash.bytes());
    select.push(" AND purpose = ").bind(purpose.name()).push(" AND expires_at > ").bind(now);
    db.query_one_raw(select.build()).await?.map(|row| row.try_get("", "user_id")).transpose()
}

/// Takes a token in force away; the address that it was sent to.
pub async fn take(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    hash: &KeyHash,
    now: DateTime<Utc>,
) -> Result<Option<String>, DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM user_tokens WHERE token_hash = ").bind(hash.bytes());
    delete.push(" AND purpose = ").bind(purpose.name()).push(" AND expires_at > ").bind(now).push(" RETURNING email");
    db.query_one_raw(delete.build()).await?.map(|row| row.try_get("", "email")).transpose()
}

/// Drops one token, which nobody has been told.
pub async fn forget(db: &impl ConnectionTrait, hash: &KeyHash) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM user_tokens WHERE token_hash = ").bind(hash.bytes());
    db.execute_raw(delete.build()).await.map(drop)
}

/// Drops the tokens of a user: those for one purpose, or all.
pub async fn forget_all(db: &impl ConnectionTrait, user: Uuid, purpose: Option<Purpose>) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM user_tokens WHERE user_id = ").bind(user);
    if let Some(purpose) = purpose {
        delete.push(" AND purpose = ").bind(purpose.name());
    }
    db.execute_raw(delete.build()).await.map(drop)
}

/// Drops the tokens of everyone that are over.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM user_tokens WHERE expires_at <= ").bind(now);
    db.execute_raw(delete.build()).await.map(drop)
}
