//! Facets: what a list of products can be narrowed down by, and the conditions and choices that go with them.

mod choosing;
mod conditions;
mod random;
mod reading;
mod toggling;
mod variants;
