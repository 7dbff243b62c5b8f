//! Which variants of a file are which skus of the shop, and in which places they come.

use std::collections::{HashMap, HashSet};

use super::heading::Column;
use super::problem::{Problem, Problems};
use super::product::{FileProduct, FileVariant};
use super::repo::KeptSku;

/// The sku of each variant: the one with its code, else one with its option values; `None` is a new one.
///
/// Where another sku, that would have no row, has the option values of a variant, it is that one and takes over the code: what was
/// sold as M is M again, and no sku stands in the way of the file.
pub fn find_skus(file: &FileProduct, skus: &[KeptSku]) -> Vec<Option<usize>> {
    let by_code: HashMap<&str, usize> =
        skus.iter().enumerate().filter_map(|(index, sku)| Some((sku.code.as_deref()?, index))).collect();
    let by_values: HashMap<&[String], usize> =
        skus.iter().enumerate().map(|(index, sku)| (sku.option_values.0.as_slice(), index)).collect();
    let mut taken = HashSet::new();
    let find = |variant: &FileVariant| by_code.get(variant.code.as_ref()?.as_deref()?).copied();
    let mut found: Vec<Option<usize>> =
        file.variants.iter().map(|variant| find(variant).filter(|index| taken.insert(*index))).collect();
    loop {
        let mut is_settled = true;
        for (variant, found) in file.variants.iter().zip(&mut found) {
            let may_change = found.is_none() || file.options.is_some();
            let sku = by_values.get(variant.option_values.as_slice()).copied();
            if let Some(sku) = sku.filter(|sku| may_change && taken.insert(*sku)) {
                // The one with its code may be that of another variant.
                if let Some(before) = found.replace(sku) {
                    taken.remove(&before);
                    is_settled = false;
                }
            }
        }
        if is_settled {
            return found;
        }
    }
}

/// A variant as it will be: no other has its code or its option values, nor has a sku without a row, but that one which
/// is not on sale gives up its code. `stay` are those that are.
pub fn check_identities<'a, 'k: 'a>(
    variants: &[FileVariant],
    identities: impl Iterator<Item = (Option<&'a str>, &'a [String])>,
    stay: impl Iterator<Item = &'k KeptSku>,
    others: impl Iterator<Item = &'k KeptSku>,
) -> Problems {
    let whose = |line: Option<u64>| match line {
        Some(line) => format!("the row at line {line}"),
        None => "a sku that the file gives no row".to_owned(),
    };
    let mut problems = Problems::default();
    let mut codes: HashMap<&str, Option<u64>> = stay.filter_map(|sku| Some((sku.code.as_deref()?, None))).collect();
    let mut values: HashMap<&[String], Option<u64>> =
        others.map(|sku| (sku.option_values.0.as_slice(), None)).collect();
    for (variant, (code, option_values)) in variants.iter().zip(identities) {
        let line = Some(variant.line);
        if let Some(code) = code
            && let Some(other) = codes.insert(code, line)
        {
            let what = format!("is the code of {}, in the same product", whose(other));
            problems.push(Problem::of_cell(variant.line, Column::Sku, code, what));
        }
        if let Some(other) = values.insert(option_values, line) {
            let problem = match option_values {
                [] => {
                    let text = format!("a product without options has one variant: it is that of {}", whose(other));
                    Problem::of_row(variant.line, text)
                }
                values => {
                    let what = format!("are the option values of {}, in the same product", whose(other));
                    Problem::of_cell(variant.line, Column::Option1Value, &values.join(" / "), what)
                }
            };
            problems.push(problem);
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
