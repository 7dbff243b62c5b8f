//! Stores, the category tree, products and their skus.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::dialect::{
    currency_code, drop_tables, id, index, json_list, leave_room, moment, sort_key, text, unique, version,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        stores(manager).await?;
        categories(manager).await?;
        products(manager).await?;
        skus(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite empties a table before it drops it, and then the tree's own RESTRICT refuses.
        let connection = manager.get_connection();
        connection.execute_unprepared("UPDATE products SET category_id = NULL").await?;
        connection.execute_unprepared("UPDATE categories SET parent_id = NULL").await?;
        drop_tables(manager, &["skus", "products", "categories", "stores"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn stores(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("stores")
        .col(id("id").primary_key())
        .col(text("slug"))
        .col(text("name"))
        .col(text("description").default(""))
        .col(currency_code())
        .col(version(manager))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .index(&mut unique("stores_slug_key", &["slug"]))
        .index(&mut unique("stores_id_currency_code_key", &["id", "currency_code"]))
        .take();
    manager.create_table(table).await?;
    index(manager, "stores", "stores_created_at_id_idx", &["created_at", "id"]).await
}

async fn categories(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("categories")
        .col(id("id").primary_key())
        .col(ColumnDef::new("parent_id").uuid())
        .col(text("slug"))
        .col(text("name"))
        .col(text("description").default(""))
        .col(ColumnDef::new("position").integer().not_null().default(0))
        .col(version(manager))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .index(&mut unique("categories_slug_key", &["slug"]))
        .foreign_key(
            ForeignKey::create()
                .name("categories_parent_id_fkey")
                .from("categories", "parent_id")
                .to("categories", "id")
                .on_delete(ForeignKeyAction::Restrict),
        )
        .take();
    manager.create_table(table).await?;
    index(manager, "categories", "categories_parent_id_position_id_idx", &["parent_id", "position", "id"]).await?;
    index(manager, "categories", "categories_position_id_idx", &["position", "id"]).await
}

async fn products(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create()
        .table("products")
        .col(id("id").primary_key())
        .col(id("store_id"))
        .col(ColumnDef::new("category_id").uuid())
        .col(text("slug"))
        .col(text("name"))
        .col(sort_key(manager, "name_key", lower_case(manager)))
        .col(text("description").default(""))
        .col(text("status"))
        .col(currency_code())
        .col(json_list("options").default("[]"))
        .col(json_list("tags").default("[]"))
        .col(json_list("images").default("[]"))
        .col(ColumnDef::new("min_price").big_integer())
        .col(ColumnDef::new("max_price").big_integer())
        .col(
            ColumnDef::new("price_key")
                .big_integer()
                .not_null()
                .generated(Expr::cust("coalesce(min_price, 9223372036854775807)"), true),
        )
        .col(ColumnDef::new("in_stock").boolean().not_null().default(false))
        .col(version(manager))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .index(&mut unique("products_slug_key", &["slug"]))
        .check(("products_status_check", Expr::col("status").is_in(["ACTIVE", "DRAFT", "ARCHIVED"])))
        .foreign_key(
            ForeignKey::create()
                .name("products_store_id_currency_code_fkey")
                .from("products", ("store_id", "currency_code"))
                .to("stores", ("id", "currency_code")),
        )
        .foreign_key(
            ForeignKey::create()
                .name("products_category_id_fkey")
                .from("products", "category_id")
                .to("categories", "id")
                .on_delete(ForeignKeyAction::Restrict),
        )
        .take();
    leave_room(manager, &mut table);
    manager.create_table(table).await?;

    for key in ["created_at", "name_key", "price_key"] {
        index(manager, "products", &format!("products_{key}_id_idx"), &[key, "id"]).await?;
        for owner in ["store_id", "category_id"] {
            let name = format!("products_{owner}_{key}_id_idx");
            index(manager, "products", &name, &[owner, key, "id"]).await?;
        }
    }
    Ok(())
}

async fn skus(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("skus")
        .col(id("id").primary_key())
        .col(id("product_id"))
        .col(ColumnDef::new("code").text())
        .col(json_list("option_values"))
        .col(json_list("attributes").default("[]"))
        .col(ColumnDef::new("price").big_integer().not_null())
        .col(ColumnDef::new("compare_at_price").big_integer())
        .col(ColumnDef::new("position").integer().not_null().default(0))
        .col(version(manager))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .index(&mut unique("skus_product_id_option_values_key", &["product_id", "option_values"]))
        .index(&mut unique("skus_product_id_code_key", &["product_id", "code"]))
        .foreign_key(
            ForeignKey::create()
                .name("skus_product_id_fkey")
                .from("skus", "product_id")
                .to("products", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    manager.create_table(table).await?;
    index(manager, "skus", "skus_product_id_position_id_idx", &["product_id", "position", "id"]).await
}

/// The lower case of a name, of A to Z alone: that much the two databases agree on.
fn lower_case(manager: &SchemaManager) -> &'static str {
    match manager.get_database_backend() {
        DbBackend::Sqlite => "lower(name)",
        _ => "lower(name COLLATE \"C\")",
    }
}
