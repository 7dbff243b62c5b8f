//! All SQL of sessions.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::Session;
use crate::auth::key::KeyHash;
use crate::db::{Connection, Sql};
use crate::error::Result;

/// A session that begins.
pub struct NewSession {
    pub id: Uuid,
    pub user: Uuid,
    pub hash: KeyHash,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A session as it is kept.
pub struct Kept {
    pub session: Session,
    pub used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

pub async fn by_token(db: &Connection, hash: &KeyHash) -> Result<Option<Kept>> {
    let mut select = Sql::new(db.get_database_backend());
    select.push(
        "SELECT s.id, s.user_id, s.used_at, s.expires_at, u.role FROM sessions s JOIN users u ON u.id = s.user_id",
    );
    select.push(" WHERE s.token_hash = ").bind(hash.bytes());
    let Some(row) = db.query_one_raw(select.build()).await? else { return Ok(None) };
    let session = Session {
        id: row.try_get("", "id")?,
        user: row.try_get("", "user_id")?,
        is_staff: row.try_get::<String>("", "role")? == "STAFF",
    };
    Ok(Some(Kept { session, used_at: row.try_get("", "used_at")?, expires_at: row.try_get("", "expires_at")? }))
}

/// Adds a session, and drops those of the same user that are over.
pub async fn add(db: &impl ConnectionTrait, new: &NewSession) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM sessions WHERE user_id = ").bind(new.user);
    delete.push(" AND expires_at <= ").bind(new.created_at);
    db.execute_raw(delete.build()).await?;

    let mut insert = Sql::new(db.get_database_backend());
    insert.push("INSERT INTO sessions (id, user_id, token_hash, created_at, used_at, expires_at) VALUES (");
    insert.bind(new.id).push(", ").bind(new.user).push(", ").bind(new.hash.bytes());
    insert.push(", ").bind(new.created_at).push(", ").bind(new.created_at).push(", ").bind(new.expires_at).push(")");
    db.execute_raw(insert.build()).await.map(|_| ())
}

/// Notes that a session is in use, unless it was noted since `noted_at`, or is over.
pub async fn touch(
    db: &impl ConnectionTrait,
    id: Uuid,
    noted_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut update = Sql::new(db.get_database_backend());
    update.push("UPDATE sessions SET used_at = ").bind(used_at).push(", expires_at = ").bind(expires_at);
    update.push(" WHERE id = ").bind(id).push(" AND used_at <= ").bind(noted_at);
    update.push(" AND expires_at > ").bind(used_at);
    db.execute_raw(update.build()).await.map(|_| ())
}

/// Ends one session of a user; the hashes of the tokens that are no good any more.
pub async fn end(db: &impl ConnectionTrait, user: Uuid, id: Uuid) -> Result<Vec<KeyHash>, DbErr> {
    delete(db, user, |sql| {
        sql.push(" AND id = ").bind(id);
    })
    .await
}

/// Ends all sessions of a user but this one.
pub async fn end_others(db: &impl ConnectionTrait, user: Uuid, kept: Uuid) -> Result<Vec<KeyHash>, DbErr> {
    delete(db, user, |sql| {
        sql.push(" AND id <> ").bind(kept);
    })
    .await
}

/// Ends all sessions of a user.
pub async fn end_all(db: &impl ConnectionTrait, user: Uuid) -> Result<Vec<KeyHash>, DbErr> {
    delete(db, user, |_| ()).await
}

async fn delete(db: &impl ConnectionTrait, user: Uuid, which: impl FnOnce(&mut Sql)) -> Result<Vec<KeyHash>, DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM sessions WHERE user_id = ").bind(user);
    which(&mut delete);
    delete.push(" RETURNING token_hash");
    let rows = db.query_all_raw(delete.build()).await?;
    let hashes = rows.iter().map(|row| Ok(KeyHash::kept(&row.try_get::<Vec<u8>>("", "token_hash")?)));
    hashes.collect::<Result<Vec<_>, DbErr>>().map(|hashes| hashes.into_iter().flatten().collect())
}

/// Drops the sessions of everyone that are over.
pub async fn sweep(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM sessions WHERE expires_at <= ").bind(now);
    db.execute_raw(delete.build()).await.map(|_| ())
}
