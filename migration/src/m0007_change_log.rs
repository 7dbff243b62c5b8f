//! The change log, and the triggers that write it in the transaction of the change itself.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, drop_tables, id, is_postgres, moment, run, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: include_str!("m0007_change_log/postgres_up.sql"),
    sqlite: include_str!("m0007_change_log/sqlite_up.sql"),
};

const DOWN: Sql = Sql {
    postgres: include_str!("m0007_change_log/postgres_down.sql"),
    sqlite: include_str!("m0007_change_log/sqlite_down.sql"),
};

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite's own CURRENT_TIMESTAMP has another form than the timestamps that the application writes.
        let now =
            if is_postgres(manager) { "CURRENT_TIMESTAMP" } else { "(strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))" };
        let table = Table::create()
            .table("change_log")
            .col(ColumnDef::new("seq").big_integer().not_null().auto_increment().primary_key())
            .col(text("kind"))
            .col(id("node_id"))
            .col(ColumnDef::new("version").big_integer().not_null())
            .col(moment("created_at").default(Expr::cust(now)))
            .check(("change_log_kind_check", Expr::col("kind").is_in(["PRODUCT", "STOCK", "STORE", "CATEGORY"])))
            .take();
        manager.create_table(table).await?;
        run(manager, &UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DOWN).await?;
        drop_tables(manager, &["change_log"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
