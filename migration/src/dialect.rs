//! What differs between the two databases: raw SQL, and the columns that need it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// One change written for both databases; each text may hold several statements.
pub(crate) struct Sql {
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
}

/// Runs the text of the database at hand.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &Sql) -> Result<(), DbErr> {
    let text = if is_postgres(manager) { sql.postgres } else { sql.sqlite };
    manager.get_connection().execute_unprepared(text).await?;
    Ok(())
}

pub(crate) fn is_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Postgres
}

pub(crate) fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

pub(crate) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

pub(crate) fn moment(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

pub(crate) fn currency_code() -> ColumnDef {
    ColumnDef::new("currency_code").string_len(3).not_null().take()
}

pub(crate) fn json_list(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json_binary().not_null().take()
}

/// The version of a row. On SQLite a default can't draw from the sequence: a trigger replaces the 0
/// before the statement ends.
pub(crate) fn version(manager: &SchemaManager<'_>) -> ColumnDef {
    let mut column = ColumnDef::new("version").big_integer().not_null().take();
    if is_postgres(manager) {
        column.default(Expr::cust("nextval('node_version')"));
    } else {
        column.default(0);
    }
    column
}

/// A text column that SQLite and Postgres sort by code point, whatever the database's locale.
pub(crate) fn sort_key(manager: &SchemaManager<'_>, name: &'static str, expression: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name).text().take();
    if is_postgres(manager) {
        column.extra("COLLATE \"C\"");
    }
    column.not_null().generated(Expr::cust(expression), true);
    column
}

/// Leaves room in each page of the table, so that Postgres can write a new version of a row next to the
/// old one and needn't touch its indexes, as when `in_stock` flips.
pub(crate) fn leave_room(manager: &SchemaManager<'_>, table: &mut TableCreateStatement) {
    if is_postgres(manager) {
        table.extra("WITH (fillfactor = 70)");
    }
}

pub(crate) fn unique(name: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).unique().take();
    for column in columns {
        index.col(*column);
    }
    index
}

pub(crate) async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    name: &str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}

pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).take()).await?;
    }
    Ok(())
}
