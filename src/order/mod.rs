//! Orders and their items: what was bought, under the names and at the prices of that day. They are handed out to whoever ordered
//! and to staff, on every path.

pub mod entity;
pub mod item;
mod item_object;
mod listing;
mod loader;
mod object;
mod query;
mod repo;

pub use item_object::OrderItem;
pub use listing::OrderListing;
pub use object::Order;
pub use query::connection as order_connection;
pub use repo::page_statement;
