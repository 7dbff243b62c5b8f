//! The columns of a row, one after the other.
//!
//! By its name a column is found by hashing that name for each row; of a page's columns that would be a thousand times.

use sea_orm::{DbErr, QueryResult, TryGetable};

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
}
