//! The options of a product after an import: those of the file, without disturbing an order that was there.

use std::collections::HashSet;

use super::product::FileVariant;
use super::repo::KeptProduct;
use crate::product::entity::{ProductOption, ProductOptions};

/// The options that the names and the variants of a file make. A value that no sku had before the import stays; one whose last sku goes, goes.
pub fn options(
    names: &[String],
    variants: &[FileVariant],
    kept: Option<&KeptProduct>,
    keeps_missing: bool,
) -> ProductOptions {
    let option = |(index, name): (usize, &String)| {
        let mut values: Vec<String> = Vec::new();
        let mut seen = HashSet::new();
        let given = variants.iter().filter_map(|variant| variant.option_values.get(index));
        values.extend(given.filter(|value| seen.insert(*value)).cloned());
        if let Some((kept, before)) =
            kept.and_then(|kept| Some((kept, kept.options.0.get(index).filter(|before| before.name == *name)?)))
        {
            let skus = kept.skus.iter().filter(|sku| !sku.archived);
            let used: HashSet<_> = skus.filter_map(|sku| sku.option_values.0.get(index)).collect();
            values = merge(&before.values, values, |value| keeps_missing || !used.contains(value));
        }
        ProductOption { name: name.clone(), values }
    };
    ProductOptions(names.iter().enumerate().map(option).collect())
}

/// The values of before in their order, where the file brings no new ones; else the file's, and after them those that stay.
fn merge(before: &[String], given: Vec<String>, stays: impl Fn(&String) -> bool) -> Vec<String> {
    let (known, is_given): (HashSet<&String>, HashSet<&String>) = (before.iter().collect(), given.iter().collect());
    let stays = |value: &&String| !is_given.contains(value) && stays(value);
    if given.iter().all(|value| known.contains(value)) {
        return before.iter().filter(|value| is_given.contains(value) || stays(value)).cloned().collect();
    }
    let after: Vec<String> = before.iter().filter(stays).cloned().collect();
    given.into_iter().chain(after).collect()
}
