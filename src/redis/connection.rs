//! The connection to Redis: to one server, or to a cluster.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::future::try_join_all;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, Pipeline, ProtocolVersion, RedisResult, Script,
    TlsCertificates,
};
use tokio::sync::OnceCell;

use super::Manners;

pub enum Connection {
    Single(Box<Single>),
    Cluster(Box<ClusterClient>, OnceCell<ClusterConnection>),
}

/// A connection to one server, which finds a new one when it is told that the old one is lost. A server that is gone without a word
/// tells nobody: then it is replaced.
pub struct Single {
    client: Client,
    config: ConnectionManagerConfig,
    manager: ArcSwap<ConnectionManager>,
}

impl Single {
    fn new(client: Client, config: ConnectionManagerConfig) -> RedisResult<Self> {
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config.clone())?;
        Ok(Self { client, config, manager: ArcSwap::from_pointee(manager) })
    }

    fn manager(&self) -> ConnectionManager {
        ConnectionManager::clone(&self.manager.load())
    }

    fn replace(&self) -> RedisResult<()> {
        let manager = ConnectionManager::new_lazy_with_config(self.client.clone(), self.config.clone())?;
        self.manager.store(Arc::new(manager));
        Ok(())
    }
}

impl Connection {
    /// Connects when first used; only addresses that cannot be read are refused. Several addresses are a cluster.
    pub fn open(urls: &[&str], manners: &Manners) -> anyhow::Result<Self> {
        let uses_tls = urls.iter().all(|url| url.starts_with("rediss://"));
        let authority = manners.authority.clone().filter(|_| uses_tls);
        let authority = authority.map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) });
        match urls {
            [url] => {
                let config = ConnectionManagerConfig::new()
                    .set_response_timeout(Some(manners.response))
                    .set_connection_timeout(Some(manners.connection))
                    // A request waits for one attempt; whoever comes later makes the next.
                    .set_number_of_retries(0)
                    .set_min_delay(Duration::from_millis(20))
                    .set_max_delay(Duration::from_millis(500));
                // By the newer protocol the library finds a new connection unasked, and nobody would know that Redis was away.
                let info = url.into_connection_info()?;
                let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
                let info = info.set_redis_settings(settings);
                let client = match authority {
                    Some(authority) => Client::build_with_tls(info, authority)?,
                    None => Client::open(info)?,
                };
                Ok(Self::Single(Box::new(Single::new(client, config)?)))
            }
            urls => {
                let client = ClusterClient::builder(urls.to_vec())
                    .response_timeout(manners.response)
                    .connection_timeout(manners.connection)
                    .overall_response_timeout(Some(manners.response))
                    .retries(1);
                let client = match authority {
                    Some(authority) => client.certs(authority),
                    None => client,
                };
                Ok(Self::Cluster(Box::new(client.build()?), OnceCell::new()))
            }
        }
    }

    pub fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(..))
    }

    /// Gives a connection up that does not answer; whether the next command makes a new one.
    pub fn replace(&self) -> bool {
        matches!(self, Self::Single(single) if single.replace().is_ok())
    }

    /// Redis has forgotten the script, after a restart perhaps.
    pub async fn load<T: FromRedisValue>(&self, script: &Script, commands: &[Cmd]) -> RedisResult<Vec<T>> {
        match self {
            Self::Single(single) => script.prepare_invoke().load_async(&mut single.manager()).await?,
            Self::Cluster(..) => script.prepare_invoke().load_async(&mut self.cluster().await?).await?,
        };
        self.send_each(commands).await
    }

    pub async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        match self {
            Self::Single(single) => command.query_async(&mut single.manager()).await,
            Self::Cluster(..) => command.query_async(&mut self.cluster().await?).await,
        }
    }

    pub async fn send_each<T: FromRedisValue>(&self, commands: &[Cmd]) -> RedisResult<Vec<T>> {
        match commands {
            [] => return Ok(Vec::new()),
            [command] => return Ok(vec![self.send(command).await?]),
            _ => {}
        }
        match self {
            Self::Single(single) => {
                let mut pipeline = Pipeline::with_capacity(commands.len());
                commands.iter().for_each(|command| {
                    pipeline.add_command(command.clone());
                });
                pipeline.query_async(&mut single.manager()).await
            }
            Self::Cluster(..) => {
                let cluster = self.cluster().await?;
                try_join_all(commands.iter().map(|command| {
                    let mut cluster = cluster.clone();
                    async move { command.query_async(&mut cluster).await }
                }))
                .await
            }
        }
    }

    async fn cluster(&self) -> RedisResult<ClusterConnection> {
        let Self::Cluster(client, connection) = self else {
            return Err((ErrorKind::InvalidClientConfig, "not a cluster").into());
        };
        connection.get_or_try_init(|| client.get_async_connection()).await.cloned()
    }
}
