//! `storefront migrate`: the state of the tables.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use migration::{Migrator, MigratorTrait};

use crate::config::{DatabaseConfig, Environment, LogConfig, ServeConfig};
use crate::db::Db;

#[derive(Args)]
pub struct Migrate {
    #[command(subcommand)]
    action: Action,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    pub log: LogConfig,
}

#[derive(Subcommand)]
enum Action {
    /// Apply all changes that are not applied yet.
    Up,
    /// Take the latest changes back, and with them the data in what they created.
    Down {
        /// How many changes.
        #[arg(long, env = "STOREFRONT_MIGRATE_STEPS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Tell which changes are applied.
    Status,
    /// Take all changes back and apply them anew: ALL DATA IS LOST.
    Fresh,
}

pub async fn run(command: Migrate) -> anyhow::Result<()> {
    command.database.check()?;
    let mut database = command.database;
    // A change may take longer than a request may.
    database.statement_timeout_ms = 3_600_000;
    let db = Db::connect(&database).await?;
    match command.action {
        Action::Up => up(&db).await?,
        Action::Down { steps } => {
            let taken_back = Migrator::down(db.administration(), Some(steps)).await;
            taken_back.with_context(|| format!("cannot bring the tables of {} down", db.name()))?;
        }
        Action::Fresh => {
            let renewed = Migrator::refresh(db.administration()).await;
            renewed.with_context(|| format!("cannot empty {}", db.name()))?;
        }
        Action::Status => {
            for change in Migrator::get_migration_with_status(db.administration()).await? {
                println!("{:<10} {}", change.status().to_string(), change.name());
            }
        }
    }
    db.close().await;
    Ok(())
}

/// Development brings the tables up by itself; production refuses to serve on tables that are behind.
pub async fn before_serving(db: &Db, config: &ServeConfig) -> anyhow::Result<()> {
    if config.environment() == Environment::Development {
        return up(db).await;
    }
    let pending = Migrator::get_pending_migrations(db.administration()).await?.len();
    if pending > 0 {
        bail!("the database lacks {pending} changes, run storefront migrate up");
    }
    Ok(())
}

async fn up(db: &Db) -> anyhow::Result<()> {
    let pending = Migrator::get_pending_migrations(db.administration()).await?.len();
    if pending > 0 {
        let applied = Migrator::up(db.administration(), None).await;
        applied.with_context(|| format!("cannot bring the tables of {} up", db.name()))?;
        tracing::info!("applied {pending} changes to the database");
    }
    Ok(())
}
