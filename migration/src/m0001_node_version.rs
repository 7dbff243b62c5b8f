//! The global sequence from which every new row draws its first version.
//!
//! Postgres has a sequence; SQLite a table of one row, raised inside the writing transaction.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: "CREATE SEQUENCE node_version AS bigint",
    sqlite: "CREATE TABLE node_version (value integer NOT NULL);
             INSERT INTO node_version (value) VALUES (0);",
};

const DOWN: Sql = Sql { postgres: "DROP SEQUENCE node_version", sqlite: "DROP TABLE node_version" };

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
