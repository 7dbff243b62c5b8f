//! Who sees what: drafts, archived products, users and orders are for staff alone, by every path.

mod ids;
mod people;
mod products;
mod staff;
