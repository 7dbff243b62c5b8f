//! The stack's Redis: in memory only unless it is saved, on one port of 127.0.0.1 for life, and its faults.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::Signal;

use crate::process::Process;
use crate::proxy::Proxy;
use crate::server::Server;
use crate::supervisor::Supervisor;
use crate::{Result, port};

const READY_WITHIN: Duration = Duration::from_secs(20);

pub struct RedisServer {
    server: Server,
    port: u16,
    program: PathBuf,
    supervisor: Arc<Supervisor>,
    /// Options beyond the stack's own.
    further: Vec<String>,
}

impl RedisServer {
    pub(crate) fn new(supervisor: &Arc<Supervisor>, program: &Path) -> Result<Self> {
        let (server, port) = (Server::new("redis".to_owned()), port::free()?);
        let supervisor = Arc::clone(supervisor);
        Ok(Self { server, port, program: program.to_owned(), supervisor, further: Vec::new() })
    }

    /// A Redis beside the stack's own, which isn't started yet, with these options as well.
    pub(crate) fn beside(&self, further: &[&str]) -> Result<Self> {
        let port = port::free()?;
        let (server, supervisor) = (Server::new(format!("redis_{port}")), Arc::clone(&self.supervisor));
        let further = further.iter().map(|&option| option.to_owned()).collect();
        Ok(Self { server, port, program: self.program.clone(), supervisor, further })
    }

    /// The address, such as `redis://127.0.0.1:15000/`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id; `None` when it doesn't run. A frozen one runs.
    pub async fn pid(&self) -> Option<u32> {
        self.server.pid().await
    }

    /// Starts it on its port and waits until it answers; an error when it runs already. It is empty, or holds what was
    /// [saved](Self::save) last.
    pub async fn start(&self) -> Result<()> {
        let args = ["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let args: Vec<String> = args.map(String::from).into_iter().chain(self.further.iter().cloned()).collect();
        let spawn = || Process::spawn(&self.supervisor, "redis", self.server.name(), &self.program, &args);
        self.server.start(spawn, |_| async { self.command(&["PING"]).await.is_ok() }, READY_WITHIN).await
    }

    /// Asks it to end (SIGTERM) and waits until it is gone; an error when it doesn't run or is frozen.
    pub async fn stop(&self) -> Result<()> {
        self.server.stop(Signal::SIGTERM).await
    }

    /// Kills it with `kill -9`, frozen or not, and waits until it is gone; an error when it doesn't run.
    pub async fn kill(&self) -> Result<()> {
        self.server.kill().await
    }

    /// Stops it where it is (SIGSTOP): connections are taken by the system, and nothing is answered. An error when it
    /// doesn't run.
    pub async fn freeze(&self) -> Result<()> {
        self.server.freeze().await
    }

    /// Lets it go on where it was (SIGCONT); no effect when it isn't frozen. An error when it doesn't run.
    pub async fn thaw(&self) -> Result<()> {
        self.server.thaw().await
    }

    /// Whether it runs but is frozen.
    pub async fn is_frozen(&self) -> Result<bool> {
        self.server.is_frozen().await
    }

    /// Removes all keys of all its databases.
    pub async fn flush(&self) -> Result<()> {
        self.command(&["FLUSHALL"]).await.context("flush redis")
    }

    /// Writes what it holds to its file: every later start begins with that.
    pub async fn save(&self) -> Result<()> {
        self.command(&["SAVE"]).await.context("save redis")
    }

    /// Runs a command, such as `CONFIG SET maxmemory 1`, and waits for its answer; an error when it is refused.
    pub async fn command(&self, words: &[&str]) -> Result<()> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let mut command = redis::Cmd::new();
        words.iter().for_each(|word| {
            command.arg(*word);
        });
        Ok(command.exec_async(&mut connection).await?)
    }

    /// A proxy in front of it, on a port of its own.
    pub fn proxy(&self) -> Result<Proxy> {
        Proxy::start(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))
    }

    pub(crate) async fn ask<T: redis::FromRedisValue>(&self, command: &redis::Cmd) -> Result<T> {
        let client = redis::Client::open(self.url())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        Ok(command.query_async(&mut connection).await?)
    }
}
