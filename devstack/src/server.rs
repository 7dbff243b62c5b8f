//! A server of the stack as a process that comes and goes: what Postgres and Redis have in common.
//!
//! What it knows is checked against the process each time, so that a server which ended by itself counts as not running.

use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::sync::Mutex;

use crate::deadline::Deadline;
use crate::process::Process;
use crate::{Result, family};

/// Longer than Postgres's `wal_sender_timeout` of 60 s: a fast shutdown of a primary waits that long for a frozen replica.
const STOPPED_WITHIN: Duration = Duration::from_secs(90);
const KILLED_WITHIN: Duration = Duration::from_secs(20);

pub(crate) struct Server {
    name: String,
    /// The process; held while it starts or ends, so that two calls can't start it twice.
    process: Mutex<Option<Process>>,
}

impl Server {
    pub(crate) fn new(name: String) -> Self {
        Self { name, process: Mutex::default() }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The process id; `None` when it doesn't run.
    pub(crate) async fn pid(&self) -> Option<u32> {
        running(&mut *self.process.lock().await).ok().flatten().map(Process::pid)
    }

    /// Starts the process and waits until `is_ready` says so of its pid.
    pub(crate) async fn start<F: Future<Output = bool>>(
        &self,
        spawn: impl FnOnce() -> Result<Process>,
        is_ready: impl Fn(u32) -> F,
        within: Duration,
    ) -> Result<()> {
        let mut process = self.process.lock().await;
        anyhow::ensure!(running(&mut process)?.is_none(), "{} runs already", self.name);
        // Kept from the first moment: a caller who gives up waiting can still stop it.
        let pid = process.insert(spawn()?).pid();
        let deadline = Deadline::within(within);
        while !is_ready(pid).await {
            self.expect_running(&mut process)?;
            deadline.look_again(|| format!("{} to take connections", self.name)).await?;
        }
        // What answered may be another program on the same port.
        self.expect_running(&mut process)
    }

    /// Asks the process to end and waits until it has.
    pub(crate) async fn stop(&self, signal: Signal) -> Result<()> {
        let mut process = self.process.lock().await;
        let pid = self.running_pid(&mut process)?;
        anyhow::ensure!(!family::is_frozen(pid).await?, "{} is frozen; thaw it first, or kill it", self.name);
        family::send(pid, signal)?;
        self.await_end(&mut process, STOPPED_WITHIN).await
    }

    /// Kills the process and its children and waits until they are gone.
    pub(crate) async fn kill(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        let pid = self.running_pid(&mut process)?;
        let children = family::kill_all(pid).await?;
        self.await_end(&mut process, KILLED_WITHIN).await?;
        family::await_gone(&children).await
    }

    pub(crate) async fn freeze(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        family::freeze(self.running_pid(&mut process)?).await.map(drop)
    }

    pub(crate) async fn thaw(&self) -> Result<()> {
        let mut process = self.process.lock().await;
        family::thaw(self.running_pid(&mut process)?).await
    }

    pub(crate) async fn is_frozen(&self) -> Result<bool> {
        match self.pid().await {
            Some(pid) => family::is_frozen(pid).await,
            None => Ok(false),
        }
    }

    fn running_pid(&self, process: &mut Option<Process>) -> Result<u32> {
        running(process)?.map(Process::pid).ok_or_else(|| anyhow::anyhow!("{} doesn't run", self.name))
    }

    fn expect_running(&self, process: &mut Option<Process>) -> Result<()> {
        let Some(server) = process.as_ref() else { return Ok(()) };
        let state = server.expect_running(&self.name);
        if state.is_err() {
            *process = None;
        }
        state
    }

    async fn await_end(&self, process: &mut Option<Process>, within: Duration) -> Result<()> {
        let deadline = Deadline::within(within);
        while running(process)?.is_some() {
            deadline.look_again(|| format!("{} to end", self.name)).await?;
        }
        Ok(())
    }
}

/// The process unless it has ended; then it is forgotten.
fn running(process: &mut Option<Process>) -> Result<Option<&Process>> {
    let ended = match process.as_ref() {
        Some(server) => server.ended()?.is_some(),
        None => false,
    };
    if ended {
        *process = None;
    }
    Ok(process.as_ref())
}
