//! Skus: the variants of a product that can be bought. They are part of their product's node and are seen only through it.

pub mod entity;
mod loader;
mod mutation;
mod object;
mod repo;
mod write;

pub use loader::{SkuById, SkusByProduct};
pub use mutation::SkuMutation;
pub use object::Sku;
pub use repo::{SkuNode, read_skus, skus_json};
