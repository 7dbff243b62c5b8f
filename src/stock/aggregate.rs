//! The version of "the stock of a product": it rises with any change of the stock of its skus.
//!
//! The database writes this table; the application reads it.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "product_stock")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: Uuid,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
