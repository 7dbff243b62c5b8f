//! Secrets that an installation makes for itself at its first start.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table =
            Table::create().table("installation_secrets").col(text("name").primary_key()).col(text("value")).take();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["installation_secrets"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
