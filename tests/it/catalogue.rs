//! Reading the catalogue: lookups, relations both ways, filters, orders, and how values are written.

mod details;
mod filters;
mod lookups;
mod nodes;
mod orders;
mod relations;
mod values;
