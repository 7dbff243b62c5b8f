//! All SQL of the seed: is the shop empty, bulk inserts, and what makes the database ready for readers after them.
//!
//! Postgres takes a statement's rows as one array for each column, since its triggers run once for each statement; SQLite takes
//! lists of values.

use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::row::{Cell, Rows, Table};

/// Rows of one statement on SQLite: at 13 columns well below its 32,766 parameters, and soon prepared.
const SQLITE_ROWS: usize = 100;

/// What SQLite may keep of the file in memory during a bulk load, in KiB. Its default of 2 MB makes it write pages many times.
const SQLITE_CACHE_KIB: u32 = 128 * 1024;

/// Whether there is neither a store nor a user.
pub async fn is_empty(connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let sql = "SELECT EXISTS (SELECT 1 FROM stores) OR EXISTS (SELECT 1 FROM users) AS found";
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    Ok(!row.ok_or_else(|| DbErr::RecordNotFound("an answer of one row".to_owned()))?.try_get::<bool>("", "found")?)
}

/// Inserts all rows in one statement where the database allows it.
pub async fn insert(connection: &impl ConnectionTrait, rows: Rows) -> Result<(), DbErr> {
    let Rows { table, mut values } = rows;
    if connection.get_database_backend() == DbBackend::Postgres {
        if !values.is_empty() {
            connection.execute_raw(insert_columns(table, values)).await?;
        }
        return Ok(());
    }
    while !values.is_empty() {
        let rest = values.split_off(values.len().min(SQLITE_ROWS));
        connection.execute_raw(insert_values(table, values)).await?;
        values = rest;
    }
    Ok(())
}

/// Lets the writer of an embedded database use more memory, until it is closed.
pub async fn prepare_bulk_load(database: &DatabaseConnection) -> Result<(), DbErr> {
    if database.get_database_backend() == DbBackend::Sqlite {
        database.execute_unprepared(&format!("PRAGMA cache_size = -{SQLITE_CACHE_KIB}")).await?;
    }
    Ok(())
}

/// Tells the planner about the rows; on Postgres also clears away the versions of rows that the triggers have left behind.
pub async fn analyze(database: &DatabaseConnection, tables: &[&str]) -> Result<(), DbErr> {
    let verb = match database.get_database_backend() {
        DbBackend::Postgres => "VACUUM (ANALYZE)",
        _ => "ANALYZE",
    };
    for table in tables {
        database.execute_unprepared(&format!("{verb} {table}")).await?;
    }
    Ok(())
}

/// `INSERT … SELECT … FROM unnest(…)`. An array from SeaORM holds no null, so a value that cannot occur stands for it.
fn insert_columns(table: &Table, rows: Vec<Vec<Value>>) -> Statement {
    let mut columns: Vec<Vec<Value>> = table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for ((column, (_, cell)), value) in columns.iter_mut().zip(table.columns).zip(row) {
            column.push(if value == value.as_null() { null_stand_in(*cell) } else { value });
        }
    }
    let selected = table.columns.iter().map(|(name, cell)| match cell {
        Cell::Json => format!("{name}::jsonb"),
        Cell::OptionalId => format!("nullif({name}, '{}')", Uuid::nil()),
        Cell::OptionalBig => format!("nullif({name}, 0)"),
        _ => (*name).to_owned(),
    });
    let selected = selected.collect::<Vec<_>>().join(", ");
    let arrays =
        table.columns.iter().enumerate().map(|(index, (_, cell))| format!("${}::{}[]", index + 1, sql_type(*cell)));
    let arrays = arrays.collect::<Vec<_>>().join(", ");
    let names = names(table);
    let sql = format!("INSERT INTO {} ({names}) SELECT {selected} FROM unnest({arrays}) AS t ({names})", table.name);
    let values = table.columns.iter().zip(columns);
    let values = values.map(|((_, cell), column)| Value::Array(array_type(*cell), Some(Box::new(column))));
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// `INSERT … VALUES (?, …), …`. Parameters without numbers: SQLite looks each numbered one up among all others.
fn insert_values(table: &Table, rows: Vec<Vec<Value>>) -> Statement {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    let sql =
        format!("INSERT INTO {} ({}) VALUES {}", table.name, names(table), vec![row.as_str(); rows.len()].join(", "));
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, rows.into_iter().flatten())
}

fn names(table: &Table) -> String {
    table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn sql_type(cell: Cell) -> &'static str {
    match cell {
        Cell::Id | Cell::OptionalId => "uuid",
        Cell::Text | Cell::Json => "text",
        Cell::Moment => "timestamptz",
        Cell::Int => "integer",
        Cell::Big | Cell::OptionalBig => "bigint",
    }
}

fn array_type(cell: Cell) -> ArrayType {
    match cell {
        Cell::Id | Cell::OptionalId => ArrayType::Uuid,
        Cell::Text | Cell::Json => ArrayType::String,
        Cell::Moment => ArrayType::ChronoDateTimeUtc,
        Cell::Int => ArrayType::Int,
        Cell::Big | Cell::OptionalBig => ArrayType::BigInt,
    }
}

fn null_stand_in(cell: Cell) -> Value {
    match cell {
        Cell::OptionalId => Uuid::nil().into(),
        _ => 0_i64.into(),
    }
}
