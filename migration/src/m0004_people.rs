//! Users, and their orders with items.
//!
//! Orders are keyed by user first, and hold no reference to `users` or `skus`: they outlive both, and
//! can one day be spread over several databases by user.

use sea_orm_migration::prelude::*;

use crate::dialect::{currency_code, drop_tables, id, index, moment, text, unique, version};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        orders(manager).await?;
        order_items(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["order_items", "orders", "users"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("users")
        .col(id("id").primary_key())
        .col(text("email"))
        .col(text("name"))
        .col(version(manager))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .index(&mut unique("users_email_key", &["email"]))
        .take();
    manager.create_table(table).await?;
    index(manager, "users", "users_created_at_id_idx", &["created_at", "id"]).await
}

async fn orders(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let statuses = ["PENDING", "PAID", "SHIPPED", "DELIVERED", "CANCELLED"];
    let table = Table::create()
        .table("orders")
        .col(id("user_id"))
        .col(id("id"))
        .col(text("status"))
        .col(currency_code())
        .col(ColumnDef::new("total").big_integer().not_null())
        .col(version(manager))
        .col(moment("placed_at"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .primary_key(Index::create().name("orders_pkey").col("user_id").col("id"))
        .check(("orders_status_check", Expr::col("status").is_in(statuses)))
        .take();
    manager.create_table(table).await?;
    let columns = ["user_id", "placed_at", "id"];
    index(manager, "orders", "orders_user_id_placed_at_id_idx", &columns).await
}

async fn order_items(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("order_items")
        .col(id("user_id"))
        .col(id("order_id"))
        .col(id("id"))
        .col(ColumnDef::new("sku_id").uuid())
        .col(text("product_name"))
        .col(text("sku_label"))
        .col(ColumnDef::new("quantity").integer().not_null())
        .col(ColumnDef::new("unit_price").big_integer().not_null())
        .col(ColumnDef::new("position").integer().not_null())
        .primary_key(Index::create().name("order_items_pkey").col("user_id").col("order_id").col("id"))
        .check(("order_items_quantity_check", Expr::col("quantity").gt(0)))
        .foreign_key(
            ForeignKey::create()
                .name("order_items_user_id_order_id_fkey")
                .from("order_items", ("user_id", "order_id"))
                .to("orders", ("user_id", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    manager.create_table(table).await
}
