//! The settings of a server: every one is an environment variable and a flag; the flag wins.
//!
//! An invalid value stops the start with one line that names the setting and the value. Switches are positive: a feature
//! is on or off, never un-off. Names of ours that begin with `STOREFRONT_` and are not known are warned about, since a
//! misspelt setting is otherwise silent.

mod cache;
mod clients;
mod database;
mod documents;
mod features;
mod http;
mod limits;
mod mail;
mod replication;
mod window;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use anyhow::bail;
use clap::{Args, FromArgMatches, ValueEnum};

pub use cache::CacheConfig;
pub use clients::{ClientConfig, TrustedProxies};
pub use database::DatabaseConfig;
pub use documents::{DocumentConfig, TrustedDocuments};
pub use features::FeatureConfig;
pub use http::HttpConfig;
pub use limits::LimitConfig;
pub use mail::MailConfig;
pub use replication::ReplicationConfig;
pub use window::WindowConfig;

/// What the logs look like, and how much they tell.
#[derive(Args, Clone, Debug)]
pub struct LogConfig {
    /// What is logged: a level, or levels by module such as `storefront=debug,info`.
    #[arg(long, env = "STOREFRONT_LOG", default_value = "info,sqlx=error,sea_orm_migration=warn")]
    pub log: String,

    /// The form of a log line.
    #[arg(long, env = "STOREFRONT_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// GraphiQL, introspection, explain, and a demo shop in an empty embedded database.
    Development,
    /// None of these; a secret key is required.
    Production,
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Production => "production",
        })
    }
}

/// Everything `storefront serve` is told.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    #[command(flatten)]
    pub database: DatabaseConfig,

    #[command(flatten)]
    pub replication: ReplicationConfig,

    #[command(flatten)]
    pub cache: CacheConfig,

    #[command(flatten)]
    pub limits: LimitConfig,

    #[command(flatten)]
    pub window: WindowConfig,

    #[command(flatten)]
    pub clients: ClientConfig,

    #[command(flatten)]
    pub documents: DocumentConfig,

    #[command(flatten)]
    pub mail: MailConfig,

    #[command(flatten)]
    pub http: HttpConfig,

    /// The address to listen on. Beyond the loopback addresses the default environment is production.
    #[arg(long, env = "STOREFRONT_HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "STOREFRONT_PORT", default_value_t = 8000)]
    pub port: u16,

    /// What this server is for. Default: development on a loopback address, production elsewhere.
    #[arg(long = "environment", env = "STOREFRONT_ENV")]
    pub environment: Option<Environment>,

    /// Seals cursors, consistency tokens and the ids of what belongs to a user; the same for all instances. Made and kept in the database in development.
    #[arg(long, env = "STOREFRONT_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,

    /// Who sends this key in `x-storefront-staff-key` is staff. Made and kept in the embedded database in development.
    #[arg(long, env = "STOREFRONT_STAFF_KEY", hide_env_values = true)]
    pub staff_key: Option<String>,

    /// Sites whose pages may ask from a browser, such as `https://shop.example`, joined by commas; `*` for all, without cookies.
    #[arg(long, env = "STOREFRONT_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// How long a stopping server waits for the answers in flight, in milliseconds.
    #[arg(long, env = "STOREFRONT_DRAIN_MS", default_value_t = 20_000)]
    pub drain_ms: u64,

    #[command(flatten)]
    pub features: FeatureConfig,
}

/// The shortest key that is accepted as a secret, in bytes.
const SHORTEST_KEY: usize = 16;

impl ServeConfig {
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    pub fn environment(&self) -> Environment {
        self.environment.unwrap_or(if self.host.is_loopback() {
            Environment::Development
        } else {
            Environment::Production
        })
    }

    /// The origins whose pages may ask, without what an empty variable or a comma too many leaves between them.
    pub fn origins(&self) -> Vec<String> {
        let origins = self.cors_origins.iter().map(|origin| origin.trim());
        origins.filter(|origin| !origin.is_empty()).map(str::to_owned).collect()
    }

    /// Whether nodes are cached.
    pub fn caches(&self) -> bool {
        self.features.feature_redis_cache.unwrap_or(true) && !self.features.baseline
    }

    /// Whether what clients spend is counted, and bounded by their windows.
    pub fn limits_rate(&self) -> bool {
        self.features.feature_rate_limit.unwrap_or(true) && !self.features.baseline
    }

    /// The replicas, whether they are read or only watched.
    pub fn replica_urls(&self) -> Vec<&str> {
        self.replication.urls()
    }

    /// Whether reads go to the replicas.
    pub fn reads_replicas(&self) -> bool {
        self.features.feature_read_replicas.unwrap_or(true) && !self.features.baseline
    }

    /// Refuses combinations that no single value shows to be wrong.
    pub fn check(&self) -> anyhow::Result<()> {
        self.database.check()?;
        self.features.check()?;
        self.replication.check(self)?;
        self.mail.check()?;
        if self.limits_rate() {
            self.window.check(&self.limits)?;
        }
        check_origins(&self.origins())?;
        let needs_redis = self.features.feature_redis_cache == Some(true) && !self.features.baseline;
        if needs_redis && !self.database.is_embedded() && self.cache.redis_urls().is_empty() {
            bail!("FEATURE_REDIS_CACHE is on, but REDIS_URL is not set");
        }
        for (name, key) in [("STOREFRONT_SECRET_KEY", &self.secret_key), ("STOREFRONT_STAFF_KEY", &self.staff_key)] {
            if let Some(key) = key
                && key.len() < SHORTEST_KEY
            {
                bail!("{name} has {} bytes, at least {SHORTEST_KEY} are needed", key.len());
            }
        }
        if self.environment() == Environment::Production && self.secret_key.is_none() {
            bail!(
                "STOREFRONT_SECRET_KEY is required in production, which STOREFRONT_ENV asks for or the address {} means",
                self.host
            );
        }
        if self.limits.default_page_size > self.limits.max_page_size {
            bail!(
                "STOREFRONT_DEFAULT_PAGE_SIZE {} is over STOREFRONT_MAX_PAGE_SIZE {}",
                self.limits.default_page_size,
                self.limits.max_page_size
            );
        }
        Ok(())
    }
}

/// Settings as they are when nothing is set.
fn defaults<T: Args + FromArgMatches>() -> T {
    let command = T::augment_args(clap::Command::new("storefront").no_binary_name(true).disable_help_flag(true));
    let command = command.mut_args(|argument| argument.env(None::<&str>));
    let matches = command.get_matches_from(std::iter::empty::<&str>());
    T::from_arg_matches(&matches).expect("every setting has a default")
}

/// Origins are compared as texts by browsers: scheme and host, nothing after them.
fn check_origins(origins: &[String]) -> anyhow::Result<()> {
    if origins.len() > 1 && origins.iter().any(|origin| origin == "*") {
        bail!("STOREFRONT_CORS_ORIGINS has * and other origins, * already means all");
    }
    for origin in origins.iter().filter(|origin| *origin != "*") {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or_default();
        let is_odd = |c: char| c == '/' || c == '*' || c.is_ascii_uppercase() || !c.is_ascii_graphic();
        if host.is_empty() || host.contains(is_odd) {
            bail!("STOREFRONT_CORS_ORIGINS has {origin:?}, an origin is like https://shop.example, without a path");
        }
    }
    Ok(())
}
