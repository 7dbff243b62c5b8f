//! A constraint that a write ran into, told apart from a failure.
//!
//! Checks before a write give the kind message; these are the same checks under concurrency, where only the database knows.

use sea_orm::{DbErr, SqlErr};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A value that must be unique is taken.
    Unique(String),
    /// A row that is referred to does not exist, or one that is to go is still referred to.
    ForeignKey(String),
}

impl Violation {
    pub fn is_foreign_key(&self) -> bool {
        matches!(self, Self::ForeignKey(_))
    }

    /// Whether this is the unique constraint over exactly `columns` of `table`.
    ///
    /// Postgres names the constraint (`products_slug_key`), SQLite the columns (`products.slug`).
    pub fn is_unique(&self, table: &str, columns: &[&str]) -> bool {
        let Self::Unique(text) = self else { return false };
        let constraint = format!("\"{table}_{}_key\"", columns.join("_"));
        let list = columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ");
        text.contains(&constraint) || text.ends_with(&format!(": {list}"))
    }
}

/// The violation in a driver error, if it is one.
pub fn violation(error: &DbErr) -> Option<Violation> {
    match error.sql_err()? {
        SqlErr::UniqueConstraintViolation(text) => Some(Violation::Unique(text)),
        SqlErr::ForeignKeyConstraintViolation(text) => Some(Violation::ForeignKey(text)),
        _ => None,
    }
}
