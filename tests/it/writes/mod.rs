//! Writing: what a mutation does, what it refuses, and that a refused one changes nothing.

mod category;
mod concurrent;
mod field;
mod product;
mod sku;
mod stock;
mod store;
mod version;

use storefront::graphql::{Kind, plain_id};
use uuid::Uuid;

/// The id of something of this type that was never there.
fn id_of_nothing(type_name: &str) -> String {
    let kinds = [Kind::Product, Kind::Sku, Kind::Store, Kind::Category, Kind::User];
    let kind = kinds.into_iter().find(|kind| kind.type_name() == type_name).unwrap();
    plain_id(kind, Uuid::now_v7()).0
}
