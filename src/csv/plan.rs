//! What a product of a file changes in the shop. Where both say the same, nothing is written: no version rises, and no cache hears of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::heading::Column;
use super::options::options;
use super::problem::{Problem, Problems};
use super::product::{FileProduct, FileVariant};
use super::repo::{KeptProduct, KeptSku, KeptStore};
use super::row;
use super::variants::{check_identities, find_skus, positions};
use crate::product::entity::{ProductImage, ProductImages, ProductOptions, ProductStatus, Seo, Tags};
use crate::product::{ProductContent, check_product, check_used_options};
use crate::refusal::{Abort, Checks};
use crate::sku::entity::OptionValues;
use crate::sku::{MOST_SKUS, SkuContent};

/// The rows that a product changes, or those of many.
#[derive(Default)]
pub struct Plan {
    pub products: Vec<row::Product>,
    pub product_changes: Vec<row::ProductChange>,
    pub skus: Vec<row::Sku>,
    pub sku_changes: Vec<row::SkuChange>,
    /// Skus that give away their code or their option values while others take them.
    pub given_away: Vec<row::SkuIdentity>,
    pub stock: Vec<row::Stock>,
    pub stock_changes: Vec<row::StockChange>,
    /// How many of the changed skus are archived by it.
    pub archived: u64,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
            && self.product_changes.is_empty()
            && self.skus.is_empty()
            && self.sku_changes.is_empty()
            && self.stock.is_empty()
            && self.stock_changes.is_empty()
    }

    pub fn extend(&mut self, other: Self) {
        self.products.extend(other.products);
        self.product_changes.extend(other.product_changes);
        self.skus.extend(other.skus);
        self.sku_changes.extend(other.sku_changes);
        self.given_away.extend(other.given_away);
        self.stock.extend(other.stock);
        self.stock_changes.extend(other.stock_changes);
        self.archived += other.archived;
    }
}

/// Where a product belongs, and when it is written.
pub struct Setting {
    pub store: KeptStore,
    pub category_id: Option<Uuid>,
    pub keeps_missing: bool,
    pub now: DateTime<Utc>,
}

/// Plans one product; all that is wrong with it.
pub fn plan(file: &FileProduct, kept: Option<&KeptProduct>, setting: &Setting) -> Result<Plan, Problems> {
    let skus = kept.map(|kept| kept.skus.as_slice()).unwrap_or_default();
    let found = find_skus(&file.variants, skus);
    let named: HashSet<usize> = found.iter().flatten().copied().collect();
    let others = skus.iter().enumerate().filter(|(index, _)| !named.contains(index)).map(|(_, sku)| sku);
    let target = Target::new(file, kept, setting.keeps_missing);
    let wanted = target.check(others.clone().filter(|sku| setting.keeps_missing && !sku.archived)).and_then(|()| {
        let new = found.iter().filter(|sku| sku.is_none()).count();
        if skus.len() + new > MOST_SKUS as usize {
            let text =
                format!("{} variants, with those that are archived, over the maximum of {MOST_SKUS}", skus.len() + new);
            return Err(Problem::of_row(file.line, text).into());
        }
        target.variants(file, &found, skus, &setting.store.currency_code)
    })?;
    check_identities(&file.variants, wanted.iter().map(Wanted::identity), others.clone()).done()?;

    let mut plan = Plan::default();
    let product_id = target.plan(&mut plan, kept, setting);
    let places = positions(&found, skus);
    for ((wanted, found), position) in wanted.into_iter().zip(&found).zip(places) {
        wanted.plan(&mut plan, product_id, found.map(|index| &skus[index]), skus, position, setting.now);
    }
    if !setting.keeps_missing {
        for sku in others.filter(|sku| !sku.archived) {
            plan.archived += 1;
            plan.sku_changes.push(row::SkuChange { archived: true, ..change_of(sku, setting.now) });
        }
    }
    Ok(plan)
}

/// A product as it shall be.
struct Target<'a> {
    file: &'a FileProduct,
    description: String,
    status: ProductStatus,
    options: ProductOptions,
    tags: Tags,
    images: ProductImages,
    seo: Seo,
}

impl<'a> Target<'a> {
    fn new(file: &'a FileProduct, kept: Option<&KeptProduct>, keeps_missing: bool) -> Self {
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
    fn check<'s>(&self, stay: impl Iterator<Item = &'s KeptSku>) -> Result<(), Problems> {
        let mut checks = Checks::default();
        checks.slug("slug", &self.file.handle);
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

    fn variants(
        &self,
        file: &FileProduct,
        found: &[Option<usize>],
        skus: &[KeptSku],
        currency: &str,
    ) -> Result<Vec<Wanted>, Problems> {
        let mut problems = Problems::default();
        let mut wanted = Vec::with_capacity(found.len());
        for (variant, found) in file.variants.iter().zip(found) {
            match self.variant(variant, found.map(|index| &skus[index]), currency) {
                Ok(variant) => wanted.push(variant),
                Err(problem) => problems.push(problem),
            }
        }
        problems.done().map(|()| wanted)
    }

    fn variant(&self, variant: &FileVariant, kept: Option<&KeptSku>, currency: &str) -> Result<Wanted, Problem> {
        let option_values = match (&self.file.options, kept) {
            (None, Some(kept)) => kept.option_values.clone(),
            _ => OptionValues(variant.option_values.clone()),
        };
        let content = SkuContent {
            code: variant.code.clone(),
            option_values: None,
            attributes: None,
            price: Some(variant.price),
            compare_at_price: variant.compare_at_price,
            position: None,
            archived: None,
        };
        let checked =
            content.check().and_then(|()| content.check_in_product(currency, &self.options, Some(&option_values)));
        let prices = checked.map_err(|abort| match abort {
            Abort::Refused(refusals) => refusals.first().map(|refusal| variant.problem(refusal)),
            Abort::Failed(_) => None,
        });
        let unknown = || Problem::of_cell(variant.line, Column::Price, &variant.price.to_string(), "cannot be kept");
        let prices = prices.map_err(|problem| problem.unwrap_or_else(unknown))?;
        Ok(Wanted {
            code: variant.code.clone().unwrap_or_else(|| kept.and_then(|kept| kept.code.clone())),
            option_values: option_values.0,
            price: prices.price.unwrap_or_default(),
            compare_at_price: prices.compare_at_price.unwrap_or_else(|| kept.and_then(|kept| kept.compare_at_price)),
            quantity: variant.quantity,
        })
    }

    /// The row of the product, where there is anything to write; the id of the product.
    fn plan(self, plan: &mut Plan, kept: Option<&KeptProduct>, setting: &Setting) -> Uuid {
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

/// A variant as it shall be.
struct Wanted {
    code: Option<String>,
    option_values: Vec<String>,
    price: i64,
    compare_at_price: Option<i64>,
    quantity: Option<i32>,
}

impl Wanted {
    fn identity(&self) -> (Option<&str>, &[String]) {
        (self.code.as_deref(), &self.option_values)
    }

    fn plan(
        self,
        plan: &mut Plan,
        product_id: Uuid,
        kept: Option<&KeptSku>,
        skus: &[KeptSku],
        position: i32,
        now: DateTime<Utc>,
    ) {
        let Self { code, option_values, price, compare_at_price, quantity } = self;
        let Some(kept) = kept else {
            let id = Uuid::now_v7();
            let option_values = json(&OptionValues(option_values));
            plan.skus.push(row::Sku {
                id,
                product_id,
                code,
                option_values,
                price,
                compare_at_price,
                position,
                created_at: now,
                updated_at: now,
            });
            plan.stock.extend(quantity.map(|quantity| row::Stock {
                sku_id: id,
                product_id,
                quantity,
                updated_at: now,
            }));
            return;
        };
        let id = kept.id;
        match (quantity, kept.quantity) {
            (Some(quantity), None) => plan.stock.push(row::Stock { sku_id: id, product_id, quantity, updated_at: now }),
            (Some(quantity), Some(before)) if quantity != before => {
                plan.stock_changes.push(row::StockChange { sku_id: id, quantity, updated_at: now });
            }
            _ => {}
        }
        let (has_code, has_values) = (kept.code == code, kept.option_values.0 == option_values);
        let has_price = kept.price == price && kept.compare_at_price.unwrap_or(0) == compare_at_price.unwrap_or(0);
        if has_code && has_values && has_price && kept.position == position && !kept.archived {
            return;
        }
        let is_taken = |other: &KeptSku| {
            other.id != id && (code.is_some() && other.code == code || other.option_values.0 == option_values)
        };
        if !(has_code && has_values) && skus.iter().any(is_taken) {
            plan.given_away.extend(skus.iter().filter(|sku| is_taken(sku) || sku.id == id).map(given_away));
        }
        let option_values = json(&OptionValues(option_values));
        plan.sku_changes.push(row::SkuChange {
            id,
            code,
            option_values,
            price,
            compare_at_price,
            position,
            archived: false,
            updated_at: now,
        });
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

/// A sku as it is, on its way to being written.
fn change_of(sku: &KeptSku, now: DateTime<Utc>) -> row::SkuChange {
    row::SkuChange {
        id: sku.id,
        code: sku.code.clone(),
        option_values: json(&sku.option_values),
        price: sku.price,
        compare_at_price: sku.compare_at_price,
        position: sku.position,
        archived: sku.archived,
        updated_at: now,
    }
}

/// Until it is written anew a sku has no code, and option values that no other has.
fn given_away(sku: &KeptSku) -> row::SkuIdentity {
    row::SkuIdentity { id: sku.id, code: None, option_values: json(&OptionValues(vec![sku.id.to_string()])) }
}

fn status_text(status: ProductStatus) -> String {
    sea_orm::ActiveEnum::to_value(&status)
}

/// A list as the application writes it.
fn json(list: &impl Serialize) -> String {
    serde_json::to_string(list).expect("lists of texts can be written as JSON")
}
