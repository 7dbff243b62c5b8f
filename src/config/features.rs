//! The feature switches.

use anyhow::bail;
use clap::Args;

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

    /// A sliding window per client, and per address for those without a key. Default: on.
    #[arg(long, env = "FEATURE_RATE_LIMIT", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_rate_limit: Option<bool>,

    /// Distributed locks (not in this version).
    #[arg(long, env = "FEATURE_DISTRIBUTED_LOCKS", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_distributed_locks: Option<bool>,

    /// Sharding by user (not in this version).
    #[arg(long, env = "FEATURE_SHARDING", num_args = 0..=1, default_missing_value = "true", value_parser = switch)]
    pub feature_sharding: Option<bool>,
}

impl FeatureConfig {
    pub(super) fn check(&self) -> anyhow::Result<()> {
        for (name, value) in
            [("FEATURE_DISTRIBUTED_LOCKS", self.feature_distributed_locks), ("FEATURE_SHARDING", self.feature_sharding)]
        {
            if value == Some(true) && !self.baseline {
                bail!("{name} is on, but this version does not have that feature yet");
            }
        }
        Ok(())
    }
}

/// A switch as people write it in an environment.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "1" | "true" | "on" | "yes" => Ok(true),
        "0" | "false" | "off" | "no" | "" => Ok(false),
        _ => Err("a switch is true or false".to_owned()),
    }
}
