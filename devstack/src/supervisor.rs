//! The stack's folder, the process that outlives the owner to clear it up, and the owner's children.
//!
//! Clearing up is the supervisor's work alone (`supervisor.sh`), so that every way to the end is the same way: the pipe to
//! it closes. What is left to the owner is to reap its children, as long as it lives.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use tokio::sync::OwnedSemaphorePermit;

use crate::Result;
use crate::account::{Account, temporary_parent};

const SCRIPT: &str = include_str!("supervisor.sh");

pub(crate) struct Supervisor {
    folder: PathBuf,
    account: Option<Account>,
    household: Mutex<Option<Household>>,
}

/// What must be ended in order: close the pipe, reap the children, wait for the script, let the next stack begin.
struct Household {
    pipe: ChildStdin,
    children: HashMap<u32, Child>,
    script: Child,
    permit: Option<OwnedSemaphorePermit>,
}

impl Supervisor {
    pub(crate) fn start(permit: Option<OwnedSemaphorePermit>) -> Result<Self> {
        let account = Account::ordinary()?;
        let mut script = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "devstack-supervisor"])
            .arg(temporary_parent(account))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("start the supervisor with /bin/sh")?;
        let pipe = script.stdin.take().context("the supervisor's pipe")?;
        let mut folder = String::new();
        BufReader::new(script.stdout.take().context("the supervisor's answer")?).read_line(&mut folder)?;
        let folder = PathBuf::from(folder.trim_end());
        anyhow::ensure!(folder.is_dir(), "no folder could be made in {}", temporary_parent(account).display());
        let household = Household { pipe, children: HashMap::new(), script, permit };
        let supervisor = Self { folder, account, household: Mutex::new(Some(household)) };
        if let Some(account) = account {
            account.own(&supervisor.folder)?;
            account.own(&supervisor.folder.join("pids"))?;
        }
        Ok(supervisor)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The account that the stack's programs run as, when it isn't the owner's.
    pub(crate) fn account(&self) -> Option<Account> {
        self.account
    }

    pub(crate) fn adopt(&self, child: Child) {
        if let Some(household) = self.lock().as_mut() {
            household.children.insert(child.id(), child);
        }
    }

    /// The exit status of a child that has ended, once; its pid may belong to another process from then on.
    pub(crate) fn reap(&self, pid: u32) -> Result<Option<ExitStatus>> {
        let mut household = self.lock();
        let household = household.as_mut().context("the stack has ended")?;
        let child = household.children.get_mut(&pid).with_context(|| format!("process {pid} was reaped before"))?;
        let status = child.try_wait()?;
        if status.is_some() {
            household.children.remove(&pid);
        }
        Ok(status)
    }

    /// Ends the stack and blocks until nothing of it is left.
    pub(crate) fn end(&self) {
        let household = self.lock().take();
        if let Some(household) = household {
            household.end();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Household>> {
        self.household.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if let Some(household) = self.lock().take() {
            std::thread::spawn(move || household.end());
        }
    }
}

impl Household {
    fn end(mut self) {
        drop(self.pipe);
        // Only the exit is awaited; how a child ended is of no interest any more.
        for mut child in self.children.into_values() {
            let _ = child.wait();
        }
        let _ = self.script.wait();
        drop(self.permit);
    }
}
