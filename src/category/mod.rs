//! Categories: the tree that products are filed under. It is at most ten levels deep and has no cycles: whatever writes it
//! holds one lock over the whole tree.

pub mod entity;
mod listing;
mod loader;
mod mutation;
mod object;
mod query;
mod repo;
mod write;

pub use loader::CategoryById;
pub use mutation::{CategoryMutation, CategoryUserError};
pub use object::Category;
pub use query::CategoryQuery;
pub use repo::{
    beside as category_beside, hold as category_exists, last_position as last_category_position,
    lock_tree as lock_category_tree, page_statement, read_beside as read_category_beside,
};
