//! A product as it is read and cached.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::DbBackend;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entity::{ProductImages, ProductOptions, ProductStatus, Seo, Tags};
use crate::db::{Columns, moment, record};
use crate::error::Result;
use crate::sku::SkuNode;

/// A resolved product: its row and, where they were asked for, its details and its skus. One value serves every viewer; who may see
/// it is decided when it is handed out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductNode {
    pub row: ProductRow,
    pub details: Option<Arc<ProductDetails>>,
    pub skus: Option<Vec<Arc<SkuNode>>>,
    /// How well it matches what was searched for, where it was found in that order; it is not cached.
    #[serde(skip)]
    pub rank: i64,
}

/// What is always read of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductRow {
    pub id: Uuid,
    pub store_id: Uuid,
    pub category_id: Option<Uuid>,
    pub slug: String,
    pub name: String,
    pub status: ProductStatus,
    /// Always the store's.
    pub currency_code: String,
    /// Lowest price of its skus in minor units; None without skus.
    pub min_price: Option<i64>,
    /// Highest price of its skus in minor units; None without skus.
    pub max_price: Option<i64>,
    pub in_stock: bool,
    pub version: i64,
    #[serde(with = "moment")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "moment")]
    pub updated_at: DateTime<Utc>,
}

/// What a card of a product does not show. The order of the fields is that of [`details_record`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProductDetails {
    pub description: String,
    pub options: ProductOptions,
    pub tags: Tags,
    pub images: ProductImages,
    pub seo: Seo,
}

impl ProductNode {
    /// Whether it is for everyone.
    pub fn is_public(&self) -> bool {
        self.row.status == ProductStatus::Active
    }

    /// The columns of the product under the alias `t`, for [`read`](Self::read).
    pub fn columns(backend: DbBackend, with_details: bool) -> String {
        let mut columns = "t.id, t.store_id, t.category_id, t.slug, t.name, t.status, t.currency_code, t.min_price, \
             t.max_price, t.in_stock, t.version, t.created_at, t.updated_at"
            .to_owned();
        if with_details {
            columns.extend([", ", &details_record(backend)]);
        }
        columns
    }

    /// The product in the next columns, without skus.
    pub fn read(columns: &mut Columns<'_>, with_details: bool) -> Result<Self> {
        let row = ProductRow {
            id: columns.take()?,
            store_id: columns.take()?,
            category_id: columns.take()?,
            slug: columns.take()?,
            name: columns.take()?,
            status: columns.take()?,
            currency_code: columns.take()?,
            min_price: columns.take()?,
            max_price: columns.take()?,
            in_stock: columns.take()?,
            version: columns.take()?,
            created_at: columns.take()?,
            updated_at: columns.take()?,
        };
        let details = if with_details { Some(columns.take_record()?) } else { None };
        Ok(Self { row, details, skus: None, rank: 0 })
    }
}

/// The [`ProductDetails`] of the product under the alias `t`.
pub fn details_record(backend: DbBackend) -> String {
    let columns = match backend {
        DbBackend::Sqlite => {
            "t.description, json(t.options), json(t.tags), json(t.images), json_array(t.seo_title, t.seo_description)"
        }
        _ => "t.description, t.options, t.tags, t.images, ROW(t.seo_title, t.seo_description)",
    };
    record(backend, columns)
}
