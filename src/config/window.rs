//! Settings of the sliding windows: how much may be spent in any interval of their length.

use anyhow::bail;
use clap::Args;

use super::{LimitConfig, defaults};

/// What a client, or an address, may spend.
#[derive(Args, Clone, Debug)]
pub struct WindowConfig {
    /// How long a window is, in seconds.
    #[arg(long, env = "STOREFRONT_WINDOW_SECS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub window_secs: u64,

    /// The points that an address may spend in a window: of an IPv6 address its first 64 bits.
    #[arg(long, env = "STOREFRONT_ADDRESS_POINTS", default_value_t = 6000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub address_points: u64,

    /// The points that a client may spend in a window whose key was given no number of its own.
    #[arg(long, env = "STOREFRONT_CLIENT_POINTS", default_value_t = 60_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub client_points: u64,

    /// The root fields of mutations that a client, or an address without one, may send in a window.
    #[arg(long, env = "STOREFRONT_WINDOW_MUTATIONS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    pub window_mutations: u64,
}

impl WindowConfig {
    /// Refuses windows that a request which is within its limits could never pass.
    pub(super) fn check(&self, limits: &LimitConfig) -> anyhow::Result<()> {
        let LimitConfig { max_mutations, max_cost, .. } = limits;
        let Self { address_points, client_points, window_mutations, .. } = self;
        if client_points < address_points {
            bail!(
                "STOREFRONT_CLIENT_POINTS {client_points} is under STOREFRONT_ADDRESS_POINTS {address_points}: who shows a key would have less than who shows none"
            );
        }
        if max_cost > address_points {
            bail!(
                "STOREFRONT_MAX_COST {max_cost} is over STOREFRONT_ADDRESS_POINTS {address_points}: such an operation would never pass"
            );
        }
        if *window_mutations < u64::from(*max_mutations) {
            bail!(
                "STOREFRONT_MAX_MUTATIONS {max_mutations} is over STOREFRONT_WINDOW_MUTATIONS {window_mutations}: such a request would never pass"
            );
        }
        Ok(())
    }
}

impl Default for WindowConfig {
    fn default() -> Self {
        defaults()
    }
}
