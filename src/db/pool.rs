//! Pools of connections: how they are opened, sized and bounded.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, ConnectOptions, Connection as _};
use sea_orm::{DatabaseConnection, DbBackend, SqlxPostgresConnector, SqlxSqliteConnector};
use tokio::time::sleep;

use super::host::Life;
use super::idle::{Idle, RETURN_WITHIN};
use super::position;
use super::session::{Lease, Session};
use crate::config::DatabaseConfig;

/// An idle connection is tested before use only after this long, or when its server was lost since: a test costs a round trip.
pub const TEST_AFTER_IDLE: Duration = Duration::from_secs(30);

/// SQLite waits this long for the lock of another process.
const SQLITE_BUSY: Duration = Duration::from_secs(2);
/// How long a first start waits before it tries to open the file again.
const SQLITE_PAUSE: Duration = Duration::from_millis(20);
/// What SQLite answers when another process has the lock.
const SQLITE_BUSY_CODE: &str = "5";

/// Read connections of the embedded database: more only wait for each other on the page cache.
const SQLITE_READERS: u32 = 4;

/// Connections to one server for one purpose, opened when they are first needed.
#[derive(Clone)]
pub enum Pool {
    Postgres(PgPool, Arc<Idle>, Arc<Life>),
    Sqlite(SqlitePool),
}

impl Pool {
    /// A connection of one's own. Waits for a free one, no longer than the setting says.
    pub async fn acquire(&self) -> Result<Session, sqlx::Error> {
        Ok(match self {
            Self::Postgres(_, idle, life) => {
                let (taken, turn) = idle.take(life).await?;
                Session::Postgres(Lease::new(taken, turn, life))
            }
            Self::Sqlite(pool) => Session::Sqlite(pool.acquire().await?),
        })
    }

    pub async fn close(&self) {
        match self {
            Self::Postgres(_, idle, _) => idle.close().await,
            Self::Sqlite(pool) => pool.close().await,
        }
    }

    pub fn backend(&self) -> DbBackend {
        match self {
            Self::Postgres(..) => DbBackend::Postgres,
            Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    /// The same pool for migrations and bulk loads.
    pub fn sea_orm(&self) -> DatabaseConnection {
        match self {
            Self::Postgres(pool, ..) => SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone()),
            Self::Sqlite(pool) => SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone()),
        }
    }
}

/// What a pool on Postgres is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Reads,
    Writes,
}

/// A pool that has no connection yet.
pub fn postgres(
    server: &PgConnectOptions,
    purpose: Purpose,
    connections: u32,
    config: &DatabaseConfig,
    life: &Arc<Life>,
) -> Pool {
    let read_only = if purpose == Purpose::Reads { "on" } else { "off" };
    let server = server.clone().application_name("storefront").disable_statement_logging().options([
        ("statement_timeout", config.statement_timeout_ms.to_string().as_str()),
        ("default_transaction_read_only", read_only),
        // What is asked for is in memory. For its default, 4, the planner reads all stores to find one.
        ("random_page_cost", "1.1"),
        // A statement that counts for many lists is dear to the planner, and takes minutes to compile and a moment to run.
        ("jit", "off"),
        // An acknowledged commit is on the primary's disk, whatever the server's default is.
        ("synchronous_commit", "on"),
    ]);
    let (at_birth, before_use) = (life.clone(), life.clone());
    let options = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_millis(config.connection_wait_ms))
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let life = at_birth.clone();
            Box::pin(async move {
                life.meet(position::incarnation(connection).await?);
                Ok(())
            })
        })
        .before_acquire(move |connection, meta| {
            let life = before_use.clone();
            Box::pin(async move {
                if life.may_have_ended(meta.idle_for, RETURN_WITHIN) {
                    // Its address may lead elsewhere by now, and this connection still to the server before.
                    return Ok(life.is_of(position::incarnation(connection).await?));
                }
                if meta.idle_for >= TEST_AFTER_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
    let pool = options.connect_lazy_with(server);
    let idle = Idle::new(pool.clone(), connections, Duration::from_millis(config.connection_wait_ms));
    Pool::Postgres(pool, idle, life.clone())
}

/// The writer and the readers of the embedded database. The file is created when it is missing.
pub async fn sqlite(config: &DatabaseConfig) -> anyhow::Result<(Pool, Pool)> {
    let file = sqlite_file(&config.database_url)?;
    let wait = Duration::from_millis(config.connection_wait_ms);
    let server = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY)
        .disable_statement_logging();
    let writer = server
        .clone()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let reader = server.pragma("query_only", "on");
    let options = SqlitePoolOptions::new().acquire_timeout(wait).test_before_acquire(false);
    // In this order: the writer creates the file and switches it to WAL.
    let writes = open_writer(options.clone().max_connections(1), writer).await?;
    let reads = options.max_connections(SQLITE_READERS).connect_with(reader).await?;
    Ok((Pool::Sqlite(reads), Pool::Sqlite(writes)))
}

/// Opens the writer. While another process switches the same file to WAL, SQLite refuses at once, whatever the busy timeout.
async fn open_writer(options: SqlitePoolOptions, server: SqliteConnectOptions) -> sqlx::Result<SqlitePool> {
    let begun = Instant::now();
    loop {
        match options.clone().connect_with(server.clone()).await {
            Err(error) if is_busy(&error) && begun.elapsed() < SQLITE_BUSY => sleep(SQLITE_PAUSE).await,
            opened => return opened,
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == SQLITE_BUSY_CODE)
}

/// The path in `sqlite://PATH`. A database in memory is refused: its two pools would see two databases.
fn sqlite_file(url: &str) -> anyhow::Result<PathBuf> {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() || path.contains(":memory:") {
        bail!("an SQLite database needs a file, such as sqlite://storefront.db");
    }
    if Path::new(path).is_dir() {
        bail!("{path} is a folder");
    }
    Ok(PathBuf::from(path))
}
