//! Settings of connections, and of how many requests are worked on at once.

use clap::Args;

/// What a client may take of the server before it has shown anything, and after.
#[derive(Args, Clone, Debug)]
pub struct HttpConfig {
    /// How long the head of a request may take from its first byte to its last, in milliseconds. A new connection has as long for all of its first one.
    #[arg(long, env = "STOREFRONT_HEADER_TIMEOUT_MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=30_000))]
    pub header_timeout_ms: u64,

    /// How long a connection may wait for its next request, in milliseconds: longer than the load balancer in front of it keeps one.
    #[arg(long, env = "STOREFRONT_IDLE_TIMEOUT_MS", default_value_t = 75_000, value_parser = clap::value_parser!(u64).range(1..=3_600_000))]
    pub idle_timeout_ms: u64,

    /// How long a client may read nothing of an answer that waits for it, in milliseconds.
    #[arg(long, env = "STOREFRONT_WRITE_TIMEOUT_MS", default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(1..=600_000))]
    pub write_timeout_ms: u64,

    /// The most connections at once; further ones wait in the kernel's queue.
    #[arg(long, env = "STOREFRONT_MAX_CONNECTIONS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,

    /// The most GraphQL requests that are worked on at once; further ones are answered UNAVAILABLE.
    #[arg(long, env = "STOREFRONT_MAX_IN_FLIGHT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_in_flight: u32,
}
