//! The cells of one row, and what their texts mean.

use csv::ByteRecord;
use iso_currency::Currency;
use rust_decimal::Decimal;

use super::heading::{Column, Heading};
use super::problem::Problem;
use super::quotes::RowQuotes;
use crate::product::entity::ProductStatus;
use crate::text::shorten;

/// The longest cell that is looked at, in bytes: 250 tags of the longest kind.
const LONGEST_CELL: usize = 256 * 1024;

/// A currency that has prices, by its code in either case; else what the code is.
pub fn currency(code: &str) -> Result<Currency, &'static str> {
    let currency =
        Currency::from_code(&code.to_ascii_uppercase()).ok_or("not a currency code of ISO 4217, such as USD")?;
    // Metals, tests and the like have no minor unit.
    currency.exponent().map(|_| currency).ok_or("a code of ISO 4217, but of no money")
}

/// A row of the file.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    /// Where the row begins.
    pub line: u64,
    pub heading: &'a Heading,
    pub record: &'a ByteRecord,
    pub quotes: &'a RowQuotes,
}

impl<'a> Cells<'a> {
    /// Refuses a row that has not as many cells as the first, or quotes that are not in pairs around its cells.
    pub fn check_form(&self) -> Result<(), Problem> {
        let RowQuotes { open, followed, broken } = self.quotes;
        if let Some(quoted) = open {
            let what = "the quotes that begin here are never closed: all that follows is in this cell";
            return Err(Problem::of_place(quoted.line, self.heading.name(quoted.cell), what));
        }
        if let Some(quoted) = followed {
            let value = shorten(&String::from_utf8_lossy(self.record.get(quoted.cell).unwrap_or_default()));
            let what = match quoted.until {
                end if end == quoted.line => {
                    format!("{value:?} goes on behind its quotes: a quote within a cell is written twice")
                }
                end => {
                    format!("{value:?} is in quotes until line {end} and goes on behind them: is a quote not closed?")
                }
            };
            return Err(Problem::of_place(quoted.line, self.heading.name(quoted.cell), what));
        }
        let (cells, width) = (self.record.len(), self.heading.width);
        let hint = broken.map_or(String::new(), |quoted| {
            let column = self.heading.name(quoted.cell).map(|name| format!(", column {name:?},")).unwrap_or_default();
            format!(": is a quote that begins at line {}{column} not closed?", quoted.line)
        });
        let problem = || Problem::of_row(self.line, format!("{cells} cells, where the first row has {width}{hint}"));
        if cells == width { Ok(()) } else { Err(problem()) }
    }

    /// The problem of a cell that must have something.
    pub fn blank(&self, column: Column) -> Problem {
        match self.has(column) {
            true => Problem::blank(self.line, column),
            false => Problem::of_cell(self.line, column, "", "is missing: the file has no such column"),
        }
    }

    /// The text of a cell as it is; `None` when the file hasn't the column.
    pub fn text(&self, column: Column) -> Result<Option<&'a str>, Problem> {
        let Some(bytes) = self.heading.place(column).and_then(|place| self.record.get(place)) else { return Ok(None) };
        if bytes.len() > LONGEST_CELL {
            let text = String::from_utf8_lossy(&bytes[..LONGEST_CELL]);
            let what = format!("has {} bytes, over the maximum of {LONGEST_CELL} for a cell", bytes.len());
            return Err(Problem::of_cell(self.line, column, &shorten(&text), what));
        }
        std::str::from_utf8(bytes).map(Some).map_err(|error| {
            let byte = bytes[error.valid_up_to()];
            let what = format!("has the byte 0x{byte:02X}, which is not UTF-8: save the file as UTF-8");
            Problem::of_cell(self.line, column, &String::from_utf8_lossy(bytes), what)
        })
    }

    /// The text without the space around it; `None` when it is blank, or the file hasn't the column.
    pub fn word(&self, column: Column) -> Result<Option<&'a str>, Problem> {
        Ok(self.text(column)?.map(str::trim).filter(|text| !text.is_empty()))
    }

    pub fn has(&self, column: Column) -> bool {
        self.heading.place(column).is_some()
    }

    pub fn price(&self, column: Column) -> Result<Option<Decimal>, Problem> {
        let Some(text) = self.word(column)? else { return Ok(None) };
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let price = if is_decimal { Decimal::from_str_exact(text).ok() } else { None };
        let what = "is not a price: digits with a point before the decimals, such as 1299.00";
        price.map(Some).ok_or_else(|| Problem::of_cell(self.line, column, text, what))
    }

    pub fn currency(&self) -> Result<Option<Currency>, Problem> {
        let Some(code) = self.word(Column::Currency)? else { return Ok(None) };
        let problem = |what| Problem::of_cell(self.line, Column::Currency, code, format!("is {what}"));
        currency(code).map(Some).map_err(problem)
    }

    pub fn whole_number(&self, column: Column, most: i32) -> Result<Option<i32>, Problem> {
        let Some(text) = self.word(column)? else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (0..=most).contains(number));
        let what = format!("is not a whole number from 0 to {most}");
        number.map(Some).ok_or_else(|| Problem::of_cell(self.line, column, text, what))
    }

    pub fn status(&self) -> Result<Option<ProductStatus>, Problem> {
        let Some(text) = self.word(Column::Status)? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "active" => Ok(Some(ProductStatus::Active)),
            "draft" => Ok(Some(ProductStatus::Draft)),
            "archived" => Ok(Some(ProductStatus::Archived)),
            _ => Err(Problem::of_cell(self.line, Column::Status, text, "is not active, draft or archived")),
        }
    }

    /// Blank is no.
    pub fn published(&self) -> Result<bool, Problem> {
        let Some(text) = self.word(Column::Published)? else { return Ok(false) };
        match text.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Problem::of_cell(self.line, Column::Published, text, "is not true or false")),
        }
    }
}
