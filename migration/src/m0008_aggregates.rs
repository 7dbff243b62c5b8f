//! Changes of skus and stock reach the product: version, price bounds, in-stock flag, version of its stock.
//!
//! The order in which rows are locked, and why concurrent writers leave the right values behind, is told
//! in the documentation of the crate.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: include_str!("m0008_aggregates/postgres_up.sql"),
    sqlite: include_str!("m0008_aggregates/sqlite_up.sql"),
};

const DOWN: Sql = Sql {
    postgres: include_str!("m0008_aggregates/postgres_down.sql"),
    sqlite: include_str!("m0008_aggregates/sqlite_down.sql"),
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
