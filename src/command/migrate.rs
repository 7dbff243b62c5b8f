//! `storefront migrate`: the state of the tables.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use migration::{Migrator, MigratorTrait, in_turn};

use crate::config::{DatabaseConfig, Environment, LogConfig, ServeConfig};
use crate::db::Db;

#[derive(Args)]
pub struct Migrate {
    #[command(subcommand)]
    action: Action,
}

/// The database that is meant, and how much is told.
#[derive(Args)]
struct Target {
    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    log: LogConfig,
}

#[derive(Subcommand)]
enum Action {
    /// Apply all changes that are not applied yet.
    Up(Target),
    /// Take the latest changes back, and with them the data in what they created.
    Down {
        /// How many changes.
        #[arg(long, env = "STOREFRONT_MIGRATE_STEPS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,

        #[command(flatten)]
        target: Target,
    },
    /// Tell which changes are applied.
    Status(Target),
    /// Take all changes back and apply them anew: ALL DATA IS LOST.
    Fresh(Target),
}

impl Migrate {
    pub fn log(&self) -> &LogConfig {
        &self.action.target().log
    }
}

impl Action {
    fn target(&self) -> &Target {
        match self {
            Self::Up(target) | Self::Down { target, .. } | Self::Status(target) | Self::Fresh(target) => target,
        }
    }
}

pub async fn run(command: Migrate) -> anyhow::Result<()> {
    let mut database = command.action.target().database.clone();
    database.check()?;
    // A change may take longer than a request may.
    database.statement_timeout_ms = 3_600_000;
    let db = Db::connect(&database).await?;
    match command.action {
        Action::Up(_) => up(&db).await?,
        Action::Down { steps, .. } => {
            let taken_back = in_turn(db.administration(), async |turn| Migrator::down(turn, Some(steps)).await).await;
            taken_back.with_context(|| format!("cannot bring the tables of {} down", db.name()))?;
        }
        Action::Fresh(_) => {
            let renewed = in_turn(db.administration(), async |turn| Migrator::refresh(turn).await).await;
            renewed.with_context(|| format!("cannot renew the tables of {}", db.name()))?;
        }
        Action::Status(_) => {
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
    let applied = in_turn(db.administration(), async |turn| {
        let pending = Migrator::get_pending_migrations(turn).await?.len();
        Migrator::up(turn, None).await?;
        Ok(pending)
    });
    let applied = applied.await.with_context(|| format!("cannot bring the tables of {} up", db.name()))?;
    if applied > 0 {
        tracing::info!("applied {applied} changes to the database");
    }
    Ok(())
}
