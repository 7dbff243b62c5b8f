//! The index by which products are found by their tags and options.
//!
//! On Postgres an inverted index: of tags it answers which lists have one of some texts, of options which lists contain an option with a value.
//! SQLite has no such index, and walks through the list.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: "CREATE INDEX products_tags_options_idx ON products USING gin (tags, options jsonb_path_ops)",
    sqlite: "",
};

const DOWN: Sql = Sql { postgres: "DROP INDEX products_tags_options_idx", sqlite: "" };

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
