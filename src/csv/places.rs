//! The stores and categories that a file names: found by the product that is there, else by the slug of their name, else made.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use iso_currency::Currency;
use uuid::Uuid;

use super::heading::Column;
use super::problem::Problem;
use super::product::FileProduct;
use super::repo::{self, KeptProduct, KeptStore};
use super::row;
use crate::category::{last_category_position, lock_category_tree};
use crate::db::bulk::{self, Rows};
use crate::db::{WriteTransaction, now};
use crate::error::Result;
use crate::refusal::{Checks, LONGEST_NAME, MOST_POSITION};
use crate::text::slug;

/// The store of new products that name none.
const NO_VENDOR: &str = "Shop";

/// What is known by slug. What is not in the database yet is written with the first product that needs it.
pub struct Places {
    currency: Currency,
    stores: HashMap<String, KeptStore>,
    categories: HashMap<String, Uuid>,
    new_stores: HashMap<Uuid, row::Store>,
    new_categories: HashMap<Uuid, row::Category>,
}

impl Places {
    /// Prices are in this currency where the file doesn't say another.
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            stores: HashMap::new(),
            categories: HashMap::new(),
            new_stores: HashMap::new(),
            new_categories: HashMap::new(),
        }
    }

    /// Looks up what these products name and is not known yet.
    pub async fn look_up(
        &mut self,
        tx: &WriteTransaction,
        products: &[FileProduct],
        kept: &HashMap<String, KeptProduct>,
    ) -> Result<()> {
        let (mut stores, mut categories) = (HashSet::new(), HashSet::new());
        for product in products {
            let kept = kept.get(&product.handle);
            stores.extend(vendor(product, kept).map(slug).filter(|slug| !self.stores.contains_key(slug)));
            categories.extend(category(product, kept).map(slug).filter(|slug| !self.categories.contains_key(slug)));
        }
        if !stores.is_empty() {
            self.stores.extend(repo::stores(tx, &Vec::from_iter(stores)).await?);
        }
        if !categories.is_empty() {
            self.categories.extend(repo::categories(tx, &Vec::from_iter(categories)).await?);
        }
        Ok(())
    }

    /// The store of a product, which sells in the currency of the file.
    pub fn store(&mut self, product: &FileProduct, kept: Option<&KeptProduct>) -> Result<KeptStore, Problem> {
        let currency = product.currency.unwrap_or(self.currency).code();
        let refuse = |column, value: &str, sells_in: &str| {
            let what = format!("sells in {sells_in}, the prices are in {currency}: see --currency");
            Err(Problem::of_cell(product.line, column, value, what))
        };
        if let Some(kept) = kept.filter(|kept| kept.currency_code != currency) {
            return refuse(Column::Vendor, &kept.store_name, &kept.currency_code);
        }
        let Some(name) = vendor(product, kept) else {
            let kept = kept.ok_or_else(|| Problem::blank(product.line, Column::Vendor))?;
            return Ok(KeptStore { id: kept.store_id, currency_code: kept.currency_code.clone() });
        };
        let store = match self.stores.get(&slug(name)) {
            Some(store) => store.clone(),
            None => self.new_store(product, name, currency)?,
        };
        if store.currency_code == currency { Ok(store) } else { refuse(Column::Vendor, name, &store.currency_code) }
    }

    /// The category of a product; `None` when it is in none.
    pub fn category(&mut self, product: &FileProduct, kept: Option<&KeptProduct>) -> Result<Option<Uuid>, Problem> {
        let Some(name) = category(product, kept) else {
            let is_blank = product.category.as_ref().is_some_and(|name| name.trim().is_empty());
            return Ok(kept.filter(|_| !is_blank).and_then(|kept| kept.category_id));
        };
        let slug = check_name(product, Column::Type, name)?;
        let now = now();
        let id = *self.categories.entry(slug.clone()).or_insert_with(|| {
            let id = Uuid::now_v7();
            let name = name.to_owned();
            self.new_categories
                .insert(id, row::Category { id, slug, name, position: 0, created_at: now, updated_at: now });
            id
        });
        Ok(Some(id))
    }

    /// Writes those that are new and needed by one of these products.
    pub async fn write(
        &mut self,
        tx: &WriteTransaction,
        stores: impl Iterator<Item = Uuid>,
        categories: impl Iterator<Item = Uuid>,
    ) -> Result<()> {
        let mut stores: Vec<_> = stores.filter_map(|id| self.new_stores.remove(&id)).collect();
        stores.sort_by(|one, other| one.slug.cmp(&other.slug));
        bulk::insert(tx, Rows::of(stores)).await?;
        let mut categories: Vec<_> = categories.filter_map(|id| self.new_categories.remove(&id)).collect();
        if categories.is_empty() {
            return Ok(());
        }
        categories.sort_by_key(|category| category.id);
        lock_category_tree(tx).await?;
        let mut next = last_category_position(tx, None).await?.map_or(0, |last| last.saturating_add(1));
        for category in &mut categories {
            category.position = next.min(MOST_POSITION);
            next = next.saturating_add(1);
        }
        bulk::insert(tx, Rows::of(categories)).await?;
        Ok(())
    }

    /// Forgets all: what was to be written was not, or somebody else wrote it.
    pub fn forget(&mut self) {
        *self = Self::new(self.currency);
    }

    fn new_store(&mut self, product: &FileProduct, name: &str, currency: &str) -> Result<KeptStore, Problem> {
        let slug = check_name(product, Column::Vendor, name)?;
        let (id, now): (Uuid, DateTime<Utc>) = (Uuid::now_v7(), now());
        let store = KeptStore { id, currency_code: currency.to_owned() };
        self.stores.insert(slug.clone(), store.clone());
        let (name, currency_code) = (name.to_owned(), currency.to_owned());
        self.new_stores.insert(id, row::Store { id, slug, name, currency_code, created_at: now, updated_at: now });
        Ok(store)
    }
}

/// The name of the store that is to be found or made; `None` where the product stays in its own.
fn vendor<'a>(product: &'a FileProduct, kept: Option<&KeptProduct>) -> Option<&'a str> {
    let name = product.vendor.as_deref().filter(|name| !name.trim().is_empty());
    match kept {
        Some(kept) => name.filter(|name| *name != kept.store_name),
        None => Some(name.unwrap_or(NO_VENDOR)),
    }
}

/// The name of the category that is to be found or made; `None` where the product stays in its own, or goes into none.
fn category<'a>(product: &'a FileProduct, kept: Option<&KeptProduct>) -> Option<&'a str> {
    let name = product.category.as_deref().filter(|name| !name.trim().is_empty());
    name.filter(|name| kept.is_none_or(|kept| kept.category_name.as_deref() != Some(name)))
}

/// The slug of a name that the mutations would take.
fn check_name(product: &FileProduct, column: Column, name: &str) -> Result<String, Problem> {
    let slug = slug(name);
    let mut checks = Checks::default();
    checks.line("name", name, LONGEST_NAME);
    checks.slug("slug", &slug);
    match checks.refusals().first() {
        _ if slug.is_empty() => {
            Err(Problem::of_cell(product.line, column, name, "has no letter or digit to make a slug of"))
        }
        Some(refusal) => Err(Problem::of_refusal(product.line, column, name, refusal)),
        None => Ok(slug),
    }
}
