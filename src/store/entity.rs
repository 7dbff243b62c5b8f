//! A store: it sells products in one currency.
//!
//! The database gives `version` and raises it; it is read, and never set.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::product::entity as product;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "stores")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique, column_type = "Text")]
    pub slug: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    /// ISO 4217, upper case.
    pub currency_code: String,
    pub version: i64,
    #[serde(with = "crate::db::moment")]
    pub created_at: DateTimeUtc,
    #[serde(with = "crate::db::moment")]
    pub updated_at: DateTimeUtc,
    #[sea_orm(has_many)]
    pub products: HasMany<product::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
