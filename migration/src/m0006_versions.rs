//! Every UPDATE of a versioned row raises its version by one; on SQLite an INSERT draws from the sequence here.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: include_str!("m0006_versions/postgres_up.sql"),
    sqlite: include_str!("m0006_versions/sqlite_up.sql"),
};

const DOWN: Sql = Sql {
    postgres: include_str!("m0006_versions/postgres_down.sql"),
    sqlite: include_str!("m0006_versions/sqlite_down.sql"),
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
