//! The database of a server as a whole: opening it, and closing it without losing a commit.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use chrono::Utc;
use futures_util::future::join_all;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{DatabaseConnection, DbBackend, Statement};
use tokio::task::AbortHandle;
use tokio_util::task::TaskTracker;

use super::change::Witness;
use super::cluster::{Bounds, Cluster};
use super::health::{self, Pace};
use super::host::{Host, Life};
use super::knowledge::Status;
use super::pool::{self, Purpose};
use super::position::{Report, Scope, micros};
use crate::config::{DatabaseConfig, ReplicationConfig, ServeConfig};

/// The servers of one database.
pub struct Db {
    pub(super) cluster: Arc<Cluster>,
    /// Commits that were sent; they outlive their requests.
    pub(super) tails: TaskTracker,
    name: String,
    backend: DbBackend,
    primary: DatabaseConnection,
    statement_timeout: Option<Duration>,
    token_life: Duration,
    witness: OnceLock<Arc<dyn Witness>>,
    watchers: Vec<AbortHandle>,
}

impl Db {
    /// Opens the database without replicas and proves that it answers. An SQLite file is created when it is missing.
    pub async fn connect(config: &DatabaseConfig) -> anyhow::Result<Self> {
        Self::open(config, &ReplicationConfig::default(), &[], false).await
    }

    /// Opens the database and its replicas, those that answer and those that do not yet, and proves that there is a primary. Replicas that are
    /// not to be read are watched all the same.
    pub async fn connect_all(config: &ServeConfig) -> anyhow::Result<Self> {
        Self::open(&config.database, &config.replication, &config.replica_urls(), config.reads_replicas()).await
    }

    async fn open(
        config: &DatabaseConfig,
        replication: &ReplicationConfig,
        replicas: &[&str],
        reads_replicas: bool,
    ) -> anyhow::Result<Self> {
        let name = describe(&config.database_url);
        let opened = if config.is_embedded() {
            open_sqlite(config, replication, &name).await
        } else {
            open_postgres(config, replication, replicas, reads_replicas).await
        };
        let (cluster, watchers) = opened.with_context(|| format!("cannot open the database {name}"))?;
        let primary = cluster
            .primary()
            .map_err(|why| anyhow!("{why}"))
            .with_context(|| format!("cannot open the database {name}"))?;
        let writes = &cluster.host(primary.place).writes;
        let is_embedded = config.is_embedded();
        Ok(Self {
            name,
            backend: writes.backend(),
            primary: writes.sea_orm(),
            statement_timeout: (!is_embedded).then(|| Duration::from_millis(config.statement_timeout_ms)),
            token_life: Duration::from_millis(replication.token_life_ms),
            tails: TaskTracker::new(),
            witness: OnceLock::new(),
            watchers,
            cluster,
        })
    }

    /// The address without user, password and options, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// The pool that wrote to the primary at the start, for migrations and bulk loads, which are not requests.
    pub fn administration(&self) -> &DatabaseConnection {
        &self.primary
    }

    /// Each server's address, what it is good for, and of a standby the age of the oldest write that it may lack.
    pub fn servers(&self) -> Vec<(&str, Status, Option<Duration>)> {
        if self.is_embedded() {
            return vec![(self.name(), Status::Primary, None)];
        }
        self.cluster.statuses().collect()
    }

    /// The history that reads and writes belong to now; `None` before a primary was seen.
    pub fn scope(&self) -> Option<Scope> {
        if self.is_embedded() {
            return Some(Scope::default());
        }
        let view = self.cluster.view();
        let epoch = view.epoch?;
        (view.database != 0).then_some(Scope {
            system: epoch.system,
            timeline: epoch.timeline,
            database: view.database,
        })
    }

    /// On the embedded database: a number that is another one after another process has written. Our own writes leave it.
    pub async fn data_version(&self) -> Option<i64> {
        let writes = &self.cluster.hosts.first().filter(|_| self.is_embedded())?.writes;
        let pragma = Statement::from_string(self.backend, "PRAGMA data_version");
        let row = writes.acquire().await.ok()?.query_one(pragma).await.ok()??;
        row.try_get_by_index(0).ok()
    }

    /// Lets `witness` hear of every commit from now on; the first one that is given stays.
    pub fn tell(&self, witness: Arc<dyn Witness>) {
        let _ = self.witness.set(witness);
    }

    pub(super) fn witness(&self) -> Option<&Arc<dyn Witness>> {
        self.witness.get()
    }

    /// Ends the checks, waits for the commits that are under way, and closes all connections after they have come back.
    pub async fn close(&self) {
        self.watchers.iter().for_each(AbortHandle::abort);
        self.tails.close();
        self.tails.wait().await;
        let pools = self.cluster.hosts.iter().flat_map(|host| [&host.reads, &host.writes]);
        join_all(pools.map(pool::Pool::close)).await;
    }

    pub(super) fn is_embedded(&self) -> bool {
        self.backend == DbBackend::Sqlite
    }

    pub(super) fn statement_timeout(&self) -> Option<Duration> {
        self.statement_timeout
    }

    pub(super) fn token_life_us(&self) -> i64 {
        micros(self.token_life)
    }

    /// The database's clock, in microseconds since 1970; this machine's where the database has none or it was never asked.
    pub(super) fn clock_us(&self) -> i64 {
        self.cluster.view().database_clock().unwrap_or_else(|| Utc::now().timestamp_micros())
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        self.watchers.iter().for_each(AbortHandle::abort);
    }
}

fn bounds(config: &DatabaseConfig, replication: &ReplicationConfig, reads_replicas: bool) -> Bounds {
    Bounds {
        reads_replicas,
        token_life: Duration::from_millis(replication.token_life_ms),
        max_staleness: Duration::from_millis(replication.max_staleness_ms),
        token_wait: Duration::from_millis(replication.token_wait_ms),
        primary_wait: Duration::from_millis(config.connection_wait_ms),
    }
}

type Opened = (Arc<Cluster>, Vec<AbortHandle>);

async fn open_sqlite(config: &DatabaseConfig, replication: &ReplicationConfig, name: &str) -> anyhow::Result<Opened> {
    let (reads, writes) = pool::sqlite(config).await?;
    let host = Host::new(name.to_owned(), reads, writes, Arc::new(Life::default()));
    Ok((Arc::new(Cluster::embedded(host, bounds(config, replication, true))), Vec::new()))
}

async fn open_postgres(
    config: &DatabaseConfig,
    replication: &ReplicationConfig,
    replicas: &[&str],
    reads_replicas: bool,
) -> anyhow::Result<Opened> {
    let mut servers: Vec<PgConnectOptions> = vec![config.database_url.parse()?];
    for (index, url) in replicas.iter().enumerate() {
        servers.push(url.parse().with_context(|| format!("cannot read entry {} of REPLICA_URLS", index + 1))?);
    }
    let pace = Pace {
        interval: Duration::from_millis(replication.health_interval_ms),
        timeout: Duration::from_millis(replication.health_timeout_ms),
    };
    let wait = Duration::from_millis(config.connection_wait_ms);
    let ask = async |server: &PgConnectOptions| {
        let asked = tokio::time::timeout(wait, health::ask_once(server.clone(), pace)).await;
        asked.map_err(|_| anyhow!("no connection within {} ms", wait.as_millis()))?.map_err(anyhow::Error::from)
    };
    // The primary first: replicas that are asked after it prove to be fresh by what they have replayed since.
    let mut reports = vec![ask(&servers[0]).await];
    reports.extend(join_all(servers[1..].iter().map(ask)).await);
    let ours = our_system(&reports)?;
    let hosts = servers.iter().enumerate().map(|(index, server)| {
        let reads = if index == 0 { config.read_connections } else { replication.replica_connections };
        let life = Arc::new(Life::default());
        let pool = |purpose, connections| pool::postgres(server, purpose, connections, config, &life);
        let (reads, writes) = (pool(Purpose::Reads, reads), pool(Purpose::Writes, config.write_connections));
        Host::new(format!("{}:{}", server.get_host(), server.get_port()), reads, writes, life)
    });
    let cluster = Arc::new(Cluster::new(hosts.collect(), bounds(config, replication, reads_replicas), ours));
    for (host, server) in cluster.hosts.iter().zip(&servers) {
        if server.get_database() != servers[0].get_database() {
            let (database, expected) = (server.get_database(), servers[0].get_database());
            tracing::warn!(host = host.name, database, expected, "a replica's address names another database");
        }
    }
    for (host, report) in cluster.hosts.iter().zip(&reports) {
        match report {
            Ok(report) if report.is_standby && !report.sees_statistics => tracing::warn!(
                host = host.name,
                "the role may not see statistics, so reads with a consistency token never go to this replica: GRANT pg_read_all_stats"
            ),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(host = host.name, cause = format!("{error:#}"), "a database server is not reached")
            }
        }
    }
    cluster.started(&reports.into_iter().map(Result::ok).collect::<Vec<_>>());
    let watchers = servers
        .into_iter()
        .enumerate()
        .map(|(host, server)| tokio::spawn(health::watch(cluster.clone(), host, server, pace)).abort_handle());
    let watchers = watchers.collect();
    Ok((cluster, watchers))
}

/// The system identifier of the database: what its first server says. While that one is away, after a failover perhaps, what the
/// others agree on.
fn our_system(reports: &[anyhow::Result<Report>]) -> anyhow::Result<u64> {
    let (first, others) = reports.split_first().context("there is no server")?;
    let error = match first {
        Ok(report) => return Ok(report.system()),
        Err(error) => error,
    };
    let mut systems: Vec<u64> = others.iter().filter_map(|report| report.as_ref().ok().map(Report::system)).collect();
    systems.dedup();
    match systems[..] {
        [ours] => Ok(ours),
        [] => bail!("{error:#}"),
        _ => bail!("it is not reached, and the servers in REPLICA_URLS hold different databases"),
    }
}

/// The address without user, password and options. Of one that cannot be read nothing is told: any part may be the password.
fn describe(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.split('?').next().unwrap_or_default().to_owned();
    }
    match url.parse::<PgConnectOptions>() {
        Ok(options) => {
            let (host, port) = (options.get_host(), options.get_port());
            format!("postgres://{host}:{port}/{}", options.get_database().unwrap_or_default())
        }
        Err(_) => "postgres://…".to_owned(),
    }
}
