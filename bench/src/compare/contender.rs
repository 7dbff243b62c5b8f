//! A subject that runs: its instances, the folder that loads on it draw from, and what it needs before it is measured.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::time::{Instant, sleep};

use super::ask::card;
use super::balancer::Balancer;
use super::cursors;
use super::shop::Shop;
use super::subject::{Subject, redis_url};
use super::variant::Variant;
use crate::cpu::of_family;
use crate::server::Server;

/// Connections to each database server that every subject may have, unless they are what is measured.
pub const POOL: u32 = 16;
const IN_USE_WITHIN: Duration = Duration::from_secs(60);

/// How many instances of a subject run, and with what.
#[derive(Clone, Copy)]
pub struct Fleet {
    pub instances: usize,
    /// Connections of each to each database server.
    pub pool: u32,
    /// One address in front of them.
    pub is_balanced: bool,
}

impl Default for Fleet {
    fn default() -> Self {
        Self { instances: 1, pool: POOL, is_balanced: false }
    }
}

pub struct Contender {
    pub subject: Subject,
    pub variant: Variant,
    pub servers: Vec<Server>,
    pub balancer: Option<Balancer>,
    pub data: PathBuf,
    pub client: reqwest::Client,
}

impl Contender {
    pub async fn start(shop: &Shop, subject: Subject, variant: Variant, fleet: Fleet) -> anyhow::Result<Self> {
        let start = |_| subject.start(shop, variant, fleet.pool);
        let servers = (0..fleet.instances).map(start).collect::<anyhow::Result<Vec<_>>>()?;
        let addresses: Vec<_> = servers.iter().map(Server::address).collect();
        let balancer = match fleet.is_balanced {
            true => Some(Balancer::start(&addresses, shop.folder()).await?),
            false => None,
        };
        let data = cursors::write(shop, subject, &servers[0].url("")).await;
        let data = data.with_context(|| format!("{} does not answer as it should", subject.name()))?;
        Ok(Self { subject, variant, servers, balancer, data, client: reqwest::Client::new() })
    }

    /// Where loads go to, joined by commas.
    pub fn urls(&self) -> String {
        match &self.balancer {
            Some(balancer) => format!("http://{}", balancer.address()),
            None => self.servers.iter().map(|server| server.url("")).collect::<Vec<_>>().join(","),
        }
    }

    pub fn pids(&self) -> impl Iterator<Item = u32> {
        self.servers.iter().map(Server::pid)
    }

    /// Resident memory of all instances with their children's, in bytes.
    pub fn resident(&self) -> anyhow::Result<u64> {
        self.servers.iter().map(Server::resident).sum()
    }

    pub fn balancer_cpu(&self) -> anyhow::Result<Option<Duration>> {
        self.balancer.as_ref().map(|balancer| of_family(balancer.pid())).transpose()
    }

    /// Begins anew: nothing is cached, nothing is left to be done, and all that the subject may use is in use.
    pub async fn refresh(&self, shop: &Shop) -> anyhow::Result<()> {
        shop.settle().await?;
        if self.variant.cache {
            let redis = redis::Client::open(redis_url(shop, self.subject)?)?;
            let mut redis = redis.get_multiplexed_async_connection().await?;
            redis::cmd("FLUSHDB").exec_async(&mut redis).await?;
        }
        if self.subject != Subject::Storefront {
            return Ok(());
        }
        let deadline = Instant::now() + IN_USE_WITHIN;
        for server in &self.servers {
            while !self.is_in_use(server, shop).await? {
                ensure!(Instant::now() < deadline, "storefront uses not all that it has");
                sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(())
    }

    /// Whether it reads from all its database servers, and takes values out of its cache.
    async fn is_in_use(&self, server: &Server, shop: &Shop) -> anyhow::Result<bool> {
        if self.variant.replicas {
            let hosts = server.metrics("storefront_host_in_use").await?;
            if hosts.len() <= shop.stack.replicas().len() || hosts.iter().any(|(_, value)| *value != 1) {
                return Ok(false);
            }
        }
        if !self.variant.cache {
            return Ok(true);
        }
        let before = server.metrics("storefront_cache_reads_total").await?;
        card(&self.client, self.subject, &server.url(""), &shop.products[0]).await?;
        let hits = |reads: &[(String, u64)]| -> u64 {
            reads.iter().filter(|(labels, _)| labels.contains("hit\"")).map(|(_, value)| value).sum()
        };
        Ok(hits(&server.metrics("storefront_cache_reads_total").await?) > hits(&before))
    }

    /// Ends it; Storefront has to end well.
    pub fn stop(self) -> anyhow::Result<()> {
        drop(self.balancer);
        match self.subject {
            Subject::Storefront => self.servers.into_iter().try_for_each(Server::stop),
            _ => Ok(()),
        }
    }
}
