//! The columns of a row, one after the other.
//!
//! By its name a column is found by hashing that name for each row; of a page's columns that would be a thousand times.

use sea_orm::sqlx::Row;
use sea_orm::{DbErr, QueryResult, TryGetable};
use serde::de::DeserializeOwned;

use super::record;

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

fn unreadable(cause: impl ToString) -> DbErr {
    DbErr::Type(cause.to_string())
}
