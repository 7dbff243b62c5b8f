//! Skus that are no longer sold, which count neither for the price bounds nor for the in-stock flag of their product, and what search
//! engines show of a product.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: include_str!("m0013_archived_skus_and_seo/postgres_up.sql"),
    sqlite: include_str!("m0013_archived_skus_and_seo/sqlite_up.sql"),
};

const DOWN: Sql = Sql {
    postgres: include_str!("m0013_archived_skus_and_seo/postgres_down.sql"),
    sqlite: include_str!("m0013_archived_skus_and_seo/sqlite_down.sql"),
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
