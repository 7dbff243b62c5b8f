//! Settings of replicas and tokens.

use anyhow::bail;
use clap::Args;

use super::{ServeConfig, defaults};

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

impl Default for ReplicationConfig {
    /// No replicas, and everything else as it is when nothing is set.
    fn default() -> Self {
        defaults()
    }
}

impl ReplicationConfig {
    /// The addresses without what an empty variable or a comma too many leaves between them.
    pub fn urls(&self) -> Vec<&str> {
        self.replica_urls.iter().map(|url| url.trim()).filter(|url| !url.is_empty()).collect()
    }

    /// Refuses what would break the promise that a client reads its own writes.
    pub(super) fn check(&self, config: &ServeConfig) -> anyhow::Result<()> {
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
