//! The pools of one server: how they are opened, sized and bounded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};

use crate::config::DatabaseConfig;

/// An idle connection is tested before use only after this long: a test costs a round trip.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(30);

/// SQLite waits this long for the lock of another process.
const SQLITE_BUSY: Duration = Duration::from_secs(2);

/// Read connections of the embedded database: more only wait for each other on the page cache.
const SQLITE_READERS: u32 = 4;

/// The database of a server: a pool that writes and a pool that only reads.
pub struct Db {
    pub(super) writer: DatabaseConnection,
    pub(super) reader: DatabaseConnection,
    name: String,
}

impl Db {
    /// Opens both pools and proves that the database answers. An SQLite file is created when it is missing.
    pub async fn connect(config: &DatabaseConfig) -> anyhow::Result<Self> {
        let name = describe(config);
        let connected =
            if config.is_embedded() { connect_sqlite(config).await } else { connect_postgres(config).await };
        let (writer, reader) = connected.with_context(|| format!("cannot open the database {name}"))?;
        Ok(Self { writer, reader, name })
    }

    /// The address without user, password and options, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// The pool of the primary, for migrations and bulk loads, which are not requests.
    pub fn administration(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Whether the database answers a read now.
    pub async fn is_reachable(&self) -> bool {
        self.reader.ping().await.is_ok()
    }

    /// Closes both pools after their connections have come back.
    pub async fn close(&self) {
        for pool in [&self.reader, &self.writer] {
            if let Err(error) = pool.clone().close().await {
                tracing::warn!(%error, "a connection pool did not close cleanly");
            }
        }
    }
}

async fn connect_postgres(config: &DatabaseConfig) -> anyhow::Result<(DatabaseConnection, DatabaseConnection)> {
    // First of all: what SeaORM says of an address that it cannot read repeats the password in it.
    let plain: PgConnectOptions = config.database_url.parse()?;
    let options = |connections: u32, read_only: bool| {
        let mut options = base_options(config, config.database_url.clone());
        options
            .max_connections(connections)
            .statement_timeout(Duration::from_millis(config.statement_timeout_ms))
            .set_application_name("storefront")
            .map_sqlx_postgres_opts(move |options| {
                // An acknowledged commit is on the primary's disk, whatever the server's default is.
                options.options([
                    ("synchronous_commit", "on"),
                    ("default_transaction_read_only", if read_only { "on" } else { "off" }),
                ])
            });
        options
    };
    // A pool would go on trying until its wait is over, and then only say that it waited. This says why.
    let wait = Duration::from_millis(config.connection_wait_ms);
    let attempt = tokio::time::timeout(wait, plain.connect()).await;
    attempt.map_err(|_| anyhow!("no connection within {} ms", config.connection_wait_ms))??.close().await?;
    Ok((
        Database::connect(options(config.write_connections, false)).await?,
        Database::connect(options(config.read_connections, true)).await?,
    ))
}

async fn connect_sqlite(config: &DatabaseConfig) -> anyhow::Result<(DatabaseConnection, DatabaseConnection)> {
    let file = sqlite_file(&config.database_url)?;
    let url = format!("sqlite://{}", file.display());
    let mut writer = base_options(config, format!("{url}?mode=rwc"));
    writer.max_connections(1).map_sqlx_sqlite_opts(|options| {
        options
            .journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(SQLITE_BUSY)
    });
    let mut reader = base_options(config, format!("{url}?mode=rw"));
    reader.max_connections(SQLITE_READERS).map_sqlx_sqlite_opts(|options| {
        options.foreign_keys(true).busy_timeout(SQLITE_BUSY).pragma("query_only", "on")
    });
    // In this order: the writer creates the file and switches it to WAL.
    Ok((Database::connect(writer).await?, Database::connect(reader).await?))
}

fn base_options(config: &DatabaseConfig, url: String) -> ConnectOptions {
    let wait = Duration::from_millis(config.connection_wait_ms);
    let mut options = ConnectOptions::new(url);
    options
        .acquire_timeout(wait)
        .connect_timeout(wait)
        .test_before_acquire_if_idle_for(TEST_AFTER_IDLE)
        .sqlx_logging(false);
    options
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

/// The address without user, password and options. Of one that cannot be read nothing is told: any part may be the password.
fn describe(config: &DatabaseConfig) -> String {
    let url = &config.database_url;
    if config.is_embedded() {
        return url.split('?').next().unwrap_or_default().to_owned();
    }
    match url.parse::<PgConnectOptions>() {
        Ok(options) => {
            let (host, port) = (options.get_host(), options.get_port());
            format!("postgres://{host}:{port}/{}", options.get_database().unwrap_or_default())
        }
        Err(_) => "postgres://…".to_owned(),
    }
}
