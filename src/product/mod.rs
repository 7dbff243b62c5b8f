//! Products: what the shop sells. Drafts and archived products are handed out to staff alone, on every path.

mod condition;
pub mod entity;
mod facet;
mod filter;
mod input;
mod listing;
mod loader;
mod mutation;
mod node;
mod object;
mod option;
mod query;
mod repo;
mod search;
mod warm;
mod write;

pub use filter::ProductFilter;
pub use input::{ProductOrder, ProductWhere};
pub use listing::{ProductListing, ProductParent, ProductSort, Visible};
pub use loader::{Depth, DetailsByProduct, ProductById};
pub use mutation::{ProductMutation, ProductUserError};
pub use node::ProductNode;
pub use object::{Product, depth};
pub use query::{ProductQuery, connection as product_connection};
pub use repo::{lock as lock_product, page_statement};
pub use search::SuggestionQuery;
pub use warm::warm;
pub use write::{
    Content as ProductContent, LONGEST_ALT_TEXT, LONGEST_OPTION, MOST_IMAGES, check as check_product,
    check_used_options,
};
