//! One line of an order: what was bought, under the name and at the price of that day.

use sea_orm::entity::prelude::*;

use crate::order::entity as order;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The sku may be gone.
    pub sku_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub product_name: String,
    /// The option values in words, such as `Small / Red`.
    #[sea_orm(column_type = "Text")]
    pub sku_label: String,
    pub quantity: i32,
    /// In minor units of the order's currency.
    pub unit_price: i64,
    /// The place in the order; `id` decides between equals.
    pub position: i32,
    #[sea_orm(belongs_to, from = "(user_id, order_id)", to = "(user_id, id)")]
    pub order: BelongsTo<order::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
