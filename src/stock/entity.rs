//! How many pieces of a sku there are; a sku without a row has none.
//!
//! The database gives `version` and raises it, and lets `product_id` follow the sku's.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::product::entity as product;
use crate::sku::entity as sku;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "stock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sku_id: Uuid,
    pub product_id: Uuid,
    /// From 0 to 1,000,000,000.
    pub quantity: i32,
    pub version: i64,
    #[serde(with = "crate::db::moment")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "sku_id", to = "id")]
    pub sku: BelongsTo<sku::Entity>,
    #[sea_orm(belongs_to, from = "product_id", to = "id")]
    pub product: BelongsTo<product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
