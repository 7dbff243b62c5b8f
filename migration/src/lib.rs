//! Tables, triggers and indexes of Storefront, for SQLite and Postgres 15.

#![allow(
    elided_lifetimes_in_paths,
    reason = "the trait of sea-orm-migration admits no other spelling"
)]

mod dialect;
mod m0001_node_version;
mod m0002_catalogue;
mod m0003_stock;
mod m0004_people;
mod m0005_installation_secrets;
mod m0006_versions;
mod m0007_change_log;
mod m0008_aggregates;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

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
        ]
    }
}
