//! The settings of a server: every one is an environment variable and a flag; the flag wins.
//!
//! An invalid value stops the start with one line that names the setting and the value. Switches are positive: a feature
//! is on or off, never un-off. Names of ours that begin with `STOREFRONT_` and are not known are warned about, since a
//! misspelt setting is otherwise silent.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, FromArgMatches, ValueEnum};

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

/// Replicas, and the bounds within which reads on them keep their promise.
#[derive(Args, Clone, Debug)]
pub struct ReplicationConfig {
    /// Streaming replicas of the database that reads are spread over: `postgres://…` addresses, joined by commas, one server each.
    #[arg(long, env = "REPLICA_URLS", value_delimiter = ',', hide_env_values = true)]
    pub replica_urls: Vec<String>,

    /// Connections for reads on each replica.
    #[arg(long, env = "STOREFRONT_REPLICA_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub replica_connections: u32,

    /// How often each database server is asked where it stands, in milliseconds; each time up to a quarter more or less.
    #[arg(long, env = "STOREFRONT_HEALTH_INTERVAL_MS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub health_interval_ms: u64,

    /// How long such a question may take before the server counts as unreachable, in milliseconds.
    #[arg(long, env = "STOREFRONT_HEALTH_TIMEOUT_MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub health_timeout_ms: u64,

    /// A replica that may lack more than the last so many milliseconds of writes is not read.
    #[arg(long, env = "STOREFRONT_MAX_STALENESS_MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(100..=3_600_000))]
    pub max_staleness_ms: u64,

    /// How long a consistency token holds, in milliseconds; not below the staleness bound.
    #[arg(long, env = "STOREFRONT_TOKEN_LIFE_MS", default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(100..=3_600_000))]
    pub token_life_ms: u64,

    /// How long a read with a token waits for a replica that has almost caught up, in milliseconds.
    #[arg(long, env = "STOREFRONT_TOKEN_WAIT_MS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(0..=1000))]
    pub token_wait_ms: u64,
}

/// The node cache.
#[derive(Args, Clone, Debug)]
pub struct CacheConfig {
    /// Redis for the node cache: `redis://…` or `rediss://…`; several addresses, joined by commas, are a Redis Cluster.
    #[arg(long, env = "REDIS_URL", value_delimiter = ',', hide_env_values = true)]
    pub redis_url: Vec<String>,

    /// Another address of it for reads of requests without a consistency token, such as a replica's.
    #[arg(long, env = "REDIS_READ_URL", hide_env_values = true)]
    pub redis_read_url: Option<String>,

    /// A file with the certificates, in PEM, of who signs those of `rediss://` servers. Default: the authorities that browsers know.
    #[arg(long, env = "STOREFRONT_REDIS_CA_FILE")]
    pub redis_ca_file: Option<PathBuf>,

    /// How long Redis may take for an answer, in milliseconds.
    #[arg(long, env = "STOREFRONT_REDIS_TIMEOUT_MS", default_value_t = 80, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub redis_timeout_ms: u64,

    /// How long a connection to Redis may take, in milliseconds.
    #[arg(long, env = "STOREFRONT_REDIS_CONNECT_TIMEOUT_MS", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub redis_connect_timeout_ms: u64,

    /// How long a product, a store or a category is cached, in seconds; each a tenth more or less.
    #[arg(long, env = "STOREFRONT_PRODUCT_TTL_SECS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub product_ttl_secs: u64,

    /// How long the stock of a product is cached, in seconds; each a tenth more or less.
    #[arg(long, env = "STOREFRONT_STOCK_TTL_SECS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub stock_ttl_secs: u64,

    /// How long the first page of a list is cached, in seconds; each a tenth more or less.
    #[arg(long, env = "STOREFRONT_LIST_TTL_SECS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub list_ttl_secs: u64,

    /// How long a list of categories is cached, in seconds; each a tenth more or less.
    #[arg(long, env = "STOREFRONT_CATEGORY_LIST_TTL_SECS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub category_list_ttl_secs: u64,

    /// Memory for the in-process tier in front of Redis, or for the cache of the embedded database, in MiB; 0 is none.
    #[arg(long, env = "STOREFRONT_LOCAL_CACHE_MB", default_value_t = 64, value_parser = clap::value_parser!(u32).range(0..=65_536))]
    pub local_cache_mb: u32,

    /// How long a node stays in the in-process tier, in milliseconds; 0 is no tier.
    #[arg(long, env = "STOREFRONT_LOCAL_CACHE_TTL_MS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    pub local_cache_ttl_ms: u64,
}

impl CacheConfig {
    /// The memory for what is cached in the process.
    pub fn local_cache_bytes(&self) -> u64 {
        u64::from(self.local_cache_mb) * 1024 * 1024
    }

    /// The addresses without what an empty variable or a comma too many leaves between them.
    pub fn redis_urls(&self) -> Vec<&str> {
        self.redis_url.iter().map(|url| url.trim()).filter(|url| !url.is_empty()).collect()
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        defaults()
    }
}

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

/// Bounds on what one operation may ask for. A value over a bound is refused before anything runs.
#[derive(Args, Clone, Debug)]
pub struct LimitConfig {
    /// The largest `first` or `last` of a page.
    #[arg(long, env = "STOREFRONT_MAX_PAGE_SIZE", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_page_size: u32,

    /// The page size of a list that is asked for without `first` and `last`.
    #[arg(long, env = "STOREFRONT_DEFAULT_PAGE_SIZE", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub default_page_size: u32,

    /// The most ids that one `nodes(ids:)` takes.
    #[arg(long, env = "STOREFRONT_MAX_NODES", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub max_nodes: u32,

    /// The deepest an operation may nest.
    #[arg(long, env = "STOREFRONT_MAX_DEPTH", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_depth: u32,

    /// The most fields of an operation, fragments written out.
    #[arg(long, env = "STOREFRONT_MAX_FIELDS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_fields: u32,

    /// The most aliases of an operation, fragments written out.
    #[arg(long, env = "STOREFRONT_MAX_ALIASES", default_value_t = 30)]
    pub max_aliases: u32,

    /// The most root fields of an operation.
    #[arg(long, env = "STOREFRONT_MAX_ROOT_FIELDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_root_fields: u32,

    /// The most root fields of a mutation.
    #[arg(long, env = "STOREFRONT_MAX_MUTATIONS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_mutations: u32,

    /// The most directives of an operation, fragments written out.
    #[arg(long, env = "STOREFRONT_MAX_DIRECTIVES", default_value_t = 50)]
    pub max_directives: u32,

    /// The most lexical tokens of a document.
    #[arg(long, env = "STOREFRONT_MAX_TOKENS", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub max_tokens: u32,

    /// The largest request body, in bytes.
    #[arg(long, env = "STOREFRONT_MAX_BODY_BYTES", default_value_t = 262_144, value_parser = clap::value_parser!(u32).range(1024..))]
    pub max_body_bytes: u32,

    /// The memory that parsed and validated documents may take, in bytes.
    #[arg(long, env = "STOREFRONT_PLAN_CACHE_BYTES", default_value_t = 16 * 1024 * 1024)]
    pub plan_cache_bytes: u64,

    /// How long one request may take before it is answered TIMEOUT, in milliseconds.
    #[arg(long, env = "STOREFRONT_REQUEST_TIMEOUT_MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub request_timeout_ms: u64,
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

/// The feature switches. One that this version does not have stops the start when it is turned on.
#[derive(Args, Clone, Debug)]
pub struct FeatureConfig {
    /// Everything below off: the baseline that measurements compare with.
    #[arg(long, env = "STOREFRONT_BASELINE", num_args = 0..=1, default_missing_value = "true", default_value = "false", value_parser = switch)]
    pub baseline: bool,

    /// Reads from replicas. Default: on when REPLICA_URLS names some.
    #[arg(long, env = "FEATURE_READ_REPLICAS", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_read_replicas: Option<bool>,

    /// The node cache. Default: on when REDIS_URL is set, and on the embedded database.
    #[arg(long, env = "FEATURE_REDIS_CACHE", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_redis_cache: Option<bool>,

    /// A sliding window per client (not in this version).
    #[arg(long, env = "FEATURE_RATE_LIMIT", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_rate_limit: Option<bool>,

    /// Distributed locks (not in this version).
    #[arg(long, env = "FEATURE_DISTRIBUTED_LOCKS", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_distributed_locks: Option<bool>,

    /// Sharding by user (not in this version).
    #[arg(long, env = "FEATURE_SHARDING", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_sharding: Option<bool>,
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

    /// Whether nodes are cached.
    pub fn caches(&self) -> bool {
        self.features.feature_redis_cache.unwrap_or(true) && !self.features.baseline
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
        check_origins(&self.cors_origins)?;
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

impl Default for ReplicationConfig {
    /// No replicas, and everything else as it is when nothing is set.
    fn default() -> Self {
        defaults()
    }
}

/// Settings as they are when nothing is set.
fn defaults<T: Args + FromArgMatches>() -> T {
    let command = T::augment_args(clap::Command::new("storefront").no_binary_name(true).disable_help_flag(true));
    let command = command.mut_args(|argument| argument.env(None::<&str>));
    let matches = command.get_matches_from(std::iter::empty::<&str>());
    T::from_arg_matches(&matches).expect("every setting has a default")
}

impl ReplicationConfig {
    /// The addresses without what an empty variable or a comma too many leaves between them.
    fn urls(&self) -> Vec<&str> {
        self.replica_urls.iter().map(|url| url.trim()).filter(|url| !url.is_empty()).collect()
    }

    /// Refuses what would break the promise that a client reads its own writes.
    fn check(&self, config: &ServeConfig) -> anyhow::Result<()> {
        let urls = self.urls();
        let asked_for = config.features.feature_read_replicas == Some(true) && !config.features.baseline;
        if asked_for && urls.is_empty() {
            bail!("FEATURE_READ_REPLICAS is on, but REPLICA_URLS names no replica");
        }
        if !urls.is_empty() && config.database.is_embedded() {
            bail!("REPLICA_URLS is set, but DATABASE_URL is an SQLite file, which has no replicas");
        }
        for (index, url) in urls.iter().enumerate() {
            if !["postgres://", "postgresql://"].iter().any(|begin| url.starts_with(begin)) {
                // Nothing of it is shown: after a password with a comma in it, it is the rest of that.
                bail!("entry {} of REPLICA_URLS does not begin with postgres://", index + 1);
            }
            if *url == config.database.database_url || urls[..index].contains(url) {
                bail!("entry {} of REPLICA_URLS names a server that is named before", index + 1);
            }
        }
        // A token ends after its life: from then on every replica in use must have what it stood for.
        // By how much a token's age may be told too high is how long a check may take.
        if self.max_staleness_ms + self.health_timeout_ms > self.token_life_ms {
            bail!(
                "STOREFRONT_MAX_STALENESS_MS {} and STOREFRONT_HEALTH_TIMEOUT_MS {} are together over STOREFRONT_TOKEN_LIFE_MS {}: \
                 a client could lose sight of its own writes",
                self.max_staleness_ms,
                self.health_timeout_ms,
                self.token_life_ms
            );
        }
        if self.health_interval_ms >= self.max_staleness_ms {
            bail!(
                "STOREFRONT_HEALTH_INTERVAL_MS {} is not below STOREFRONT_MAX_STALENESS_MS {}: no replica could be proved fresh",
                self.health_interval_ms,
                self.max_staleness_ms
            );
        }
        Ok(())
    }
}

/// Origins are compared as texts by browsers: scheme and host, nothing after them.
fn check_origins(origins: &[String]) -> anyhow::Result<()> {
    if origins.len() > 1 && origins.iter().any(|origin| origin == "*") {
        bail!("STOREFRONT_CORS_ORIGINS has * and other origins, * already means all");
    }
    for origin in origins.iter().filter(|origin| *origin != "*") {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")).unwrap_or_default();
        if host.is_empty() || host.contains(|c: char| c == '/' || c == '*' || !c.is_ascii_graphic()) {
            bail!("STOREFRONT_CORS_ORIGINS has {origin:?}, an origin is like https://shop.example, without a path");
        }
    }
    Ok(())
}

/// A switch as people write it in an environment.
fn switch(text: &str) -> Result<bool, String> {
    match text {
        "1" | "true" | "on" | "yes" => Ok(true),
        "0" | "false" | "off" | "no" | "" => Ok(false),
        _ => Err("a switch is true or false".to_owned()),
    }
}

impl FeatureConfig {
    fn check(&self) -> anyhow::Result<()> {
        for (name, value) in [
            ("FEATURE_RATE_LIMIT", self.feature_rate_limit),
            ("FEATURE_DISTRIBUTED_LOCKS", self.feature_distributed_locks),
            ("FEATURE_SHARDING", self.feature_sharding),
        ] {
            if value == Some(true) && !self.baseline {
                bail!("{name} is on, but this version does not have that feature yet");
            }
        }
        Ok(())
    }
}
