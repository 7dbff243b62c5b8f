//! Skus: the variants of a product that can be bought. They are part of their product's node and are seen only through it.

mod content;
pub mod entity;
mod loader;
mod lock;
mod mutation;
mod object;
mod repo;
mod write;

pub use content::Content as SkuContent;
pub use loader::{DetailsBySku, SkuById, SkusByProduct};
pub use lock::lock_sku;
pub use mutation::{SkuMutation, SkuUserError};
pub use object::Sku;
pub use repo::{
    SkuNode, Skus, option_values_of_product as used_option_values, read_skus, skus_by_product, skus_column,
};
pub use write::MOST_SKUS;
