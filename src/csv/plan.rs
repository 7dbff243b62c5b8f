//! What a product of a file changes in the shop. Where both say the same, nothing is written: no version rises, and no cache hears of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::problem::{Problem, Problems};
use super::product::FileProduct;
use super::repo::{KeptProduct, KeptSku, KeptStore};
use super::row;
use super::target::Target;
use super::variants::{check_identities, find_skus, positions};
use super::wanted::Wanted;
use crate::sku::MOST_SKUS;

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
pub struct Setting<'a> {
    pub store: &'a KeptStore,
    pub category_id: Option<Uuid>,
    pub keeps_missing: bool,
    pub now: DateTime<Utc>,
}

/// Plans one product; all that is wrong with it.
pub fn plan(file: &FileProduct, kept: Option<&KeptProduct>, setting: &Setting<'_>) -> Result<Plan, Problems> {
    let file = &*file.meant_for(kept.map(|kept| &kept.options));
    let skus = kept.map(|kept| kept.skus.as_slice()).unwrap_or_default();
    let found = find_skus(file, skus);
    let named: HashSet<usize> = found.iter().flatten().copied().collect();
    let others = skus.iter().enumerate().filter(|(index, _)| !named.contains(index)).map(|(_, sku)| sku);
    let target = Target::new(file, kept, setting.keeps_missing);
    let stay = others.clone().filter(|sku| setting.keeps_missing && !sku.archived);
    let wanted = target.check(stay.clone()).and_then(|()| {
        let on_sale = file.variants.len() + stay.clone().count();
        if on_sale > MOST_SKUS as usize {
            let text = format!("{on_sale} variants, with those that stay on sale, over the maximum of {MOST_SKUS}");
            return Err(Problem::of_row(file.line, text).into());
        }
        Wanted::of_product(file, &target.options, &found, skus, &setting.store.currency_code)
    })?;
    check_identities(&file.variants, wanted.iter().map(Wanted::identity), stay, others.clone()).done()?;
    let codes: HashSet<String> = wanted.iter().filter_map(|wanted| wanted.identity().0.map(str::to_owned)).collect();

    let mut plan = Plan::default();
    let product_id = target.plan(&mut plan, kept, setting);
    let places = positions(&found, skus);
    for ((wanted, found), position) in wanted.into_iter().zip(&found).zip(places) {
        wanted.plan(&mut plan, product_id, found.map(|index| &skus[index]), skus, position, setting.now);
    }
    // None of these stays on sale with a code that a variant of the file has.
    for sku in others {
        let is_left = !setting.keeps_missing && !sku.archived;
        let code = sku.code.clone().filter(|code| !codes.contains(code));
        if is_left || code != sku.code {
            plan.archived += u64::from(is_left);
            plan.sku_changes.push(row::SkuChange { code, archived: true, ..change_of(sku, setting.now) });
        }
    }
    Ok(plan)
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

/// A list as the application writes it.
pub fn json(list: &impl Serialize) -> String {
    serde_json::to_string(list).expect("lists of texts can be written as JSON")
}
