//! Settings of the database.

use anyhow::bail;
use clap::Args;

/// Where the data lives.
#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// The database: `sqlite://PATH` (created when missing) or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://storefront.db", hide_env_values = true)]
    pub database_url: String,

    /// Connections for reads on the primary.
    #[arg(long, env = "STOREFRONT_READ_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub read_connections: u32,

    /// Connections for write transactions on the primary. SQLite has one writer, whatever is set here.
    #[arg(long, env = "STOREFRONT_WRITE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub write_connections: u32,

    /// How long a request waits for a free connection before it is answered UNAVAILABLE, in milliseconds.
    #[arg(long, env = "STOREFRONT_CONNECTION_WAIT_MS", default_value_t = 1500, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    pub connection_wait_ms: u64,

    /// How long Postgres may work on one statement before the request is answered TIMEOUT, in milliseconds.
    #[arg(long, env = "STOREFRONT_STATEMENT_TIMEOUT_MS", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    pub statement_timeout_ms: u64,
}

impl DatabaseConfig {
    /// Whether the data lives in an SQLite file beside the server instead of a database server.
    pub fn is_embedded(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }
}

impl DatabaseConfig {
    /// Refuses a URL of a database that is not supported, without repeating the password in it.
    pub fn check(&self) -> anyhow::Result<()> {
        let url = &self.database_url;
        if ["sqlite:", "postgres://", "postgresql://"].iter().any(|begin| url.starts_with(begin)) {
            return Ok(());
        }
        let scheme = url.split(':').next().unwrap_or_default();
        bail!("DATABASE_URL begins with {scheme:?}, it must begin with sqlite:// or postgres://")
    }
}
