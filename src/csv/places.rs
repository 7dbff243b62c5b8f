//! The stores and categories that a file names: found by the product that is there, else by the slug of their name, else made.

use std::collections::{HashMap, HashSet};

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

/// Where a product belongs.
pub struct Place {
    pub store: KeptStore,
    pub category_id: Option<Uuid>,
    new_store: Option<row::Store>,
    new_category: Option<row::Category>,
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

    /// Where a product belongs. What is new of it is made once the place is [taken](Self::take).
    pub fn of(&self, product: &FileProduct, kept: Option<&KeptProduct>) -> Result<Place, Problem> {
        let (store, new_store) = self.store(product, kept)?;
        let (category_id, new_category) = self.category(product, kept)?;
        Ok(Place { store, category_id, new_store, new_category })
    }

    /// The product is as it must be: those after it find what is new of its place.
    pub fn take(&mut self, place: Place) {
        if let Some(store) = place.new_store {
            self.stores.insert(store.slug.clone(), place.store);
            self.new_stores.insert(store.id, store);
        }
        if let Some(category) = place.new_category {
            self.categories.insert(category.slug.clone(), category.id);
            self.new_categories.insert(category.id, category);
        }
    }

    /// The store of a product, which sells in the currency of the file.
    fn store(
        &self,
        product: &FileProduct,
        kept: Option<&KeptProduct>,
    ) -> Result<(KeptStore, Option<row::Store>), Problem> {
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
            return Ok((KeptStore { id: kept.store_id, currency_code: kept.currency_code.clone() }, None));
        };
        match self.stores.get(&slug(name)) {
            Some(store) if store.currency_code == currency => Ok((store.clone(), None)),
            Some(store) => refuse(Column::Vendor, name, &store.currency_code),
            None => {
                let new = new_store(product, name, currency)?;
                Ok((KeptStore { id: new.id, currency_code: currency.to_owned() }, Some(new)))
            }
        }
    }

    /// The category of a product; `None` when it is in none.
    fn category(
        &self,
        product: &FileProduct,
        kept: Option<&KeptProduct>,
    ) -> Result<(Option<Uuid>, Option<row::Category>), Problem> {
        let Some(name) = category(product, kept) else {
            let is_blank = product.category.as_ref().is_some_and(|name| name.trim().is_empty());
            return Ok((kept.filter(|_| !is_blank).and_then(|kept| kept.category_id), None));
        };
        let slug = check_name(product, Column::Type, name)?;
        if let Some(id) = self.categories.get(&slug) {
            return Ok((Some(*id), None));
        }
        let (id, name, now) = (Uuid::now_v7(), name.to_owned(), now());
        Ok((Some(id), Some(row::Category { id, slug, name, position: 0, created_at: now, updated_at: now })))
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
}

fn new_store(product: &FileProduct, name: &str, currency: &str) -> Result<row::Store, Problem> {
    let slug = check_name(product, Column::Vendor, name)?;
    let (id, now, name, currency_code) = (Uuid::now_v7(), now(), name.to_owned(), currency.to_owned());
    Ok(row::Store { id, slug, name, currency_code, created_at: now, updated_at: now })
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
