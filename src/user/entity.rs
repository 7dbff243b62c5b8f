//! A user: a person who orders.
//!
//! The database gives `version` and raises it; it is read, and never set.

use sea_orm::entity::prelude::*;

use crate::order::entity as order;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// In lower case.
    #[sea_orm(unique, column_type = "Text")]
    pub email: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// When it was proved that the user reads what is sent to the address.
    pub email_verified_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    #[sea_orm(has_many)]
    pub orders: HasMany<order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
