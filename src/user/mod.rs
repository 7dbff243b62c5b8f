//! Users: the people who order. They are handed out to themselves and to staff, on every path.

mod email;
pub mod entity;
mod listing;
mod loader;
mod mutation;
mod object;
mod query;
mod repo;
mod write;

pub use email::normalise as normalise_email;
pub use listing::UserListing;
pub use mutation::{UserMutation, UserUserError};
pub use object::User;
pub use query::UserQuery;
pub use repo::page_statement;
pub use write::{check_email, refuse_violation};
