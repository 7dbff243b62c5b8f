//! The columns of a row, one after the other.
//!
//! By its name a column is found by hashing that name for each row; of a page's columns that would be a thousand times.

use std::collections::HashMap;

use sea_orm::sqlx::Row;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, TryGetable};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::connection::Connection;
use super::record;
use super::sql::Sql;

/// The columns of a row in the order in which they were selected.
pub struct Columns<'a> {
    row: &'a QueryResult,
    next: usize,
}

impl<'a> Columns<'a> {
    pub fn of(row: &'a QueryResult) -> Self {
        Self { row, next: 0 }
    }

    /// The value of the next column.
    pub fn take<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let index = self.next;
        self.next += 1;
        self.row.try_get_by_index(index)
    }

    /// The record or the records in the next column.
    pub fn take_record<T: DeserializeOwned>(&mut self) -> Result<T, DbErr> {
        let Some(row) = self.row.try_as_pg_row() else {
            let text = self.take::<Option<String>>()?;
            return serde_json::from_str(text.as_deref().unwrap_or("null")).map_err(unreadable);
        };
        let index = self.next;
        self.next += 1;
        record::read(row.try_get_raw(index).map_err(unreadable)?).map_err(unreadable)
    }
}

/// A record of each row, by the rows' ids: `alias` is what `record` calls the table.
pub async fn records_by_id<T: DeserializeOwned>(
    db: &Connection,
    (table, alias): (&str, &str),
    record: &str,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, T>, DbErr> {
    let mut sql = Sql::new(db.get_database_backend());
    let id = format!("{alias}.id");
    for part in ["SELECT ", &id, ", ", record, " FROM ", table, " ", alias, " WHERE "] {
        sql.push(part);
    }
    sql.key_any_of(&id, ids);
    let rows = db.query_all_raw(sql.build()).await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            Ok((columns.take()?, columns.take_record()?))
        })
        .collect()
}

fn unreadable(cause: impl ToString) -> DbErr {
    DbErr::Type(cause.to_string())
}
