//! A product, without its skus.
//!
//! The database keeps `version`, `min_price`, `max_price` and `in_stock`, and generates `name_key` and
//! `price_key`: they are read, and never set.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::category::entity as category;
use crate::sku::entity as sku;
use crate::stock::entity as stock;
use crate::store::entity as store;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "products")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub store_id: Uuid,
    pub category_id: Option<Uuid>,
    #[sea_orm(unique, column_type = "Text")]
    pub slug: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// The name in lower case, by which products are sorted.
    #[sea_orm(column_type = "Text")]
    pub name_key: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    pub status: ProductStatus,
    /// Always the store's.
    pub currency_code: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub options: ProductOptions,
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: Tags,
    #[sea_orm(column_type = "JsonBinary")]
    pub images: ProductImages,
    #[sea_orm(column_type = "Text", nullable)]
    pub seo_title: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub seo_description: Option<String>,
    /// Lowest price of its skus in minor units; None without skus.
    pub min_price: Option<i64>,
    /// Highest price of its skus in minor units; None without skus.
    pub max_price: Option<i64>,
    /// `min_price`, and the highest number where there is none, by which products are sorted.
    pub price_key: i64,
    pub in_stock: bool,
    pub version: i64,
    #[serde(with = "crate::db::moment")]
    pub created_at: DateTimeUtc,
    #[serde(with = "crate::db::moment")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "store_id", to = "id")]
    pub store: BelongsTo<store::Entity>,
    #[sea_orm(belongs_to, from = "category_id", to = "id")]
    pub category: BelongsTo<Option<category::Entity>>,
    #[sea_orm(has_many)]
    pub skus: HasMany<sku::Entity>,
    #[sea_orm(has_many)]
    pub stock: HasMany<stock::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Who sees a product: everyone, or staff alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProductStatus {
    Active,
    Draft,
    Archived,
}

/// One thing that a customer chooses, such as the size, and what there is to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductOption {
    pub name: String,
    pub values: Vec<String>,
}

/// Up to three options, in the order in which a sku names its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ProductOptions(pub Vec<ProductOption>);

/// A picture of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductImage {
    pub url: String,
    pub alt_text: Option<String>,
}

/// The pictures of a product, in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ProductImages(pub Vec<ProductImage>);

/// What search engines show of a product; `None` leaves it to the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seo {
    pub title: Option<String>,
    pub description: Option<String>,
}

/// Free words that describe a product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Tags(pub Vec<String>);
