//! Many rows in one statement, for what writes thousands: the seed and the import.
//!
//! Postgres takes a statement's rows as one array for each column, since its triggers run once for each statement; SQLite takes
//! lists of values. What the database keeps by itself has no place in a row.

use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

/// Rows of one statement on SQLite: at 20 columns well below its 32,766 parameters, and soon prepared.
const SQLITE_ROWS: usize = 100;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Id,
    OptionalId,
    Text,
    /// Null, or a text that is not empty.
    OptionalText,
    /// A list as JSON text, written as the application writes it: SQLite compares the text.
    Json,
    Moment,
    Int,
    Big,
    /// Null, or a number that is not 0.
    OptionalBig,
    Flag,
}

/// A table and those of its columns that are written, in the order of the values; the first is the key.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Cell)],
}

/// A row of one table.
pub trait Row {
    const TABLE: Table;

    fn values(self) -> Vec<Value>;
}

/// Rows of one table, ready to be written.
#[derive(Debug)]
pub struct Rows {
    pub table: &'static Table,
    pub values: Vec<Vec<Value>>,
}

impl Rows {
    pub fn of<R: Row>(rows: impl IntoIterator<Item = R>) -> Self {
        Self { table: const { &R::TABLE }, values: rows.into_iter().map(Row::values).collect() }
    }
}

/// The type of a field that holds such a cell.
macro_rules! type_of {
    (Id) => { uuid::Uuid };
    (OptionalId) => { Option<uuid::Uuid> };
    (Text) => { String };
    (OptionalText) => { Option<String> };
    (Json) => { String };
    (Moment) => { chrono::DateTime<chrono::Utc> };
    (Int) => { i32 };
    (Big) => { i64 };
    (OptionalBig) => { Option<i64> };
    (Flag) => { bool };
}

/// Makes a struct of each table, with a field for each column.
macro_rules! rows {
    ($($row:ident = $table:literal { $($column:ident: $cell:ident),+ $(,)? })+) => {
        $(
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $row {
                $(pub $column: $crate::db::bulk::type_of!($cell),)+
            }

            impl $crate::db::bulk::Row for $row {
                const TABLE: $crate::db::bulk::Table = $crate::db::bulk::Table {
                    name: $table,
                    columns: &[$((stringify!($column), $crate::db::bulk::Cell::$cell)),+],
                };

                fn values(self) -> Vec<sea_orm::Value> {
                    vec![$(self.$column.into()),+]
                }
            }
        )+
    };
}

pub(crate) use {rows, type_of};

/// Inserts all rows, in one statement where the database allows it.
pub async fn insert(connection: &impl ConnectionTrait, rows: Rows) -> Result<(), DbErr> {
    write(connection, rows, |table, names, source| format!("INSERT INTO {table} ({}) {source}", names.join(", "))).await
}

/// Gives rows that are there the values of these, by their keys.
pub async fn update(connection: &impl ConnectionTrait, rows: Rows) -> Result<(), DbErr> {
    let is_sqlite = connection.get_database_backend() == DbBackend::Sqlite;
    write(connection, rows, |table, names, source| {
        // SQLite names the columns of VALUES by their number.
        let given = |index: usize| if is_sqlite { format!("column{}", index + 1) } else { names[index].to_owned() };
        let set = (1..names.len()).map(|index| format!("{} = given.{}", names[index], given(index)));
        let set = set.collect::<Vec<_>>().join(", ");
        format!("UPDATE {table} SET {set} FROM ({source}) AS given WHERE {table}.{} = given.{}", names[0], given(0))
    })
    .await
}

async fn write(
    connection: &impl ConnectionTrait,
    rows: Rows,
    statement: impl Fn(&str, &[&str], &str) -> String,
) -> Result<(), DbErr> {
    let Rows { table, mut values } = rows;
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    if values.is_empty() {
        return Ok(());
    }
    if connection.get_database_backend() == DbBackend::Postgres {
        let sql = statement(table.name, &names, &unnest(table));
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, arrays(table, values));
        connection.execute_raw(statement).await?;
        return Ok(());
    }
    while !values.is_empty() {
        let rest = values.split_off(values.len().min(SQLITE_ROWS));
        let sql = statement(table.name, &names, &list_of_values(table, values.len()));
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values.into_iter().flatten());
        connection.execute_raw(statement).await?;
        values = rest;
    }
    Ok(())
}

/// `SELECT … FROM unnest(…)`: rows out of an array for each column.
fn unnest(table: &Table) -> String {
    let names = table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let selected = table.columns.iter().map(|(name, cell)| match cell {
        Cell::Json => format!("{name}::jsonb AS {name}"),
        Cell::OptionalId => format!("nullif({name}, '{}') AS {name}", Uuid::nil()),
        Cell::OptionalBig => format!("nullif({name}, 0) AS {name}"),
        Cell::OptionalText => format!("nullif({name}, '') AS {name}"),
        _ => (*name).to_owned(),
    });
    let selected = selected.collect::<Vec<_>>().join(", ");
    let arrays =
        table.columns.iter().enumerate().map(|(index, (_, cell))| format!("${}::{}[]", index + 1, sql_type(*cell)));
    let arrays = arrays.collect::<Vec<_>>().join(", ");
    format!("SELECT {selected} FROM unnest({arrays}) AS t ({names})")
}

/// An array for each column. An array from SeaORM holds no null, so a value that cannot occur stands for it.
fn arrays(table: &Table, rows: Vec<Vec<Value>>) -> Vec<Value> {
    let mut columns: Vec<Vec<Value>> = table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for ((column, (_, cell)), value) in columns.iter_mut().zip(table.columns).zip(row) {
            column.push(if value == value.as_null() { null_stand_in(*cell) } else { value });
        }
    }
    let arrays = table.columns.iter().zip(columns);
    arrays.map(|((_, cell), column)| Value::Array(array_type(*cell), Some(Box::new(column)))).collect()
}

/// `VALUES (?, …), …`. Parameters without numbers: SQLite looks each numbered one up among all others.
fn list_of_values(table: &Table, rows: usize) -> String {
    let row = format!("({})", vec!["?"; table.columns.len()].join(", "));
    format!("VALUES {}", vec![row.as_str(); rows].join(", "))
}

fn sql_type(cell: Cell) -> &'static str {
    match cell {
        Cell::Id | Cell::OptionalId => "uuid",
        Cell::Text | Cell::OptionalText | Cell::Json => "text",
        Cell::Moment => "timestamptz",
        Cell::Int => "integer",
        Cell::Big | Cell::OptionalBig => "bigint",
        Cell::Flag => "boolean",
    }
}

fn array_type(cell: Cell) -> ArrayType {
    match cell {
        Cell::Id | Cell::OptionalId => ArrayType::Uuid,
        Cell::Text | Cell::OptionalText | Cell::Json => ArrayType::String,
        Cell::Moment => ArrayType::ChronoDateTimeUtc,
        Cell::Int => ArrayType::Int,
        Cell::Big | Cell::OptionalBig => ArrayType::BigInt,
        Cell::Flag => ArrayType::Bool,
    }
}

fn null_stand_in(cell: Cell) -> Value {
    match cell {
        Cell::OptionalId => Uuid::nil().into(),
        Cell::OptionalText => String::new().into(),
        _ => 0_i64.into(),
    }
}
