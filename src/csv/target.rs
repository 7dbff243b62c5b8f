//! A product as a file wants it: what the file doesn't say is as the shop has it.

use std::collections::HashSet;

use uuid::Uuid;

use super::options::options;
use super::plan::{Plan, Setting, json};
use super::problem::Problems;
use super::product::FileProduct;
use super::repo::{KeptProduct, KeptSku, KeptStore};
use super::row;
use crate::product::entity::{ProductImage, ProductImages, ProductOptions, ProductStatus, Seo, Tags};
use crate::product::{ProductContent, check_product, check_used_options};
use crate::refusal::Checks;
use crate::sku::entity::OptionValues;

/// A product as it shall be.
pub struct Target<'a> {
    file: &'a FileProduct,
    description: String,
    status: ProductStatus,
    pub options: ProductOptions,
    tags: Tags,
    images: ProductImages,
    seo: Seo,
}

impl<'a> Target<'a> {
    pub fn new(file: &'a FileProduct, kept: Option<&KeptProduct>, keeps_missing: bool) -> Self {
        let text = |given: &Option<String>, kept: Option<&Option<String>>| match given {
            Some(given) => Some(given.clone()).filter(|given| !given.is_empty()),
            None => kept.cloned().flatten(),
        };
        Self {
            file,
            description: match &file.description {
                Some(description) => description.clone(),
                None => kept.map(|kept| kept.description.clone()).unwrap_or_default(),
            },
            status: file.status.or(kept.map(|kept| kept.status)).unwrap_or(ProductStatus::Draft),
            options: match &file.options {
                Some(names) => options(names, &file.variants, kept, keeps_missing),
                None => kept.map(|kept| kept.options.clone()).unwrap_or_default(),
            },
            tags: tags(file, kept),
            images: images(file, kept),
            seo: Seo {
                title: text(&file.seo_title, kept.map(|kept| &kept.seo_title)),
                description: text(&file.seo_description, kept.map(|kept| &kept.seo_description)),
            },
        }
    }

    /// The rules of the mutations; `stay` are the skus that the file doesn't name and that stay on sale.
    pub fn check<'s>(&self, stay: impl Iterator<Item = &'s KeptSku>) -> Result<(), Problems> {
        let mut checks = Checks::default();
        let content = ProductContent {
            name: Some(self.file.title.clone()),
            description: Some(self.description.clone()),
            status: None,
            options: Some(self.options.clone()),
            tags: Some(self.tags.clone()),
            images: Some(self.images.clone()),
            seo: Some(self.seo.clone()),
        };
        check_product(&mut checks, &content);
        let stay: Vec<OptionValues> = stay.map(|sku| sku.option_values.clone()).collect();
        if let Err(refusal) = check_used_options(&self.options, &stay) {
            checks.refuse(refusal);
        }
        self.file.problems(&checks.refusals()).done()
    }

    /// The row of the product, where there is anything to write; the id of the product.
    pub fn plan(self, plan: &mut Plan, kept: Option<&KeptProduct>, setting: &Setting<'_>) -> Uuid {
        let Self { file, description, status, options, tags, images, seo } = self;
        let Setting { store, category_id, now, .. } = setting;
        let id = kept.map_or_else(Uuid::now_v7, |kept| kept.id);
        let is_same = kept.is_some_and(|kept| {
            kept.store_id == store.id
                && kept.category_id == *category_id
                && kept.name == file.title
                && kept.description == description
                && kept.status == status
                && kept.options == options
                && kept.tags == tags
                && kept.images == images
                && kept.seo_title.as_deref().unwrap_or_default() == seo.title.as_deref().unwrap_or_default()
                && kept.seo_description.as_deref().unwrap_or_default() == seo.description.as_deref().unwrap_or_default()
        });
        if is_same {
            return id;
        }
        let change = row::ProductChange {
            id,
            store_id: store.id,
            category_id: *category_id,
            name: file.title.clone(),
            description,
            status: status_text(status),
            options: json(&options),
            tags: json(&tags),
            images: json(&images),
            seo_title: seo.title,
            seo_description: seo.description,
            updated_at: *now,
        };
        match kept {
            Some(_) => plan.product_changes.push(change),
            None => plan.products.push(new_product(change, file, store)),
        }
        id
    }
}

fn tags(file: &FileProduct, kept: Option<&KeptProduct>) -> Tags {
    let Some(text) = &file.tags else { return kept.map(|kept| kept.tags.clone()).unwrap_or_default() };
    // A tag may have a comma in it, which a file cannot tell.
    if let Some(kept) = kept.filter(|kept| tags_text(&kept.tags) == *text) {
        return kept.tags.clone();
    }
    let mut seen = HashSet::new();
    let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty() && seen.insert(*tag));
    Tags(tags.map(str::to_owned).collect())
}

/// Tags as a file has them.
pub fn tags_text(Tags(tags): &Tags) -> String {
    tags.join(", ")
}

fn images(file: &FileProduct, kept: Option<&KeptProduct>) -> ProductImages {
    let Some(images) = &file.images else { return kept.map(|kept| kept.images.clone()).unwrap_or_default() };
    let image = |url: &str, alt_text: Option<&str>| ProductImage {
        url: url.to_owned(),
        alt_text: alt_text.filter(|text| !text.is_empty()).map(str::to_owned),
    };
    let given: Vec<_> = images.iter().map(|given| image(&given.url, given.alt_text.as_deref())).collect();
    // A file cannot tell an empty text from none.
    let is_same = |kept: &&KeptProduct| {
        kept.images.0.iter().map(|kept| image(&kept.url, kept.alt_text.as_deref())).eq(given.iter().cloned())
    };
    match kept.filter(is_same) {
        Some(kept) => kept.images.clone(),
        None => ProductImages(given),
    }
}

fn new_product(row: row::ProductChange, file: &FileProduct, store: &KeptStore) -> row::Product {
    row::Product {
        id: row.id,
        store_id: row.store_id,
        category_id: row.category_id,
        slug: file.handle.clone(),
        name: row.name,
        description: row.description,
        status: row.status,
        currency_code: store.currency_code.clone(),
        options: row.options,
        tags: row.tags,
        images: row.images,
        seo_title: row.seo_title,
        seo_description: row.seo_description,
        created_at: row.updated_at,
        updated_at: row.updated_at,
    }
}

fn status_text(status: ProductStatus) -> String {
    sea_orm::ActiveEnum::to_value(&status)
}
