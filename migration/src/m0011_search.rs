//! What products are found by: an index of their words, and the words that the shop has.
//!
//! Texts are folded before they are kept: case, accents and width don't count, and scripts without spaces between words are kept
//! character by character. The application folds what is typed by the same rules (`product/search/fold.rs`).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::dialect::{Sql, is_postgres, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const DOWN: Sql = Sql {
    postgres: include_str!("m0011_search/postgres_down.sql"),
    sqlite: include_str!("m0011_search/sqlite_down.sql"),
};

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text =
            if is_postgres(manager) { include_str!("m0011_search/postgres_up.sql").to_owned() } else { sqlite_up() };
        manager.get_connection().execute_unprepared(&text).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// SQLite has no functions of its own language: the same expression folds each of the three texts.
fn sqlite_up() -> String {
    let fold = |raw: &str| include_str!("m0011_search/sqlite_fold.sql").replace("{raw}", raw);
    include_str!("m0011_search/sqlite_up.sql")
        .replace("{name}", &fold("products.name"))
        .replace("{tags}", &fold(include_str!("m0011_search/sqlite_tags.sql")))
        .replace("{description}", &fold(include_str!("m0011_search/sqlite_description.sql")))
}
