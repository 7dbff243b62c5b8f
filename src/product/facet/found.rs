//! From what the database counted to facets: which values, with which labels, in which order.

use super::choice::{Choice, Dimension, FacetKind};
use super::narrowing::Narrowing;
use super::price::{Cell, buckets};
use crate::graphql::{amount, currency};
use crate::product::filter::{PriceBounds, ProductFilter};

/// The most products of a list that facets count.
pub const MOST_MATCHED: u32 = 100_000;
/// The most options that have a facet, but for those that are chosen from.
const MOST_OPTIONS: usize = 10;

/// What the database counted.
#[derive(Clone, Debug)]
pub struct Counted {
    pub what: What,
    pub count: u64,
    /// How many products were looked at, up to one more than [`MOST_MATCHED`]; 0 where nobody asked.
    pub matched: u64,
}

#[derive(Clone, Debug)]
pub enum What {
    /// The products of a choice. Categories and stores come with their name, categories with that of their parent, and with a chosen one
    /// that they lie within.
    Choice { choice: Choice, name: Option<String>, parent: Option<String>, within: Option<Choice> },
    /// Prices that agree in their first two digits with this one, the lowest of them.
    Prices { currency: String, from: i64 },
}

/// What one facet offers.
#[derive(Clone, Debug)]
pub struct Facet {
    pub kind: FacetKind,
    pub label: String,
    pub is_exact: bool,
    pub values: Vec<FacetValue>,
}

#[derive(Clone, Debug)]
pub struct FacetValue {
    pub choice: Choice,
    pub label: String,
    pub count: u64,
    pub is_selected: bool,
    /// The selected categories that this one lies within.
    pub within: Vec<Choice>,
}

/// The facets of these kinds of a list with this filter, each with the first of its values; a facet without values is left out.
pub fn facets(filter: &ProductFilter, kinds: &[FacetKind], first: usize, counted: &[Counted]) -> Vec<Facet> {
    let narrowing = Narrowing::of(filter);
    let mut found = Vec::new();
    for kind in kinds {
        let dimensions = match kind {
            FacetKind::Category => vec![Dimension::Category],
            FacetKind::Store => vec![Dimension::Store],
            FacetKind::Price => vec![Dimension::Price],
            FacetKind::Stock => vec![Dimension::Stock],
            FacetKind::Tag => vec![Dimension::Tag],
            FacetKind::Option => options(&narrowing, counted),
        };
        found.extend(dimensions.iter().filter_map(|dimension| {
            let own: Vec<&Counted> = counted.iter().filter(|counted| counted.is_of(dimension)).collect();
            let values = values(dimension, &narrowing, first, &own);
            let is_exact = own.iter().all(|counted| counted.matched <= MOST_MATCHED.into());
            (!values.is_empty()).then(|| Facet { kind: *kind, label: label_of(dimension), is_exact, values })
        }));
    }
    found
}

impl Counted {
    fn is_of(&self, dimension: &Dimension) -> bool {
        match &self.what {
            What::Choice { choice, .. } => choice.dimension() == *dimension,
            What::Prices { .. } => *dimension == Dimension::Price,
        }
    }
}

/// The options that have a facet: those that are chosen from, and of the others those that most products have.
fn options(narrowing: &Narrowing<'_>, counted: &[Counted]) -> Vec<Dimension> {
    let chosen = narrowing.options();
    let mut names: Vec<(&str, u64)> = chosen.iter().map(|name| (*name, 0)).collect();
    for counted in counted {
        if let What::Choice { choice: Choice::Option { name, .. }, .. } = &counted.what {
            match names.iter_mut().find(|(known, _)| known == name) {
                Some((_, count)) => *count += counted.count,
                None => names.push((name, counted.count)),
            }
        }
    }
    names.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then_with(|| a.cmp(b)));
    let mut others = 0;
    names.retain(|(name, _)| {
        let is_chosen = chosen.contains(name);
        others += usize::from(!is_chosen);
        is_chosen || others <= MOST_OPTIONS
    });
    names.into_iter().map(|(name, _)| Dimension::Option(name.to_owned())).collect()
}

/// The values of a facet: prices in their order, of the others those first that most products have, before them what a selected
/// category holds. What is selected is always there.
fn values(dimension: &Dimension, narrowing: &Narrowing<'_>, first: usize, counted: &[&Counted]) -> Vec<FacetValue> {
    let chosen = narrowing.chosen(dimension).unwrap_or_default();
    let mut found: Vec<(Choice, u64)> = Vec::new();
    if *dimension == Dimension::Price {
        found.extend(price_buckets(counted));
    }
    for counted in counted {
        if let What::Choice { choice, .. } = &counted.what
            && !found.iter().any(|(known, _)| known == choice)
        {
            found.push((choice.clone(), counted.count));
        }
    }
    for choice in &chosen {
        if !found.iter().any(|(known, _)| known == choice) {
            found.push((choice.clone(), 0));
        }
    }
    let names: Vec<&str> = found.iter().map(|(choice, _)| name_of(choice, counted).0).collect();
    let is_ambiguous = |name: &str| !name.is_empty() && names.iter().filter(|other| **other == name).count() > 1;
    let values = found.iter().map(|(choice, count)| {
        let (name, parent) = name_of(choice, counted);
        let label = match parent.filter(|_| is_ambiguous(name)) {
            Some(parent) => format!("{parent} / {name}"),
            None => label(choice, name),
        };
        let is_selected = chosen.contains(choice);
        FacetValue { choice: choice.clone(), label, count: *count, is_selected, within: within(choice, counted) }
    });
    let mut values: Vec<FacetValue> = values.collect();
    if *dimension == Dimension::Price {
        values.sort_by_key(|value| match &value.choice {
            Choice::Price(PriceBounds { from, to, .. }) => (*from, *to),
            _ => (None, None),
        });
        return values;
    }
    let is_further = |value: &FacetValue| {
        value.within.is_empty() && !matches!(value.choice, Choice::Category { with_descendants: true, .. })
    };
    values.sort_by(|a, b| {
        let nearer = is_further(a).cmp(&is_further(b));
        nearer.then_with(|| b.count.cmp(&a.count)).then_with(|| a.label.cmp(&b.label))
    });
    let mut place = 0;
    values.retain(|value| {
        place += 1;
        place <= first || value.is_selected
    });
    values
}

fn price_buckets(counted: &[&Counted]) -> Vec<(Choice, u64)> {
    let mut code = "";
    let mut cells = Vec::new();
    for counted in counted {
        if let What::Prices { currency, from } = &counted.what {
            code = currency;
            cells.push(Cell { from: *from, count: counted.count });
        }
    }
    cells.sort_by_key(|cell| cell.from);
    buckets(code, &cells).into_iter().map(|(bounds, count)| (Choice::Price(bounds), count)).collect()
}

/// The selected categories that a category lies within.
fn within(choice: &Choice, counted: &[&Counted]) -> Vec<Choice> {
    let trees = counted.iter().filter_map(|counted| match &counted.what {
        What::Choice { choice: of, within: Some(tree), .. } if of == choice => Some(tree.clone()),
        _ => None,
    });
    trees.collect()
}

/// The name of a category or a store, and of the category's parent.
fn name_of<'a>(choice: &Choice, counted: &[&'a Counted]) -> (&'a str, Option<&'a str>) {
    let named = counted.iter().find_map(|counted| match &counted.what {
        What::Choice { choice: of, name: Some(name), parent, .. } if of == choice => Some((&**name, parent.as_deref())),
        _ => None,
    });
    named.unwrap_or_default()
}

fn label_of(dimension: &Dimension) -> String {
    match dimension {
        Dimension::Category => "Category",
        Dimension::Store => "Store",
        Dimension::Price => "Price",
        Dimension::Stock => "Availability",
        Dimension::Tag => "Tag",
        Dimension::Option(name) => name,
    }
    .to_owned()
}

fn label(choice: &Choice, name: &str) -> String {
    match choice {
        Choice::Category { .. } | Choice::Store(_) => name.to_owned(),
        Choice::Price(bounds) => price_label(bounds),
        Choice::Stock(true) => "In stock".to_owned(),
        Choice::Stock(false) => "Sold out".to_owned(),
        Choice::Tag(value) | Choice::Option { value, .. } => value.clone(),
    }
}

fn price_label(PriceBounds { currency: code, from, to }: &PriceBounds) -> String {
    let text = |bound: &i64| currency(code).map_or_else(|_| bound.to_string(), |of| amount(*bound, of).to_string());
    match (from.as_ref().map(text), to.as_ref().map(text)) {
        (Some(from), Some(to)) => format!("{from} – {to} {code}"),
        (Some(from), None) => format!("{from} {code} and more"),
        (None, Some(to)) => format!("up to {to} {code}"),
        (None, None) => code.clone(),
    }
}
