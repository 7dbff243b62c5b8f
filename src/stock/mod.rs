//! Stock: how many pieces of each sku there are. It changes by itself, with a version apart from the product's.

pub mod aggregate;
pub mod entity;
mod loader;
mod mutation;
mod object;
mod repo;
mod write;

pub use loader::StockByProduct;
pub use mutation::{StockMutation, StockUserError};
pub use object::Stock;
pub use repo::{COUNT_COLUMNS, COUNT_JOIN, COUNTED_VERSION, StockNode, StockRow};
pub use write::MOST_PIECES;
