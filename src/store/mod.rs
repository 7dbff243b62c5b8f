//! Stores: who sells. A store sells in one currency for good, since its products carry that currency too.

pub mod entity;
mod listing;
mod loader;
mod mutation;
mod object;
mod query;
mod repo;
mod write;

pub use loader::StoreById;
pub use mutation::{StoreMutation, StoreUserError};
pub use object::Store;
pub use query::StoreQuery;
pub use repo::{beside as store_beside, hold as lock_store, page_statement, read_beside as read_store_beside};
