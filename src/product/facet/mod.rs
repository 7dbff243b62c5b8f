//! Facets: what a list of products can be narrowed down by, with counts.
//!
//! `choice` names what can be chosen, `narrowing` tells which conditions of a list are whose, `repo/facet` counts, `found` makes facets of
//! the counts, `price` the buckets of prices, and `written` turns filters back into `where`.

mod choice;
mod found;
mod loader;
mod narrowing;
mod object;
mod price;
mod written;

pub use choice::{Choice, Dimension, FacetKind};
pub use found::{Counted, MOST_MATCHED, What};
pub use loader::FacetsKey;
pub use narrowing::Narrowing;
pub use object::ProductFacets;
