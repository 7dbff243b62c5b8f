//! Settings of Redis and of the cache.

use std::path::PathBuf;

use clap::Args;

use super::defaults;
use super::features::switch;

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

    /// Whole answers to shoppers, in the process and in Redis; without them every request is executed.
    #[arg(long, env = "STOREFRONT_ANSWER_CACHE", num_args = 0..=1, default_missing_value = "true", default_value = "true", value_parser = switch)]
    pub answer_cache: bool,
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
