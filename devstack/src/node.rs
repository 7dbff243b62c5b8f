//! One Postgres server of the stack, the primary or a replica: its process, its addresses, its readiness.
//!
//! A node keeps its name, port and data folder for life; what role it plays is the server's own knowledge.

use std::fs;
use std::future::ready;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::Signal;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sea_orm::sqlx::{ConnectOptions, Connection};

use crate::process::Process;
use crate::programs::Programs;
use crate::server::Server;
use crate::supervisor::Supervisor;
use crate::{Result, cluster, port};

const READY_WITHIN: Duration = Duration::from_secs(60);
/// A frozen server takes the connection and never answers.
const CONNECTED_WITHIN: Duration = Duration::from_secs(10);
/// Postgres's fast shutdown: sessions are ended, and no client is waited for.
const FAST_SHUTDOWN: Signal = Signal::SIGINT;

pub struct Node {
    server: Server,
    port: u16,
    supervisor: Arc<Supervisor>,
    programs: Arc<Programs>,
}

impl Node {
    pub(crate) fn new(name: String, supervisor: &Arc<Supervisor>, programs: &Arc<Programs>) -> Result<Self> {
        Ok(Self {
            server: Server::new(name),
            port: port::free()?,
            supervisor: Arc::clone(supervisor),
            programs: Arc::clone(programs),
        })
    }

    /// `primary`, or `replica_1` and on: its `cluster_name`, its replication slot, the `application_name` of its receiver.
    pub fn name(&self) -> &str {
        self.server.name()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the postmaster; `None` when it doesn't run. A frozen one runs.
    pub async fn pid(&self) -> Option<u32> {
        self.server.pid().await
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The address of a database on this node, for the ordinary role that the server uses.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}@127.0.0.1:{}/{database}", cluster::ORDINARY_ROLE, self.port)
    }

    /// The address for the superuser, over a unix socket that only this stack's owner can reach.
    pub fn superuser_url(&self, database: &str) -> String {
        let (role, port, sockets) = (cluster::SUPERUSER, self.port, self.socket_folder());
        format!("postgres://{role}@localhost:{port}/{database}?host={}", sockets.display())
    }

    /// Starts the server on its port and waits until it takes connections: read-only ones on a standby, which needs no
    /// upstream for that.
    ///
    /// After a kill, it recovers from its log first. An error with the end of the server's log when it doesn't start, or when
    /// it runs already.
    pub async fn start(&self) -> Result<()> {
        let spawn = || {
            let program = self.programs.postgres("postgres");
            Process::spawn(&self.supervisor, "postgres", self.name(), &program, &self.server_args())
        };
        self.server.start(spawn, |pid| ready(self.is_ready(pid)), READY_WITHIN).await
    }

    /// Stops the server by Postgres's fast shutdown, which ends all sessions, and waits until it is gone.
    ///
    /// A primary first hands its log to the standbys that stream from it; for one that is frozen, it waits until
    /// `wal_sender_timeout` (60 s). An error when it doesn't run or is frozen.
    pub async fn stop(&self) -> Result<()> {
        self.server.stop(FAST_SHUTDOWN).await
    }

    /// [`Node::stop`], then [`Node::start`].
    pub async fn restart(&self) -> Result<()> {
        self.stop().await?;
        self.start().await
    }

    /// A superuser's connection; it belongs to the caller's runtime and is not kept.
    pub(crate) async fn connect(&self, database: &str) -> Result<PgConnection> {
        let options = PgConnectOptions::new_without_pgpass()
            .socket(self.socket_folder())
            .port(self.port)
            .username(cluster::SUPERUSER)
            .database(database)
            .application_name("devstack")
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging();
        let connected = tokio::time::timeout(CONNECTED_WITHIN, PgConnection::connect_with(&options)).await;
        connected
            .with_context(|| format!("{} doesn't answer within {} s", self.name(), CONNECTED_WITHIN.as_secs()))?
            .with_context(|| format!("connect to {} as superuser", self.name()))
    }

    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    pub(crate) fn data_folder(&self) -> PathBuf {
        self.supervisor.folder().join(self.name())
    }

    pub(crate) fn supervisor(&self) -> &Arc<Supervisor> {
        &self.supervisor
    }

    pub(crate) fn programs(&self) -> &Programs {
        &self.programs
    }

    fn socket_folder(&self) -> &Path {
        self.supervisor.folder()
    }

    /// What differs between nodes is said here and not in postgresql.conf, which replicas copy from the primary.
    fn server_args(&self) -> Vec<String> {
        let settings = [
            format!("port={}", self.port),
            format!("cluster_name={}", self.name()),
            format!("unix_socket_directories={}", self.socket_folder().display()),
        ];
        let mut args = vec!["-D".to_owned(), self.data_folder().display().to_string()];
        args.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        args
    }

    /// The server writes its pid in the first line of postmaster.pid and its state in the eighth; a file that a crash left
    /// has another pid.
    fn is_ready(&self, pid: u32) -> bool {
        let lock = fs::read_to_string(self.data_folder().join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<&str> = lock.lines().map(str::trim).collect();
        lines.first() == Some(&pid.to_string().as_str()) && lines.get(7) == Some(&"ready")
    }
}
