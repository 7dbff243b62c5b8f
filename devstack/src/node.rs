//! One Postgres server of the stack, the primary or a replica: its process, its addresses, its readiness.
//!
//! A node keeps its name, port and data folder for life; what role it plays is the server's own knowledge.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sea_orm::sqlx::{ConnectOptions, Connection};
use tokio::sync::Mutex;

use crate::deadline::Deadline;
use crate::process::Process;
use crate::programs::Programs;
use crate::supervisor::Supervisor;
use crate::{Result, cluster, port};

const READY_WITHIN: Duration = Duration::from_secs(60);

pub struct Node {
    name: String,
    port: u16,
    supervisor: Arc<Supervisor>,
    programs: Arc<Programs>,
    /// The running server; held while it starts, so that two calls can't start it twice.
    process: Mutex<Option<Process>>,
}

impl Node {
    pub(crate) fn new(name: String, supervisor: &Arc<Supervisor>, programs: &Arc<Programs>) -> Result<Self> {
        Ok(Self {
            name,
            port: port::free()?,
            supervisor: Arc::clone(supervisor),
            programs: Arc::clone(programs),
            process: Mutex::default(),
        })
    }

    /// `primary`, or `replica_1` and on: its `cluster_name`, its replication slot, the `application_name` of its receiver.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process id; `None` when it doesn't run.
    pub async fn pid(&self) -> Option<u32> {
        self.process.lock().await.as_ref().map(Process::pid)
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

    /// Starts the server and waits until it takes connections (on a replica: read-only ones).
    pub(crate) async fn start(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        anyhow::ensure!(process.is_none(), "{} is running", self.name);
        let program = self.programs.postgres("postgres");
        let server = Process::spawn(&self.supervisor, "postgres", &self.name, &program, &self.server_args())?;
        let deadline = Deadline::within(READY_WITHIN);
        while !self.is_ready(server.pid()) {
            server.expect_running(&self.name)?;
            deadline.look_again(|| format!("{} to take connections", self.name)).await?;
        }
        *process = Some(server);
        Ok(())
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
        PgConnection::connect_with(&options).await.with_context(|| format!("connect to {} as superuser", self.name))
    }

    pub(crate) fn data_folder(&self) -> PathBuf {
        self.supervisor.folder().join(&self.name)
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
            format!("cluster_name={}", self.name),
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
