//! What a list can be narrowed by: the dimensions, and the choices that each of them offers.

use uuid::Uuid;

use crate::product::filter::{PriceBounds, ProductFilter};

/// What a facet is about. There is a facet for each option that products have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FacetKind {
    Category,
    Store,
    Price,
    Stock,
    Tag,
    Option,
}

impl FacetKind {
    pub const ALL: [Self; 6] = [Self::Category, Self::Store, Self::Price, Self::Stock, Self::Tag, Self::Option];
}

/// What a condition is about, if it is about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Dimension {
    Category,
    Store,
    Price,
    Stock,
    Tag,
    /// The option of this name.
    Option(String),
}

impl Dimension {
    /// What a filter is about; `None` when it is about several things, or about one that has no facet.
    pub fn of(filter: &ProductFilter) -> Option<Self> {
        match filter {
            ProductFilter::All(parts) | ProductFilter::Any(parts) => {
                let mut parts = parts.iter().map(Self::of);
                let first = parts.next()??;
                parts.all(|part| part.as_ref() == Some(&first)).then_some(first)
            }
            ProductFilter::Store(_) => Some(Self::Store),
            ProductFilter::Category { .. } => Some(Self::Category),
            ProductFilter::Price(_) => Some(Self::Price),
            ProductFilter::InStock(_) => Some(Self::Stock),
            ProductFilter::Tag(_) => Some(Self::Tag),
            ProductFilter::Option { name, .. } => Some(Self::Option(name.clone())),
            ProductFilter::Status(_) | ProductFilter::Created(..) => None,
        }
    }
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    Category { id: Uuid, with_descendants: bool },
    Store(Uuid),
    Price(PriceBounds),
    Stock(bool),
    Tag(String),
    Option { name: String, value: String },
}

impl Choice {
    /// The choices that a filter names, each once.
    pub fn of(filter: &ProductFilter) -> Vec<Self> {
        let mut found: Vec<Self> = match filter {
            ProductFilter::All(_) => one_range(filter.conjuncts()).iter().flat_map(Self::of).collect(),
            ProductFilter::Any(parts) => parts.iter().flat_map(Self::of).collect(),
            ProductFilter::Store(ids) => ids.iter().copied().map(Self::Store).collect(),
            ProductFilter::Category { ids, with_descendants } => {
                ids.iter().map(|id| Self::Category { id: *id, with_descendants: *with_descendants }).collect()
            }
            ProductFilter::Price(bounds) => vec![Self::Price(bounds.clone())],
            ProductFilter::InStock(in_stock) => vec![Self::Stock(*in_stock)],
            ProductFilter::Tag(tags) => tags.iter().cloned().map(Self::Tag).collect(),
            ProductFilter::Option { name, values } => {
                values.iter().map(|value| Self::Option { name: name.clone(), value: value.clone() }).collect()
            }
            ProductFilter::Status(_) | ProductFilter::Created(..) => Vec::new(),
        };
        let mut seen = std::collections::HashSet::new();
        found.retain(|choice| seen.insert(choice.clone()));
        found
    }

    pub fn dimension(&self) -> Dimension {
        match self {
            Self::Category { .. } => Dimension::Category,
            Self::Store(_) => Dimension::Store,
            Self::Price(_) => Dimension::Price,
            Self::Stock(_) => Dimension::Stock,
            Self::Tag(_) => Dimension::Tag,
            Self::Option { name, .. } => Dimension::Option(name.clone()),
        }
    }

    /// The filter that holds for the products of this choice.
    pub fn filter(&self) -> ProductFilter {
        match self.clone() {
            Self::Category { id, with_descendants } => ProductFilter::Category { ids: vec![id], with_descendants },
            Self::Store(id) => ProductFilter::Store(vec![id]),
            Self::Price(bounds) => ProductFilter::Price(bounds),
            Self::Stock(in_stock) => ProductFilter::InStock(in_stock),
            Self::Tag(tag) => ProductFilter::Tag(vec![tag]),
            Self::Option { name, value } => ProductFilter::Option { name, values: vec![value] },
        }
    }

    /// The filter that holds for the products of any of these choices of one dimension: one list of values as far as that can be.
    pub fn any_of(choices: &[Self]) -> ProductFilter {
        let mut parts: Vec<ProductFilter> = Vec::new();
        for choice in choices {
            let filter = choice.filter();
            if !parts.iter_mut().any(|part| joined(part, &filter)) {
                parts.push(filter);
            }
        }
        match parts.len() {
            1 => parts.remove(0),
            _ => ProductFilter::Any(parts),
        }
    }
}

/// Conditions that must all hold, with ranges of prices that overlap as the one that they leave.
fn one_range(conditions: Vec<&ProductFilter>) -> Vec<ProductFilter> {
    let mut found: Vec<ProductFilter> = Vec::new();
    for condition in conditions {
        let overlap = found.iter_mut().find_map(|known| match (&*known, condition) {
            (ProductFilter::Price(known_bounds), ProductFilter::Price(bounds)) => {
                known_bounds.overlap(bounds).map(|both| (known, both))
            }
            _ => None,
        });
        match overlap {
            Some((known, both)) => *known = ProductFilter::Price(both),
            None => found.push(condition.clone()),
        }
    }
    found
}

/// Adds the values of one filter to those of another, if both are lists of the same kind.
fn joined(filter: &mut ProductFilter, more: &ProductFilter) -> bool {
    match (filter, more) {
        (ProductFilter::Store(ids), ProductFilter::Store(more)) => ids.extend(more),
        (
            ProductFilter::Category { ids, with_descendants },
            ProductFilter::Category { ids: more, with_descendants: other },
        ) if with_descendants == other => ids.extend(more),
        (ProductFilter::Tag(tags), ProductFilter::Tag(more)) => tags.extend_from_slice(more),
        (ProductFilter::Option { values, .. }, ProductFilter::Option { values: more, .. }) => {
            values.extend_from_slice(more);
        }
        _ => return false,
    }
    true
}
