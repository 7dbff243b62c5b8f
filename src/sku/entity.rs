//! A sku: one variant of a product, which can be bought.
//!
//! The database gives `version` and raises it, with that of the product; it is read, and never set.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::product::entity as product;
use crate::stock::entity as stock;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "skus")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub product_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub code: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub option_values: OptionValues,
    #[sea_orm(column_type = "JsonBinary")]
    pub attributes: SkuAttributes,
    /// In minor units of the product's currency.
    pub price: i64,
    /// What it cost before, in minor units.
    pub compare_at_price: Option<i64>,
    /// The place among the skus of its product; `id` decides between equals.
    pub position: i32,
    /// No longer sold: it is seen by staff alone, and counts for nothing of its product.
    pub archived: bool,
    pub version: i64,
    #[serde(with = "crate::db::moment")]
    pub created_at: DateTimeUtc,
    #[serde(with = "crate::db::moment")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<product::Entity>,
    #[sea_orm(has_one)]
    pub stock: HasOne<stock::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// One value for each option of the product, in the product's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, FromJsonQueryResult)]
pub struct OptionValues(pub Vec<String>);

/// A fact about a sku, such as its weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkuAttribute {
    pub name: String,
    pub value: String,
}

/// The facts about a sku, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct SkuAttributes(pub Vec<SkuAttribute>);
