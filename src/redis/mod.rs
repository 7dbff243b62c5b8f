//! Redis: one server or a cluster, bounded in time, behind a breaker, and never a reason for a request to fail.
//!
//! `connection` is one server or a cluster; `endpoint` puts the breaker, the metrics and the log before it. What is asked of Redis is
//! said where it is needed: in `cache` and in `limit`.

mod connection;
mod endpoint;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use redis::{Cmd, Script, cmd};

use crate::config::CacheConfig;
pub use endpoint::{Endpoint, Silence};

/// How Redis is spoken to.
#[derive(Clone, Debug)]
pub struct Manners {
    /// How long an answer may take.
    pub response: Duration,
    /// How long a connection may take.
    pub connection: Duration,
    /// Who signs the certificates of `rediss://` addresses, in PEM; the usual authorities when left out.
    pub authority: Option<Vec<u8>>,
}

impl Manners {
    pub fn new(config: &CacheConfig) -> anyhow::Result<Self> {
        Ok(Self {
            response: Duration::from_millis(config.redis_timeout_ms),
            connection: Duration::from_millis(config.redis_connect_timeout_ms),
            authority: config.redis_ca_file.as_deref().map(certificates).transpose()?,
        })
    }
}

/// The command that runs a script on keys; its arguments follow.
pub fn evalsha(script: &Script, keys: &[String]) -> Cmd {
    let mut command = cmd("EVALSHA");
    command.arg(script.get_hash()).arg(keys.len()).arg(keys);
    command
}

/// The certificates in a file, in PEM.
fn certificates(file: &Path) -> anyhow::Result<Vec<u8>> {
    let name = file.display();
    let pem = std::fs::read_to_string(file).with_context(|| format!("cannot read STOREFRONT_REDIS_CA_FILE {name}"))?;
    anyhow::ensure!(pem.contains("BEGIN CERTIFICATE"), "STOREFRONT_REDIS_CA_FILE {name} holds no certificate in PEM");
    Ok(pem.into_bytes())
}
