//! When a row of the change log was fenced for the first time, and whether for the second. TRUNCATE, which no trigger for rows sees, writes
//! the log as well.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: include_str!("m0009_change_log_sweep/postgres_up.sql"),
    sqlite: "ALTER TABLE change_log ADD COLUMN fenced_at text; \
         ALTER TABLE change_log ADD COLUMN is_settled boolean NOT NULL DEFAULT false; \
         CREATE INDEX change_log_open ON change_log (fenced_at, seq) WHERE NOT is_settled",
};

const DOWN: Sql = Sql {
    postgres: include_str!("m0009_change_log_sweep/postgres_down.sql"),
    sqlite: "DROP INDEX change_log_open; ALTER TABLE change_log DROP COLUMN is_settled; \
         ALTER TABLE change_log DROP COLUMN fenced_at",
};

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
