//! Where users have logged in from, in a form that tells nobody who or where, and when that was last.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, index, moment};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("login_places")
            .col(ColumnDef::new("subject").binary().not_null().primary_key())
            .col(moment("since"))
            .take();
        manager.create_table(table).await?;
        index(manager, "login_places", "login_places_since_idx", &["since"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["login_places"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
