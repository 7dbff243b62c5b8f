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
    Currency(String),
    /// The lowest price of the product, in minor units, compared with a bound.
    Price(Comparison, i64),
    InStock(bool),
    Created(Comparison, DateTime<Utc>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Comparison {
    Less,
    AtMost,
    AtLeast,
    Greater,
}
