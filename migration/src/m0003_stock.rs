//! Stock of each sku, and the aggregate "stock of a product" that carries a version of its own.

use sea_orm_migration::prelude::*;

use crate::dialect::{drop_tables, id, index, leave_room, moment, version};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The most that a sku may have in stock.
const MAX_QUANTITY: i32 = 1_000_000_000;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        stock(manager).await?;
        product_stock(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["product_stock", "stock"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn stock(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("stock")
        .col(id("sku_id").primary_key())
        .col(id("product_id"))
        .col(ColumnDef::new("quantity").integer().not_null())
        .col(version(manager))
        .col(moment("updated_at"))
        .check(("stock_quantity_check", Expr::col("quantity").between(0, MAX_QUANTITY)))
        .foreign_key(
            ForeignKey::create()
                .name("stock_sku_id_fkey")
                .from("stock", "sku_id")
                .to("skus", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("stock_product_id_fkey")
                .from("stock", "product_id")
                .to("products", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    manager.create_table(table).await?;
    index(manager, "stock", "stock_product_id_idx", &["product_id"]).await
}

async fn product_stock(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table("product_stock")
        .col(id("product_id").primary_key())
        .col(version(manager))
        .foreign_key(
            ForeignKey::create()
                .name("product_stock_product_id_fkey")
                .from("product_stock", "product_id")
                .to("products", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    leave_room(manager, &mut table);
    manager.create_table(table).await
}
