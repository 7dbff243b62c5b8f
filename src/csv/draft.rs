//! A product whose rows are being read. The rows after the first may repeat what that says of the product, not contradict it.

use csv::ByteRecord;

use super::cell::Cells;
use super::file::Found;
use super::heading::Column;
use super::problem::{Problem, Problems};
use super::product::FileProduct;
use crate::text::shorten;

/// What the first row says for all.
const OF_PRODUCT: [Column; 13] = [
    Column::Title,
    Column::Body,
    Column::Vendor,
    Column::Type,
    Column::Tags,
    Column::Published,
    Column::Option1Name,
    Column::Option2Name,
    Column::Option3Name,
    Column::SeoTitle,
    Column::SeoDescription,
    Column::Status,
    Column::Currency,
];

/// A product whose rows are being read; without one its first row is at fault.
pub struct Draft {
    handle: String,
    product: Option<Box<FileProduct>>,
    /// The first row.
    first: ByteRecord,
    problems: Problems,
}

impl Draft {
    pub fn begin(cells: &Cells<'_>, handle: &str) -> Self {
        let begun = cells.check_form().and_then(|()| {
            let mut product = FileProduct::begin(cells, handle)?;
            product.add(cells)?;
            Ok(Box::new(product))
        });
        let (product, problems) = match begun {
            Ok(product) => (Some(product), Problems::default()),
            Err(problem) => (None, problem.into()),
        };
        Self { handle: handle.to_owned(), product, first: cells.record.clone(), problems }
    }

    pub fn is_of(&self, handle: &str) -> bool {
        self.handle == handle
    }

    pub fn add(&mut self, cells: &Cells<'_>) {
        if let Err(problem) = cells.check_form() {
            return self.refuse(problem);
        }
        let Some(product) = &mut self.product else { return };
        if let Err(problem) = product.add(cells) {
            self.problems.push(problem);
        }
        let begins = product.line;
        let contradictions = OF_PRODUCT.into_iter().filter_map(|column| self.contradiction(cells, column, begins));
        contradictions.collect::<Vec<_>>().into_iter().for_each(|problem| self.refuse(problem));
    }

    pub fn refuse(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub fn end(self) -> Found {
        match self.product {
            Some(product) if self.problems.is_empty() => Found::Product(Box::new(product.end())),
            _ => Found::Refused(self.problems),
        }
    }

    /// A cell that says something else of the product than the first row, which begins at this line.
    fn contradiction(&self, cells: &Cells<'_>, column: Column, begins: u64) -> Option<Problem> {
        let place = cells.heading.place(column)?;
        let (first, given) = (self.first.get(place)?.trim_ascii(), cells.record.get(place)?.trim_ascii());
        let is_word = matches!(column, Column::Published | Column::Status | Column::Currency);
        if given.is_empty() || given == first || is_word && given.eq_ignore_ascii_case(first) {
            return None;
        }
        let what = match first {
            [] => format!("is blank in the first row of the product, at line {begins}"),
            first => {
                let first = shorten(&String::from_utf8_lossy(first));
                format!("is {first:?} in the first row of the product, at line {begins}")
            }
        };
        Some(Problem::of_cell(cells.line, column, &String::from_utf8_lossy(given), what))
    }
}
