//! One address of Redis: its connection, bounded in time, and the breaker before it.
//!
//! Requests never find out whether Redis is back: an open breaker stays open for them until a probe was answered.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};
use failsafe::{Instrument, StateMachine, backoff};
use futures_util::future::try_join_all;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo, Pipeline, ProtocolVersion, RedisError, RedisResult,
    Script, ServerErrorKind, TlsCertificates, cmd,
};
use tokio::sync::OnceCell;

use super::remote::Manners;

/// So many failures in a row open the breaker.
const FAILURES: u32 = 5;
/// How long an open breaker lets nothing pass, not even a probe.
const PAUSE: Duration = Duration::from_millis(500);
/// Answers of a server that has just begun, or that is not there for whoever asks: others would not be answered either.
const NOT_READY: [&str; 2] = ["LOADING", "MASTERDOWN"];

/// Why a command has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The breaker let it not pass.
    Open,
    /// The server takes nothing more.
    Full,
    Failed,
}

pub struct Endpoint {
    name: &'static str,
    connection: Connection,
    breaker: StateMachine<ConsecutiveFailures<backoff::Constant>, Lamp>,
    lamp: Lamp,
    /// How often a connection was lost, and how many of those were settled.
    outages: AtomicU64,
    settled_outages: AtomicU64,
    /// Its clock in microseconds since 1970, and when it was asked for it.
    clock: Mutex<Option<(i64, Instant)>>,
    /// Whether the log was told that it does not answer.
    is_told: AtomicBool,
    /// Whether the log was told that it refuses something.
    is_refusal_told: AtomicBool,
}

enum Connection {
    Single(Box<Single>),
    Cluster(Box<ClusterClient>, OnceCell<ClusterConnection>),
}

/// A connection to one server, which finds a new one when it is told that the old one is lost. A server that is gone without a word
/// tells nobody: then it is replaced.
struct Single {
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

/// Shows whether the breaker is closed.
#[derive(Clone)]
struct Lamp {
    endpoint: &'static str,
    is_closed: Arc<AtomicBool>,
}

impl Lamp {
    fn show(&self, is_closed: bool) {
        self.is_closed.store(is_closed, Ordering::Release);
        let open = if is_closed { 0.0 } else { 1.0 };
        metrics::gauge!("storefront_cache_breaker_open", "endpoint" => self.endpoint).set(open);
    }
}

impl Instrument for Lamp {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        self.show(false);
    }

    fn on_half_open(&self) {}

    fn on_closed(&self) {
        self.show(true);
    }
}

impl Endpoint {
    pub fn new(urls: &[&str], manners: &Manners, name: &'static str) -> anyhow::Result<Self> {
        let uses_tls = urls.iter().all(|url| url.starts_with("rediss://"));
        let authority = manners.authority.clone().filter(|_| uses_tls);
        let authority = authority.map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) });
        let connection = match urls {
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
                Connection::Single(Box::new(Single::new(client, config)?))
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
                Connection::Cluster(Box::new(client.build()?), OnceCell::new())
            }
        };
        let lamp = Lamp { endpoint: name, is_closed: Arc::new(AtomicBool::new(true)) };
        Ok(Self {
            name,
            connection,
            breaker: StateMachine::new(consecutive_failures(FAILURES, backoff::constant(PAUSE)), lamp.clone()),
            lamp,
            outages: AtomicU64::new(1),
            settled_outages: AtomicU64::new(0),
            clock: Mutex::default(),
            is_told: AtomicBool::new(false),
            is_refusal_told: AtomicBool::new(false),
        })
    }

    pub fn is_cluster(&self) -> bool {
        matches!(self.connection, Connection::Cluster(..))
    }

    /// Whether requests may use it.
    pub fn is_in_use(&self) -> bool {
        self.lamp.is_closed.load(Ordering::Acquire)
    }

    pub async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, Silence> {
        self.permitted()?;
        self.heed(self.send(&command).await)
    }

    /// Runs a script for many nodes in one round trip; on a cluster in one for each node.
    pub async fn run<T: FromRedisValue>(&self, script: &Script, commands: Vec<Cmd>) -> Result<Vec<T>, Silence> {
        self.permitted()?;
        let outcome = match self.send_each(&commands).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.load(script, &commands).await
            }
            outcome => outcome,
        };
        self.heed(outcome)
    }

    /// Sends commands in one round trip; on a cluster in one for each.
    pub async fn send_all<T: FromRedisValue>(&self, commands: Vec<Cmd>) -> Result<Vec<T>, Silence> {
        self.permitted()?;
        self.heed(self.send_each(&commands).await)
    }

    /// Asks for its clock, and so whether it answers; an answer closes the breaker.
    pub async fn probe(&self) -> bool {
        if !self.breaker.is_call_permitted() {
            return false;
        }
        let asked = Instant::now();
        let answer = self.send::<(i64, i64)>(&cmd("TIME")).await;
        if let Ok((secs, micros)) = &answer {
            let told_us = secs * 1_000_000 + micros;
            *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((told_us, asked));
        }
        if let (Err(error), Connection::Single(single), false) = (&answer, &self.connection, self.is_in_use())
            && error.is_timeout()
            && single.replace().is_ok()
        {
            // Another server may answer from now on.
            self.outages.fetch_add(1, Ordering::AcqRel);
        }
        let is_answered = self.heed(answer).is_ok();
        if is_answered && !self.is_in_use() {
            // A breaker that opened and closed at once may have shown the one after the other.
            self.lamp.show(true);
        }
        is_answered
    }

    /// Its clock in so long a time, in microseconds since 1970 and never too early; `None` before it has told it.
    pub fn clock_in(&self, time: Duration) -> Option<i64> {
        let (told_us, asked) = (*self.clock.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(told_us + (asked.elapsed() + time).as_micros() as i64)
    }

    /// Whether it may hold what it was not told to drop.
    pub fn was_away(&self) -> bool {
        self.outages() != self.settled_outages.load(Ordering::Acquire)
    }

    /// How often a connection was lost; the first one counts as one that was made anew.
    pub fn outages(&self) -> u64 {
        self.outages.load(Ordering::Acquire)
    }

    /// It was told all that it may have missed in so many outages.
    pub fn is_back(&self, outages: u64) {
        self.settled_outages.store(outages, Ordering::Release);
        self.is_refusal_told.store(false, Ordering::Release);
    }

    fn permitted(&self) -> Result<(), Silence> {
        if self.is_in_use() {
            return Ok(());
        }
        metrics::counter!("storefront_cache_breaker_rejections_total", "endpoint" => self.name).increment(1);
        Err(Silence::Open)
    }

    /// Redis has forgotten the script, after a restart perhaps.
    async fn load<T: FromRedisValue>(&self, script: &Script, commands: &[Cmd]) -> RedisResult<Vec<T>> {
        match &self.connection {
            Connection::Single(single) => script.prepare_invoke().load_async(&mut single.manager()).await?,
            Connection::Cluster(..) => script.prepare_invoke().load_async(&mut self.cluster().await?).await?,
        };
        self.send_each(commands).await
    }

    async fn send<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        match &self.connection {
            Connection::Single(single) => command.query_async(&mut single.manager()).await,
            Connection::Cluster(..) => command.query_async(&mut self.cluster().await?).await,
        }
    }

    async fn send_each<T: FromRedisValue>(&self, commands: &[Cmd]) -> RedisResult<Vec<T>> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        match &self.connection {
            Connection::Single(single) => {
                let mut pipeline = Pipeline::with_capacity(commands.len());
                commands.iter().for_each(|command| {
                    pipeline.add_command(command.clone());
                });
                pipeline.query_async(&mut single.manager()).await
            }
            Connection::Cluster(..) => {
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
        let Connection::Cluster(client, connection) = &self.connection else {
            return Err((ErrorKind::InvalidClientConfig, "not a cluster").into());
        };
        connection.get_or_try_init(|| client.get_async_connection()).await.cloned()
    }

    /// Tells the breaker and the metrics; and the log, when the breaker opens or closes, and of the first refusal on a connection.
    fn heed<T>(&self, outcome: RedisResult<T>) -> Result<T, Silence> {
        let error = match outcome {
            Ok(value) => {
                self.breaker.on_success();
                if self.is_told.load(Ordering::Acquire)
                    && self.is_in_use()
                    && self.is_told.swap(false, Ordering::AcqRel)
                {
                    tracing::info!(endpoint = self.name, "the cache is reached again");
                }
                return Ok(value);
            }
            Err(error) => error,
        };
        metrics::counter!("storefront_cache_failures_total", "endpoint" => self.name).increment(1);
        let refusal = refusal(&error);
        if refusal.as_deref().is_some_and(|code| !NOT_READY.contains(&code)) {
            // It is there, and refuses: others may be answered.
            self.breaker.on_success();
            if !self.is_refusal_told.swap(true, Ordering::AcqRel) {
                tracing::warn!(endpoint = self.name, cause = %error, "the cache refuses what it is told");
            }
        } else {
            self.breaker.on_error();
            // A cluster's client connects anew by itself: whatever fails may have been one of its nodes that went and came back.
            if self.is_cluster() || error.is_connection_dropped() || error.is_io_error() && !error.is_timeout() {
                self.outages.fetch_add(1, Ordering::AcqRel);
            }
            if !self.is_in_use() && !self.is_told.swap(true, Ordering::AcqRel) {
                tracing::warn!(endpoint = self.name, cause = %error, "the cache is not reached; reads go to the database");
            }
        }
        Err(if refusal.as_deref() == Some("OOM") { Silence::Full } else { Silence::Failed })
    }
}

/// The code of the server's answer, where an error is one; of a round trip with many commands that of the first which was refused.
fn refusal(error: &RedisError) -> Option<String> {
    // `RedisError::code` has none for many commands, unless the crate has a name for it: it has none for a full server's.
    let errors = error.clone().into_server_errors()?;
    errors.first().map(|(_, error)| error.code().to_owned())
}
