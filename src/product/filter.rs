//! Which products a list holds: the condition tree behind the argument `where`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::entity::ProductStatus;

/// A condition on products. The same condition always serialises to the same text, which cursors rely on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ProductFilter {
    /// All of these; with none, every product.
    All(Vec<Self>),
    /// At least one of these; with none, no product.
    Any(Vec<Self>),
    Store(Vec<Uuid>),
    /// In one of these categories, or below it.
    Category {
        ids: Vec<Uuid>,
        with_descendants: bool,
    },
    Status(Vec<ProductStatus>),
    Price(PriceBounds),
    InStock(bool),
    Created(Comparison, DateTime<Utc>),
    /// With one of these tags.
    Tag(Vec<String>),
    /// That can be had with one of these values of an option.
    Option {
        name: String,
        values: Vec<String>,
    },
}

/// A range of lowest prices in one currency, in minor units; both bounds are included.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct PriceBounds {
    pub currency: String,
    pub from: Option<i64>,
    pub to: Option<i64>,
}

impl PriceBounds {
    /// The range where both hold, if there is one.
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        let (from, to) = (self.from.max(other.from), self.to.into_iter().chain(other.to).min());
        let is_range = self.currency == other.currency && from.zip(to).is_none_or(|(from, to)| from <= to);
        is_range.then(|| Self { currency: self.currency.clone(), from, to })
    }
}

impl ProductFilter {
    /// Whether it is no condition at all.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(all) if all.iter().all(Self::is_everything))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Comparison {
    Less,
    AtMost,
    AtLeast,
    Greater,
}

impl ProductFilter {
    /// The conditions that must all hold, none of which is a list of such.
    pub fn conjuncts(&self) -> Vec<&Self> {
        match self {
            Self::All(all) => all.iter().flat_map(Self::conjuncts).collect(),
            other => vec![other],
        }
    }
}
