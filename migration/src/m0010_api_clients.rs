//! API clients, each with the SHA-256 of its key. A name is free again once its client is revoked, so a key is replaced under the same name.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, id, moment, text, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("api_clients")
            .col(id("id").primary_key())
            .col(text("name"))
            .col(ColumnDef::new("key_hash").binary().not_null())
            .col(ColumnDef::new("points").big_integer())
            .col(moment("created_at"))
            .col(ColumnDef::new("revoked_at").timestamp_with_time_zone())
            .index(&mut unique("api_clients_key_hash_key", &["key_hash"]))
            .check(("api_clients_points_check", Expr::col("points").gt(0)))
            .take();
        manager.create_table(table).await?;
        let of_those_in_use = Expr::col("revoked_at").is_null();
        let mut names = unique("api_clients_name_key", &["name"]);
        manager.create_index(names.table("api_clients").and_where(of_those_in_use).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["api_clients"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
