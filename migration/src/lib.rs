//! Tables, triggers and indexes of Storefront, for SQLite and Postgres 15.
//!
//! One file per change, each with a way back. This crate knows nothing of the application; the
//! application relies on the rules below and on the names at the end.
//!
//! # What the database keeps by itself
//!
//! - **Version.** A new row draws its version from one global sequence, and every UPDATE raises it by
//!   one. A product stands for itself and its skus: a sku that is inserted, updated or deleted raises the
//!   product too, and a sku that moves raises both. Ids are never used again, so that a version never
//!   falls. No statement of the application writes `version`. On SQLite `RETURNING` shows the row before
//!   the triggers have run: read it again in the same transaction.
//! - **Price bounds.** `products.min_price` and `max_price` are those of the skus that are not archived, null without any.
//! - **Stock.** `products.in_stock` says whether any sku that is not archived has a quantity above 0. `product_stock.version` is
//!   the version of "the stock of a product" and rises with any change of a stock row; the product's own
//!   rises only when `in_stock` flips. `stock.product_id` is always the sku's, whatever was written.
//! - **Change log.** Every version given to a product, a store, a category or the stock of a product is
//!   logged in the same transaction, and an end as the last version + 1. A product that is deleted ends
//!   its stock as well.
//! - **Search.** `product_search` has the words of every product's name, tags and description; `search_words` every word that products
//!   have, on Postgres also those that they have had. Postgres needs the extension `pg_trgm`, which the owner of a database may make.
//!
//! # Concurrent writers
//!
//! SQLite has one writer. On Postgres, under READ COMMITTED, a trigger first locks the rows that it
//! will write, and reads what they depend on in a later statement, whose snapshot therefore holds all
//! that the previous holder of the lock has committed. A change that is not yet committed belongs to a
//! writer that will take the same lock after us and then compute again. Stock is serialised by the row
//! in `product_stock`, prices by the row in `products`.
//!
//! The triggers take locks in one order: skus, stock, `product_stock` by product, products by id. A DELETE of a
//! product goes the opposite way. So the application locks the product first, whatever it is about to write below
//! it; then the triggers find their locks taken, and no two of its transactions deadlock. Statements by hand that
//! write skus or stock without that may still be chosen as the victim of a deadlock; they lose nothing and can be
//! run again.
//!
//! Postgres runs one trigger per statement, so rows should come thousands at a time.
//!
//! # Names
//!
//! Postgres tells a broken rule by its name. SQLite tells a CHECK by its name, a unique rule by its
//! columns (`products.slug`), and of a foreign key only that one was broken.
//!
//! - unique: `stores_slug_key`, `stores_id_currency_code_key`, `categories_slug_key`,
//!   `products_slug_key`, `skus_product_id_option_values_key`, `skus_product_id_code_key`, `users_email_key`,
//!   `api_clients_key_hash_key`, `sessions_token_hash_key`, and `api_clients_name_key` among clients that are not revoked
//! - check: `products_status_check`, `stock_quantity_check`, `orders_status_check`,
//!   `order_items_quantity_check`, `change_log_kind_check`, `api_clients_points_check`,
//!   `users_role_check`, `user_tokens_purpose_check`, `messages_kind_check`
//! - foreign key: `categories_parent_id_fkey`, `products_store_id_currency_code_fkey`,
//!   `products_category_id_fkey`, `skus_product_id_fkey`, `stock_sku_id_fkey`, `stock_product_id_fkey`,
//!   `product_stock_product_id_fkey`, `order_items_user_id_order_id_fkey`, `product_search_product_id_fkey`,
//!   `sessions_user_id_fkey`, `user_tokens_user_id_fkey`, `messages_user_id_fkey`
//! - index: `stores_created_at_id_idx`, `categories_position_id_idx`, `categories_parent_id_position_id_idx`, `skus_product_id_position_id_idx`,
//!   `stock_product_id_idx`, `users_created_at_id_idx`, `orders_user_id_placed_at_id_idx`, and for products
//!   `products_{key}_id_idx`, `products_store_id_{key}_id_idx`, `products_category_id_{key}_id_idx` with the keys
//!   `created_at`, `name_key`, `price_key`, and on Postgres `products_tags_options_idx`

#![allow(elided_lifetimes_in_paths, reason = "the trait of sea-orm-migration admits no other spelling")]

mod dialect;
mod m0001_node_version;
mod m0002_catalogue;
mod m0003_stock;
mod m0004_people;
mod m0005_installation_secrets;
mod m0006_versions;
mod m0007_change_log;
mod m0008_aggregates;
mod m0009_change_log_sweep;
mod m0010_api_clients;
mod m0011_search;
mod m0012_facets;
mod m0013_archived_skus_and_seo;
mod m0014_accounts;
mod m0015_login_places;
mod turn;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;
pub use turn::in_turn;

/// Every change of the schema, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_node_version::Migration),
            Box::new(m0002_catalogue::Migration),
            Box::new(m0003_stock::Migration),
            Box::new(m0004_people::Migration),
            Box::new(m0005_installation_secrets::Migration),
            Box::new(m0006_versions::Migration),
            Box::new(m0007_change_log::Migration),
            Box::new(m0008_aggregates::Migration),
            Box::new(m0009_change_log_sweep::Migration),
            Box::new(m0010_api_clients::Migration),
            Box::new(m0011_search::Migration),
            Box::new(m0012_facets::Migration),
            Box::new(m0013_archived_skus_and_seo::Migration),
            Box::new(m0014_accounts::Migration),
            Box::new(m0015_login_places::Migration),
        ]
    }
}
