//! A variant as a file wants it: what the file doesn't say is as the shop has it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::heading::Column;
use super::plan::{Plan, json};
use super::problem::{Problem, Problems};
use super::product::{FileProduct, FileVariant};
use super::repo::KeptSku;
use super::row;
use crate::product::entity::ProductOptions;
use crate::refusal::Abort;
use crate::sku::SkuContent;
use crate::sku::entity::OptionValues;

/// A variant as it shall be.
pub struct Wanted {
    code: Option<String>,
    option_values: Vec<String>,
    price: i64,
    compare_at_price: Option<i64>,
    quantity: Option<i32>,
}

impl Wanted {
    /// The variants of a file by the rules of the mutations; all that is wrong with them.
    pub fn of_product(
        file: &FileProduct,
        options: &ProductOptions,
        found: &[Option<usize>],
        skus: &[KeptSku],
        currency: &str,
    ) -> Result<Vec<Self>, Problems> {
        let mut problems = Problems::default();
        let mut wanted = Vec::with_capacity(found.len());
        for (variant, found) in file.variants.iter().zip(found) {
            match Self::of_variant(file, variant, options, found.map(|index| &skus[index]), currency) {
                Ok(variant) => wanted.push(variant),
                Err(problem) => problems.push(problem),
            }
        }
        problems.done().map(|()| wanted)
    }

    fn of_variant(
        file: &FileProduct,
        variant: &FileVariant,
        options: &ProductOptions,
        kept: Option<&KeptSku>,
        currency: &str,
    ) -> Result<Self, Problem> {
        let option_values = match (&file.options, kept) {
            (None, Some(kept)) => kept.option_values.clone(),
            _ => OptionValues(variant.option_values.clone()),
        };
        if file.options.is_none() && option_values.0.len() != options.0.len() {
            let names: Vec<_> = options.0.iter().map(|option| option.name.as_str()).collect();
            let what = format!(
                "is missing: the product has the options {}, and no sku with this code tells which variant it is",
                names.join(", ")
            );
            return Err(Problem::of_cell(variant.line, Column::Option1Value, "", what));
        }
        let content = SkuContent {
            code: variant.code.clone(),
            option_values: None,
            attributes: None,
            price: Some(variant.price),
            compare_at_price: variant.compare_at_price,
            position: None,
            archived: None,
        };
        let checked = content.check().and_then(|()| content.check_in_product(currency, options, Some(&option_values)));
        let prices = checked.map_err(|abort| match abort {
            Abort::Refused(refusals) => refusals.first().map(|refusal| variant.problem(refusal)),
            Abort::Failed(_) => None,
        });
        let unknown = || Problem::of_cell(variant.line, Column::Price, &variant.price.to_string(), "cannot be kept");
        let prices = prices.map_err(|problem| problem.unwrap_or_else(unknown))?;
        Ok(Self {
            code: variant.code.clone().unwrap_or_else(|| kept.and_then(|kept| kept.code.clone())),
            option_values: option_values.0,
            price: prices.price.unwrap_or_default(),
            compare_at_price: prices.compare_at_price.unwrap_or_else(|| kept.and_then(|kept| kept.compare_at_price)),
            quantity: variant.quantity,
        })
    }

    /// What no other variant of the product has.
    pub fn identity(&self) -> (Option<&str>, &[String]) {
        (self.code.as_deref(), &self.option_values)
    }

    /// The rows of the variant, where there is anything to write.
    pub fn plan(
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

/// Until it is written anew a sku has no code, and option values that no other has.
fn given_away(sku: &KeptSku) -> row::SkuIdentity {
    row::SkuIdentity { id: sku.id, code: None, option_values: json(&OptionValues(vec![sku.id.to_string()])) }
}
