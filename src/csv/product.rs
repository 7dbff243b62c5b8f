//! A product as its rows tell it. What its first row says of the product, those after it inherit; each row brings a variant, an image, or both.

use std::borrow::Cow;

use iso_currency::Currency;
use rust_decimal::Decimal;

use super::cell::Cells;
use super::heading::{Column, OPTIONS};
use super::problem::Problem;
use crate::graphql::check_url;
use crate::product::entity::{ProductOptions, ProductStatus};
use crate::product::{LONGEST_ALT_TEXT, LONGEST_OPTION, MOST_IMAGES};
use crate::refusal::{Checks, LONGEST_NAME};
use crate::sku::MOST_SKUS;
use crate::stock::MOST_PIECES;

/// The option and its one value with which Shopify says that there is no choice.
pub const NO_CHOICE: (&str, &str) = ("Title", "Default Title");

/// A product of the file. `None` is what the file has no column for: the shop keeps what it has.
#[derive(Clone, Debug)]
pub struct FileProduct {
    /// Where it begins.
    pub line: u64,
    pub handle: String,
    pub title: String,
    pub description: Option<String>,
    pub vendor: Option<String>,
    pub category: Option<String>,
    /// The tags as they are written, joined by commas.
    pub tags: Option<String>,
    pub status: Option<ProductStatus>,
    /// The names of the options; none for a product without a choice.
    pub options: Option<Vec<String>>,
    pub seo_title: Option<String>,
    pub seo_description: Option<String>,
    pub currency: Option<Currency>,
    pub images: Option<Vec<FileImage>>,
    pub variants: Vec<FileVariant>,
}

#[derive(Clone, Debug)]
pub struct FileImage {
    pub line: u64,
    pub url: String,
    pub alt_text: Option<String>,
    position: Option<i32>,
}

#[derive(Clone, Debug)]
pub struct FileVariant {
    pub line: u64,
    /// `Some(None)` is a blank code.
    pub code: Option<Option<String>>,
    /// One for each option of the product; none when the file has no options at all.
    pub option_values: Vec<String>,
    pub price: Decimal,
    pub compare_at_price: Option<Option<Decimal>>,
    pub quantity: Option<i32>,
}

impl FileProduct {
    /// The product of a first row, still without variants and images.
    pub fn begin(cells: &Cells<'_>, handle: &str) -> Result<Self, Problem> {
        let mut checks = Checks::default();
        checks.slug("slug", handle);
        check_now(cells, Column::Handle, handle, checks)?;
        let text = |column| Ok(cells.text(column)?.map(str::to_owned));
        let title = cells.text(Column::Title)?.unwrap_or_default();
        if title.trim().is_empty() {
            return Err(cells.blank(Column::Title));
        }
        let published = |is_published| if is_published { ProductStatus::Active } else { ProductStatus::Draft };
        let status = match cells.status()? {
            None if cells.has(Column::Published) => Some(published(cells.published()?)),
            status => status,
        };
        Ok(Self {
            line: cells.line,
            handle: handle.to_owned(),
            title: title.to_owned(),
            description: text(Column::Body)?,
            vendor: text(Column::Vendor)?,
            category: text(Column::Type)?,
            tags: text(Column::Tags)?,
            status,
            options: option_names(cells)?,
            seo_title: text(Column::SeoTitle)?,
            seo_description: text(Column::SeoDescription)?,
            currency: cells.currency()?,
            images: cells.has(Column::ImageSrc).then(Vec::new),
            variants: Vec::new(),
        })
    }

    /// Adds what a row has: a variant, an image, or both.
    pub fn add(&mut self, cells: &Cells<'_>) -> Result<(), Problem> {
        let image = image(cells)?;
        let has_image = image.is_some();
        if let (Some(images), Some(image)) = (&mut self.images, image) {
            if images.len() == MOST_IMAGES {
                let what = format!("is one image more than the maximum of {MOST_IMAGES}");
                return Err(Problem::of_cell(cells.line, Column::ImageSrc, &image.url, what));
            }
            images.push(image);
        }
        if has_image && !has_variant(cells)? && self.line != cells.line {
            return Ok(());
        }
        if self.variants.len() as u64 == MOST_SKUS {
            return Err(Problem::of_row(cells.line, format!("one variant more than the maximum of {MOST_SKUS}")));
        }
        let variant = variant(cells, self.options.as_deref().unwrap_or_default().len())?;
        self.variants.push(variant);
        Ok(())
    }

    /// The product as it is meant for what the shop has: no option where the file says that there is no choice, unless the shop has an option of this name.
    pub fn meant_for(&self, options: Option<&ProductOptions>) -> Cow<'_, Self> {
        let is_title = |names: &[String]| matches!(names, [name] if name == NO_CHOICE.0);
        let has_no_choice = self.options.as_deref().is_some_and(is_title)
            && self.variants.iter().all(|variant| variant.option_values == [NO_CHOICE.1]);
        let is_option =
            options.is_some_and(|ProductOptions(kept)| matches!(&kept[..], [kept] if kept.name == NO_CHOICE.0));
        if !has_no_choice || is_option {
            return Cow::Borrowed(self);
        }
        let mut product = self.clone();
        product.options = Some(Vec::new());
        product.variants.iter_mut().for_each(|variant| variant.option_values.clear());
        Cow::Owned(product)
    }

    /// All rows are read: puts the images into their order.
    pub fn end(mut self) -> Self {
        if let Some(images) = &mut self.images {
            images.sort_by_key(|image| image.position.unwrap_or(i32::MAX));
        }
        self
    }
}

/// The options that have a name.
fn option_names(cells: &Cells<'_>) -> Result<Option<Vec<String>>, Problem> {
    if !cells.has(Column::Option1Name) && !cells.has(Column::Option1Value) {
        return Ok(None);
    }
    let (first, value) = (cells.word(Column::Option1Name)?, cells.word(Column::Option1Value)?);
    let is_none = first.is_none() && value.is_none_or(|value| value == NO_CHOICE.1);
    let is_default = first == Some(NO_CHOICE.0) && value.is_none();
    let mut names = Vec::new();
    if (is_none || is_default) && cells.word(Column::Option2Name)?.is_none() {
        return Ok(Some(names));
    }
    let mut is_over = false;
    for (name, value) in OPTIONS {
        let (text, has_value) = (cells.text(name)?.unwrap_or_default(), cells.word(value)?.is_some());
        match text.trim().is_empty() {
            true if has_value => return Err(cells.blank(name)),
            true => is_over = true,
            false if is_over => {
                return Err(Problem::of_cell(cells.line, name, text, "comes after an option without a name"));
            }
            false => names.push(text.to_owned()),
        }
    }
    Ok(Some(names))
}

/// Whether a row says anything of a variant. One that doesn't, and has an image, is there for the image.
fn has_variant(cells: &Cells<'_>) -> Result<bool, Problem> {
    let columns = [Column::Price, Column::Sku, Column::Quantity, Column::CompareAtPrice];
    for column in columns.into_iter().chain(OPTIONS.map(|(_, value)| value)) {
        if cells.word(column)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn image(cells: &Cells<'_>) -> Result<Option<FileImage>, Problem> {
    let Some(url) = cells.word(Column::ImageSrc)? else { return Ok(None) };
    check_url(url).map_err(|text| Problem::of_cell(cells.line, Column::ImageSrc, "", text))?;
    let alt_text = cells.text(Column::ImageAltText)?.filter(|text| !text.is_empty()).map(str::to_owned);
    let mut checks = Checks::default();
    checks.text("altText", alt_text.as_deref().unwrap_or_default(), LONGEST_ALT_TEXT);
    check_now(cells, Column::ImageAltText, alt_text.as_deref().unwrap_or_default(), checks)?;
    let position = cells.whole_number(Column::ImagePosition, i32::MAX)?;
    Ok(Some(FileImage { line: cells.line, url: url.to_owned(), alt_text, position }))
}

fn variant(cells: &Cells<'_>, options: usize) -> Result<FileVariant, Problem> {
    let code = cells.text(Column::Sku)?.map(|code| Some(code).filter(|code| !code.trim().is_empty()));
    if let Some(Some(code)) = code {
        check_line(cells, Column::Sku, code, LONGEST_NAME)?;
    }
    let mut option_values = Vec::with_capacity(options);
    for (index, (_, column)) in OPTIONS.into_iter().enumerate() {
        let value = cells.text(column)?.unwrap_or_default();
        if index < options {
            if value.trim().is_empty() {
                return Err(cells.blank(column));
            }
            check_line(cells, column, value, LONGEST_OPTION)?;
            option_values.push(value.to_owned());
        } else if !value.trim().is_empty() && value != NO_CHOICE.1 {
            return Err(Problem::of_cell(cells.line, column, value, "is a value of an option that has no name"));
        }
    }
    let Some(price) = cells.price(Column::Price)? else { return Err(cells.blank(Column::Price)) };
    // Struck through, a price of nothing says nothing.
    let compare_at_price = cells.price(Column::CompareAtPrice)?.filter(|before| !before.is_zero());
    Ok(FileVariant {
        line: cells.line,
        code: code.map(|code| code.map(str::to_owned)),
        option_values,
        price,
        compare_at_price: cells.has(Column::CompareAtPrice).then_some(compare_at_price),
        quantity: cells.whole_number(Column::Quantity, MOST_PIECES)?,
    })
}

fn check_line(cells: &Cells<'_>, column: Column, text: &str, longest: usize) -> Result<(), Problem> {
    let mut checks = Checks::default();
    checks.line("value", text, longest);
    check_now(cells, column, text, checks)
}

/// Handles are looked up, and of other cells there are many in a product: these are checked at once.
fn check_now(cells: &Cells<'_>, column: Column, text: &str, checks: Checks) -> Result<(), Problem> {
    let refused = checks.refusals().into_iter().next();
    refused.map_or(Ok(()), |refusal| Err(Problem::of_refusal(cells.line, column, text, &refusal)))
}
