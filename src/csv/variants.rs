//! Which variants of a file are which skus of the shop, and in which places they come.

use std::collections::{HashMap, HashSet};

use super::heading::Column;
use super::problem::{Problem, Problems};
use super::product::FileVariant;
use super::repo::KeptSku;

/// The sku of each variant: the one with its code, else one with its option values; `None` is a new one.
pub fn find_skus(variants: &[FileVariant], skus: &[KeptSku]) -> Vec<Option<usize>> {
    let by_code: HashMap<&str, usize> =
        skus.iter().enumerate().filter_map(|(index, sku)| Some((sku.code.as_deref()?, index))).collect();
    let by_values: HashMap<&[String], usize> =
        skus.iter().enumerate().map(|(index, sku)| (sku.option_values.0.as_slice(), index)).collect();
    let mut taken = HashSet::new();
    let mut found: Vec<Option<usize>> = variants
        .iter()
        .map(|variant| {
            let code = variant.code.as_ref()?.as_deref()?;
            by_code.get(code).copied().filter(|index| taken.insert(*index))
        })
        .collect();
    for (variant, found) in variants.iter().zip(&mut found) {
        if found.is_none() {
            let sku = by_values.get(variant.option_values.as_slice()).copied();
            *found = sku.filter(|index| taken.insert(*index));
        }
    }
    found
}

/// A variant as it will be: of two of them, and of those that the file doesn't name, none has the same code or the same option values.
pub fn check_identities<'a, 'k: 'a>(
    variants: &[FileVariant],
    identities: impl Iterator<Item = (Option<&'a str>, &'a [String])>,
    others: impl Iterator<Item = &'k KeptSku> + Clone,
) -> Problems {
    let mut problems = Problems::default();
    let mut codes: HashMap<&str, &str> =
        others.clone().filter_map(|sku| Some((sku.code.as_deref()?, "a sku that the file gives no row"))).collect();
    let mut values: HashMap<&[String], &str> =
        others.map(|sku| (sku.option_values.0.as_slice(), "a sku that the file gives no row")).collect();
    for (variant, (code, option_values)) in variants.iter().zip(identities) {
        if let Some(code) = code
            && let Some(whose) = codes.insert(code, "another row")
        {
            let what = format!("is the code of {whose}, in the same product");
            problems.push(Problem::of_cell(variant.line, Column::Sku, code, what));
        }
        if let Some(whose) = values.insert(option_values, "another row") {
            let what = format!("are the option values of {whose}, in the same product");
            problems.push(Problem::of_cell(variant.line, Column::Option1Value, &option_values.join(" / "), what));
        }
    }
    problems
}

/// The place of each variant. Skus keep theirs where the file has them in the order of the shop and new ones after them; else all are numbered anew.
pub fn positions(found: &[Option<usize>], skus: &[KeptSku]) -> Vec<i32> {
    let (known, new) = found.split_at(found.iter().position(Option::is_none).unwrap_or(found.len()));
    // Skus are in their order: so are variants whose indexes rise.
    let is_in_order = known.is_sorted() && new.iter().all(Option::is_none);
    if !is_in_order {
        return (0..).take(found.len()).collect();
    }
    let next = skus.iter().map(|sku| sku.position.saturating_add(1)).max().unwrap_or_default();
    let known = known.iter().flatten().map(|index| skus[*index].position);
    known.chain((next..).take(new.len())).collect()
}
