//! An order, keyed by its user first, so that orders can one day be spread over databases by user.
//!
//! The database gives `version` and raises it; it is read, and never set.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::order::item;
use crate::user::entity as user;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// The order outlives its user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub status: OrderStatus,
    pub currency_code: String,
    /// In minor units.
    pub total: i64,
    pub version: i64,
    pub placed_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "user_id", to = "id", skip_fk)]
    pub user: BelongsTo<user::Entity>,
    #[sea_orm(has_many)]
    pub items: HasMany<item::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    Pending,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
}
