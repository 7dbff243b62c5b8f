//! What is wrong with a file, by line, column and value.

use std::borrow::Cow;
use std::fmt::{self, Display};

use super::heading::Column;
use crate::refusal::Refusal;
use crate::text::shorten;

/// Problems that are kept; the others are only counted.
const MOST_KEPT: usize = 100;

/// Something that is wrong in one place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    line: u64,
    column: Option<Cow<'static, str>>,
    text: String,
}

impl Problem {
    /// The whole row is at fault.
    pub fn of_row(line: u64, text: impl Into<String>) -> Self {
        Self { line, column: None, text: text.into() }
    }

    /// A cell of any column is at fault; none where the row has more cells than columns.
    pub fn of_place(line: u64, column: Option<&str>, text: impl Into<String>) -> Self {
        Self { line, column: column.map(|name| name.to_owned().into()), text: text.into() }
    }

    fn of_column(line: u64, column: Column, text: String) -> Self {
        Self { line, column: Some(column.name().into()), text }
    }

    /// A value is at fault; `what` goes on after it, as in `is not a price`.
    pub fn of_cell(line: u64, column: Column, value: &str, what: impl Display) -> Self {
        let text = if value.is_empty() { what.to_string() } else { format!("{:?} {what}", shorten(value)) };
        Self::of_column(line, column, text)
    }

    pub fn blank(line: u64, column: Column) -> Self {
        Self::of_column(line, column, "is blank".to_owned())
    }

    /// A rule of the mutations refuses a value.
    pub fn of_refusal(line: u64, column: Column, value: &str, refusal: &Refusal) -> Self {
        let value = shorten(value);
        // Some messages begin with the value.
        let text = match refusal.message.contains(&format!("{value:?}")) || value.is_empty() {
            true => refusal.message.clone(),
            false => format!("{value:?}: {}", refusal.message),
        };
        Self::of_column(line, column, text)
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column:?}")?;
        }
        write!(f, ": {}", self.text)
    }
}

/// Problems in the order of their lines: the first hundred, and how many there are.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    kept: Vec<Problem>,
    count: usize,
}

impl Problems {
    pub fn push(&mut self, problem: Problem) {
        self.count += 1;
        if self.kept.len() < MOST_KEPT {
            self.kept.push(problem);
        }
    }

    pub fn extend(&mut self, others: Self) {
        self.count += others.count;
        self.kept.extend(others.kept);
        self.kept.sort_by_key(|problem| problem.line);
        self.kept.truncate(MOST_KEPT);
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first of them.
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many there are beside those.
    pub fn others(&self) -> usize {
        self.count - self.kept.len()
    }

    /// Nothing, or all of them.
    pub fn done(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { kept: vec![problem], count: 1 }
    }
}
