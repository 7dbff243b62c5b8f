//! An export: the shop in the form in which it is imported.

use std::io::Write;
use std::sync::Arc;

use csv::Writer;
use uuid::Uuid;

use super::heading::{Column, OPTIONS};
use super::import::cause;
use super::product::NO_CHOICE;
use super::repo::{self, KeptProduct, KeptSku};
use super::target::tags_text;
use crate::db::{Db, Routing};
use crate::graphql::{amount, currency};
use crate::product::entity::{ProductImage, ProductStatus};

/// Products that are read at once.
const PAGE: u32 = 200;

/// What came of an export.
#[derive(Debug, Default)]
pub struct Exported {
    pub products: u64,
    pub rows: u64,
    /// Products without any variant on sale: the format has no row for them.
    pub left_out: u64,
}

/// Writes all products, the oldest first; `tell` hears how many are done, and of how many.
pub async fn export(db: &Arc<Db>, file: impl Write, mut tell: impl FnMut(u64, u64)) -> anyhow::Result<Exported> {
    let reader = Routing::on_primary(db.clone()).reader("export");
    let (total, mut exported, mut last) =
        (repo::count(&reader).await.map_err(cause)?, Exported::default(), Uuid::nil());
    let mut writer = Writer::from_writer(file);
    writer.write_record(Column::all().map(Column::name))?;
    loop {
        let page = repo::after(&reader, last, PAGE).await.map_err(cause)?;
        let Some(end) = page.last() else { break };
        last = end.id;
        for product in &page {
            let rows = rows(product)?;
            match rows.is_empty() {
                true => exported.left_out += 1,
                false => exported.products += 1,
            }
            exported.rows += rows.len() as u64;
            for row in rows {
                writer.write_record(Column::all().map(|column| row.get(column)))?;
            }
        }
        tell(exported.products + exported.left_out, total);
    }
    writer.flush()?;
    Ok(exported)
}

/// The cells of a row that are not blank.
#[derive(Default)]
struct Row(Vec<(Column, String)>);

impl Row {
    fn set(&mut self, column: Column, text: impl Into<String>) {
        self.0.push((column, text.into()));
    }

    fn get(&self, column: Column) -> &str {
        self.0.iter().find(|(set, _)| *set == column).map_or("", |(_, text)| text)
    }
}

/// A row for each variant on sale and for each image, as many as there are of either; none without a variant.
fn rows(product: &KeptProduct) -> anyhow::Result<Vec<Row>> {
    let skus: Vec<&KeptSku> = product.skus.iter().filter(|sku| !sku.archived).collect();
    if skus.is_empty() {
        return Ok(Vec::new());
    }
    let images = &product.images.0;
    let mut rows = Vec::with_capacity(skus.len().max(images.len()));
    for index in 0..skus.len().max(images.len()) {
        let mut row = Row::default();
        row.set(Column::Handle, &product.slug);
        if index == 0 {
            set_product(&mut row, product);
        }
        if let Some(sku) = skus.get(index) {
            set_sku(&mut row, product, sku)?;
        }
        if let Some(ProductImage { url, alt_text }) = images.get(index) {
            row.set(Column::ImageSrc, url);
            row.set(Column::ImagePosition, (index + 1).to_string());
            row.set(Column::ImageAltText, alt_text.as_deref().unwrap_or_default());
        }
        rows.push(row);
    }
    Ok(rows)
}

fn set_product(row: &mut Row, product: &KeptProduct) {
    let status = match product.status {
        ProductStatus::Active => "active",
        ProductStatus::Draft => "draft",
        ProductStatus::Archived => "archived",
    };
    row.set(Column::Title, &product.name);
    row.set(Column::Body, &product.description);
    row.set(Column::Vendor, &product.store_name);
    row.set(Column::Type, product.category_name.as_deref().unwrap_or_default());
    row.set(Column::Tags, tags_text(&product.tags));
    row.set(Column::Published, (product.status == ProductStatus::Active).to_string());
    row.set(Column::SeoTitle, product.seo_title.as_deref().unwrap_or_default());
    row.set(Column::SeoDescription, product.seo_description.as_deref().unwrap_or_default());
    row.set(Column::Status, status);
    row.set(Column::Currency, &product.currency_code);
    if product.options.0.is_empty() {
        row.set(Column::Option1Name, NO_CHOICE.0);
    }
    for (option, (name, _)) in product.options.0.iter().zip(OPTIONS) {
        row.set(name, &option.name);
    }
}

fn set_sku(row: &mut Row, product: &KeptProduct, sku: &KeptSku) -> anyhow::Result<()> {
    let currency = currency(&product.currency_code)?;
    if product.options.0.is_empty() {
        row.set(Column::Option1Value, NO_CHOICE.1);
    }
    for (value, (_, column)) in sku.option_values.0.iter().zip(OPTIONS) {
        row.set(column, value);
    }
    row.set(Column::Sku, sku.code.as_deref().unwrap_or_default());
    row.set(Column::Quantity, sku.quantity.map(|quantity| quantity.to_string()).unwrap_or_default());
    row.set(Column::Price, amount(sku.price, currency).to_string());
    let before = sku.compare_at_price.map(|before| amount(before, currency).to_string());
    row.set(Column::CompareAtPrice, before.unwrap_or_default());
    Ok(())
}
