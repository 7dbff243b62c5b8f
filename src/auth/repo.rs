//! All SQL of API clients, and of the keys that a development server makes at its first start and keeps in its database.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult};
use uuid::Uuid;

use super::client::ApiClient;
use super::key::KeyHash;
use crate::db::{Connection, Sql, violation};
use crate::error::Result;

/// A client as the database keeps it, in use or revoked, without the hash of its key.
#[derive(Clone, Debug, FromQueryResult)]
pub struct KeptClient {
    pub id: Uuid,
    pub name: String,
    pub points: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The client in use whose key has this hash.
pub async fn client_by_key(db: &Connection, hash: &KeyHash) -> Result<Option<ApiClient>> {
    let mut select = Sql::new(db.get_database_backend());
    select.push("SELECT id, name, points FROM api_clients WHERE key_hash = ").bind(hash.bytes());
    select.push(" AND revoked_at IS NULL");
    let Some(row) = db.query_one_raw(select.build()).await? else { return Ok(None) };
    let points: Option<i64> = row.try_get("", "points")?;
    Ok(Some(ApiClient {
        id: row.try_get("", "id")?,
        name: row.try_get::<String>("", "name")?.into(),
        points: points.map(i64::unsigned_abs),
    }))
}

/// All clients, oldest first.
pub async fn clients(db: &DatabaseConnection) -> Result<Vec<KeptClient>, DbErr> {
    let mut select = Sql::new(db.get_database_backend());
    select.push("SELECT id, name, points, created_at, revoked_at FROM api_clients ORDER BY created_at, id");
    let rows = db.query_all_raw(select.build()).await?;
    rows.iter().map(|row| KeptClient::from_query_result(row, "")).collect()
}

/// Adds a client; `false` when one in use has its name.
pub async fn add_client(db: &DatabaseConnection, client: &KeptClient, hash: &KeyHash) -> Result<bool, DbErr> {
    let mut insert = Sql::new(db.get_database_backend());
    insert.push("INSERT INTO api_clients (id, name, key_hash, points, created_at) VALUES (").bind(client.id);
    insert.push(", ").bind(client.name.clone()).push(", ").bind(hash.bytes());
    insert.push(", ").bind(client.points).push(", ").bind(client.created_at).push(")");
    match db.execute_raw(insert.build()).await {
        Ok(_) => Ok(true),
        Err(error) if violation(&error).is_some_and(|rule| rule.is_unique("api_clients", &["name"])) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Revokes a client from this moment on; `false` when it was revoked before.
pub async fn revoke_client(db: &DatabaseConnection, id: Uuid, at: DateTime<Utc>) -> Result<bool, DbErr> {
    let mut update = Sql::new(db.get_database_backend());
    update.push("UPDATE api_clients SET revoked_at = ").bind(at).push(" WHERE id = ").bind(id);
    update.push(" AND revoked_at IS NULL");
    Ok(db.execute_raw(update.build()).await?.rows_affected() > 0)
}

/// The secret of this name, made when there is none yet. Instances that start together agree on one.
pub async fn kept_secret(database: &DatabaseConnection, name: &str) -> Result<String> {
    let backend = database.get_database_backend();
    let fresh = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let mut insert = Sql::new(backend);
    insert.push("INSERT INTO installation_secrets (name, value) VALUES (").bind(name).push(", ").bind(fresh);
    insert.push(") ON CONFLICT (name) DO NOTHING");
    database.execute_raw(insert.build()).await?;

    let mut select = Sql::new(backend);
    select.push("SELECT value FROM installation_secrets WHERE name = ").bind(name);
    let row = database.query_one_raw(select.build()).await?;
    let row = row.ok_or_else(|| crate::error::Error::internal(anyhow::anyhow!("the secret {name} was not kept")))?;
    Ok(row.try_get("", "value")?)
}
