//! The columns that are kept, by the names that Shopify gives them, and where a file has them.

use anyhow::{bail, ensure};
use csv::ByteRecord;

use crate::text::shorten;

/// A column that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Handle,
    Title,
    Body,
    Vendor,
    Type,
    Tags,
    Published,
    Option1Name,
    Option1Value,
    Option2Name,
    Option2Value,
    Option3Name,
    Option3Value,
    Sku,
    Quantity,
    Price,
    CompareAtPrice,
    ImageSrc,
    ImagePosition,
    ImageAltText,
    SeoTitle,
    SeoDescription,
    Status,
    /// Ours: Shopify's files don't say it.
    Currency,
}

use Column::*;

/// All of them with their names, in the order in which they are exported.
const COLUMNS: [(Column, &str); 24] = [
    (Handle, "Handle"),
    (Title, "Title"),
    (Body, "Body (HTML)"),
    (Vendor, "Vendor"),
    (Type, "Type"),
    (Tags, "Tags"),
    (Published, "Published"),
    (Option1Name, "Option1 Name"),
    (Option1Value, "Option1 Value"),
    (Option2Name, "Option2 Name"),
    (Option2Value, "Option2 Value"),
    (Option3Name, "Option3 Name"),
    (Option3Value, "Option3 Value"),
    (Sku, "Variant SKU"),
    (Quantity, "Variant Inventory Qty"),
    (Price, "Variant Price"),
    (CompareAtPrice, "Variant Compare At Price"),
    (ImageSrc, "Image Src"),
    (ImagePosition, "Image Position"),
    (ImageAltText, "Image Alt Text"),
    (SeoTitle, "SEO Title"),
    (SeoDescription, "SEO Description"),
    (Status, "Status"),
    (Currency, "Currency"),
];

/// The most columns of a file.
const MOST_COLUMNS: usize = 2_000;

/// What no file can do without.
const REQUIRED: [Column; 3] = [Handle, Title, Price];

/// Name and value of each option.
pub const OPTIONS: [(Column, Column); 3] =
    [(Option1Name, Option1Value), (Option2Name, Option2Value), (Option3Name, Option3Value)];

impl Column {
    pub fn all() -> impl Iterator<Item = Self> {
        COLUMNS.into_iter().map(|(column, _)| column)
    }

    pub fn name(self) -> &'static str {
        COLUMNS[self as usize].1
    }
}

/// The first row of a file: where each column is.
#[derive(Debug)]
pub struct Heading {
    places: [Option<usize>; COLUMNS.len()],
    /// How many cells a row has.
    pub width: usize,
    /// The names of all columns, cut where they get long.
    names: Vec<String>,
    /// The names of the columns that are not kept.
    pub others: Vec<String>,
}

impl Heading {
    pub fn read(record: &ByteRecord) -> anyhow::Result<Self> {
        let width = record.len();
        ensure!(width <= MOST_COLUMNS, "line 1: {width} columns are over the maximum of {MOST_COLUMNS}");
        let mut heading = Self { places: [None; COLUMNS.len()], width, names: Vec::new(), others: Vec::new() };
        for (place, cell) in record.iter().enumerate() {
            let Ok(name) = std::str::from_utf8(cell).map(str::trim) else {
                bail!("line 1: the heading {:?} is not UTF-8: save the file as UTF-8", String::from_utf8_lossy(cell));
            };
            heading.names.push(shorten(name));
            match COLUMNS.iter().find(|(_, kept)| *kept == name) {
                Some((column, _)) => {
                    let before = heading.places[*column as usize].replace(place);
                    ensure!(before.is_none(), "line 1: the column {name:?} is there twice");
                }
                None if name.is_empty() => {}
                None => heading.others.push(shorten(name)),
            }
        }
        for column in REQUIRED {
            let name = column.name();
            ensure!(heading.place(column).is_some(), "line 1: the column {name:?} is missing");
        }
        Ok(heading)
    }

    /// The name of the column that is in this place; `None` behind the last.
    pub fn name(&self, place: usize) -> Option<&str> {
        self.names.get(place).map(String::as_str)
    }

    /// The place of a column in a row; `None` when the file has none such.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }
}
