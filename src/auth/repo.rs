//! Keys that a development server makes at its first start and keeps in its database.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use uuid::Uuid;

use crate::db::Sql;
use crate::error::Result;

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
