//! The cells of one row, and what their texts mean.

use csv::ByteRecord;
use rust_decimal::Decimal;

use super::heading::{Column, Heading};
use super::problem::Problem;
use crate::product::entity::ProductStatus;
use crate::text::shorten;

/// The longest cell that is looked at, in bytes: 250 tags of the longest kind.
const LONGEST_CELL: usize = 256 * 1024;

/// A row of the file.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    /// Where the row begins.
    pub line: u64,
    pub heading: &'a Heading,
    pub record: &'a ByteRecord,
}

impl<'a> Cells<'a> {
    /// Refuses a row that has not as many cells as the first.
    pub fn check_width(&self) -> Result<(), Problem> {
        let (cells, width) = (self.record.len(), self.heading.width);
        let problem = || Problem::of_row(self.line, format!("{cells} cells, where the first row has {width}"));
        if cells == width { Ok(()) } else { Err(problem()) }
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
