//! The rules of writing products: what is checked, in which order, and what is refused.

use sea_orm::Set;
use uuid::Uuid;

use super::entity::{ActiveModel, ProductImages, ProductOption, ProductOptions, ProductStatus, Seo, Tags};
use super::repo;
use crate::category::category_exists;
use crate::db::{Routing, WriteTransaction, now, set};
use crate::refusal::{Abort, Checks, LONGEST_DESCRIPTION, LONGEST_NAME, Reason, Refusal, check_version};
use crate::sku::{entity::OptionValues, used_option_values};
use crate::store::lock_store;

const MOST_OPTIONS: usize = 3;
const MOST_OPTION_VALUES: usize = 250;
/// The longest name of an option, and the longest value, in characters.
pub const LONGEST_OPTION: usize = 100;
const MOST_TAGS: usize = 250;
pub const MOST_IMAGES: usize = 250;
/// The longest text in place of an image, in characters.
pub const LONGEST_ALT_TEXT: usize = LONGEST_NAME * 4;
const LONGEST_SEO_DESCRIPTION: usize = 1_000;

/// A product to be created.
#[derive(Clone)]
pub struct NewProduct {
    pub store_id: Uuid,
    pub category_id: Option<Uuid>,
    pub slug: String,
    pub content: Content,
}

/// The parts of a product that are checked alike when it is created and when it is changed; `None` is not given.
#[derive(Clone, Default)]
pub struct Content {
    pub name: Option<String>,
    pub description: Option<String>,
    pub status: Option<ProductStatus>,
    pub options: Option<ProductOptions>,
    pub tags: Option<Tags>,
    pub images: Option<ProductImages>,
    pub seo: Option<Seo>,
}

/// A change of a product; what is `None` stays.
#[derive(Clone)]
pub struct ProductChange {
    pub id: Uuid,
    pub version: Option<i64>,
    pub slug: Option<String>,
    /// `Some(None)` takes the product out of its category.
    pub category_id: Option<Option<Uuid>>,
    pub content: Content,
}

/// Creates a product and gives its id.
pub async fn create(routing: &Routing, product: NewProduct) -> Result<Uuid, Abort> {
    let NewProduct { store_id, category_id, slug, content } = product;
    let mut checks = Checks::default();
    checks.slug("slug", &slug);
    check(&mut checks, &content);
    checks.done()?;

    let tx = routing.begin_write("productCreate").await?;
    let Some(store) = lock_store(&tx, store_id).await? else {
        return Err(Refusal::not_found("storeId", "store").into());
    };
    check_category(&tx, category_id).await?;
    let id = Uuid::now_v7();
    if repo::slug_is_taken(&tx, &slug, id).await? {
        return Err(Refusal::taken("slug", &slug).into());
    }
    let seo = content.seo.unwrap_or_default();
    let now = now();
    let row = ActiveModel {
        id: Set(id),
        store_id: Set(store_id),
        category_id: Set(category_id),
        slug: Set(slug.clone()),
        name: Set(content.name.unwrap_or_default()),
        description: Set(content.description.unwrap_or_default()),
        status: Set(content.status.unwrap_or(ProductStatus::Draft)),
        currency_code: Set(store.currency_code),
        options: Set(content.options.unwrap_or_default()),
        tags: Set(content.tags.unwrap_or_default()),
        images: Set(content.images.unwrap_or_default()),
        seo_title: Set(seo.title),
        seo_description: Set(seo.description),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    repo::insert(&tx, row).await.map_err(|error| refuse_violation(error, &slug))?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a product and gives its id.
pub async fn update(routing: &Routing, change: ProductChange) -> Result<Uuid, Abort> {
    let ProductChange { id, version, slug, category_id, content } = change;
    let mut checks = Checks::default();
    if let Some(slug) = &slug {
        checks.slug("slug", slug);
    }
    check(&mut checks, &content);
    checks.done()?;

    let tx = routing.begin_write("productUpdate").await?;
    let Some(row) = repo::lock(&tx, id).await? else { return Err(Refusal::not_found("id", "product").into()) };
    check_version(version, row.version)?;
    if let Some(slug) = &slug
        && repo::slug_is_taken(&tx, slug, id).await?
    {
        return Err(Refusal::taken("slug", slug).into());
    }
    check_category(&tx, category_id.flatten()).await?;
    if let Some(options) = &content.options {
        check_used_options(options, &used_option_values(&tx, id).await?)?;
    }
    let slug_text = slug.clone().unwrap_or_default();
    let (seo_title, seo_description) = content.seo.map(|seo| (seo.title, seo.description)).unzip();
    let changes = ActiveModel {
        slug: set(slug),
        category_id: set(category_id),
        name: set(content.name),
        description: set(content.description),
        status: set(content.status),
        options: set(content.options),
        tags: set(content.tags),
        images: set(content.images),
        seo_title: set(seo_title),
        seo_description: set(seo_description),
        updated_at: Set(now()),
        ..Default::default()
    };
    repo::update(&tx, id, changes).await.map_err(|error| refuse_violation(error, &slug_text))?;
    tx.commit().await?;
    Ok(id)
}

/// Deletes a product with its skus and their stock.
pub async fn delete(routing: &Routing, id: Uuid, version: Option<i64>) -> Result<Uuid, Abort> {
    let tx = routing.begin_write("productDelete").await?;
    let Some(row) = repo::lock(&tx, id).await? else { return Err(Refusal::not_found("id", "product").into()) };
    check_version(version, row.version)?;
    repo::delete(&tx, id).await?;
    tx.commit().await?;
    Ok(id)
}

/// What can be checked without the database.
pub fn check(checks: &mut Checks, content: &Content) {
    if let Some(name) = &content.name {
        checks.line("name", name, LONGEST_NAME);
    }
    if let Some(description) = &content.description {
        checks.text("description", description, LONGEST_DESCRIPTION);
    }
    if let Some(ProductOptions(options)) = &content.options {
        checks.at_most("options", options.len(), MOST_OPTIONS);
        for (index, option) in options.iter().enumerate() {
            check_option(checks, index, option, &options[..index]);
        }
    }
    if let Some(Tags(tags)) = &content.tags {
        checks.at_most("tags", tags.len(), MOST_TAGS);
        for (index, tag) in tags.iter().enumerate() {
            checks.line(&format!("tags.{index}"), tag, LONGEST_NAME);
        }
    }
    if let Some(Seo { title, description }) = &content.seo {
        if let Some(title) = title {
            checks.line("seo.title", title, LONGEST_NAME);
        }
        if let Some(description) = description {
            checks.text("seo.description", description, LONGEST_SEO_DESCRIPTION);
        }
    }
    if let Some(ProductImages(images)) = &content.images {
        checks.at_most("images", images.len(), MOST_IMAGES);
        for (index, image) in images.iter().enumerate() {
            if let Some(alt_text) = &image.alt_text {
                checks.text(&format!("images.{index}.altText"), alt_text, LONGEST_ALT_TEXT);
            }
        }
    }
}

fn check_option(checks: &mut Checks, index: usize, option: &ProductOption, before: &[ProductOption]) {
    let name = format!("options.{index}.name");
    checks.line(&name, &option.name, LONGEST_OPTION);
    if before.iter().any(|other| other.name == option.name) {
        checks.refuse(Refusal::taken(&name, &option.name));
    }
    let values = format!("options.{index}.values");
    checks.at_most(&values, option.values.len(), MOST_OPTION_VALUES);
    if option.values.is_empty() {
        checks.refuse(Refusal::new(&values, Reason::Blank, "an option needs at least one value"));
    }
    for (place, value) in option.values.iter().enumerate() {
        checks.line(&format!("{values}.{place}"), value, LONGEST_OPTION);
        if option.values[..place].contains(value) {
            checks.refuse(Refusal::taken(&format!("{values}.{place}"), value));
        }
    }
}

/// Skus keep their values when the options change: these must still have a meaning, but for those that are archived.
pub fn check_used_options(options: &ProductOptions, used: &[OptionValues]) -> Result<(), Refusal> {
    for OptionValues(values) in used {
        if values.len() != options.0.len() {
            let message = format!(
                "the product has skus with {} option values, {} options would leave them without meaning",
                values.len(),
                options.0.len()
            );
            return Err(Refusal::new("options", Reason::InUse, message));
        }
        if let Some((option, value)) =
            options.0.iter().zip(values).find(|(option, value)| !option.values.contains(value))
        {
            let message = format!("a sku has the value {:?}, which {:?} would no longer have", value, option.name);
            return Err(Refusal::new("options", Reason::InUse, message));
        }
    }
    Ok(())
}

async fn check_category(tx: &WriteTransaction, category: Option<Uuid>) -> Result<(), Abort> {
    match category {
        Some(category) if !category_exists(tx, category).await? => {
            Err(Refusal::not_found("categoryId", "category").into())
        }
        _ => Ok(()),
    }
}

fn refuse_violation(error: sea_orm::DbErr, slug: &str) -> Abort {
    Abort::from_violation(error, |violation| {
        if violation.is_unique("products", &["slug"]) {
            return Some(Refusal::taken("slug", slug));
        }
        violation.is_foreign_key().then(|| Refusal::not_found("categoryId", "category"))
    })
}
