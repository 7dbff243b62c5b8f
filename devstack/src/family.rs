//! Signals to a server and its children as one: Postgres's back-ends are process groups of their own, so that no single
//! signal reaches them all, and a postmaster that runs makes new ones meanwhile.
//!
//! The list is read from `ps`, which Linux and macOS have alike.

use std::time::Duration;

use anyhow::Context;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;

use crate::Result;
use crate::deadline::Deadline;

const FROZEN_WITHIN: Duration = Duration::from_secs(20);
const GONE_WITHIN: Duration = Duration::from_secs(20);

struct Member {
    pid: u32,
    parent: u32,
    state: char,
}

impl Member {
    fn is_frozen(&self) -> bool {
        self.state == 'T'
    }

    /// Ended, but its parent hasn't asked for its exit status yet.
    fn is_zombie(&self) -> bool {
        self.state == 'Z'
    }
}

/// Freezes the process and its children; returns the pids of the children.
///
/// A frozen parent makes no more children, but the signal takes a moment: so it looks until all it sees are frozen.
pub(crate) async fn freeze(parent: u32) -> Result<Vec<u32>> {
    let deadline = Deadline::within(FROZEN_WITHIN);
    loop {
        let members = members(parent).await?;
        let running: Vec<u32> = members.iter().filter(|member| !member.is_frozen()).map(|member| member.pid).collect();
        if running.is_empty() {
            return Ok(members.into_iter().map(|member| member.pid).filter(|pid| *pid != parent).collect());
        }
        for pid in running {
            send(pid, Signal::SIGSTOP)?;
        }
        deadline.look_again(|| format!("process {parent} and its children to stand still")).await?;
    }
}

/// Lets a frozen process and its children go on.
pub(crate) async fn thaw(parent: u32) -> Result<()> {
    for member in members(parent).await? {
        send(member.pid, Signal::SIGCONT)?;
    }
    Ok(())
}

/// Kills the process and its children while they are frozen: none of them sees another one die. Returns the pids of the
/// children.
///
/// The parent goes last: were the owner to die half-way, the supervisor would still find the children by their parent.
pub(crate) async fn kill_all(parent: u32) -> Result<Vec<u32>> {
    let children = freeze(parent).await?;
    for child in &children {
        send(*child, Signal::SIGKILL)?;
    }
    send(parent, Signal::SIGKILL)?;
    Ok(children)
}

/// Waits until none of the processes runs; one that has ended but isn't reaped yet counts as gone.
pub(crate) async fn await_gone(pids: &[u32]) -> Result<()> {
    let deadline = Deadline::within(GONE_WITHIN);
    while list().await?.iter().any(|member| pids.contains(&member.pid) && !member.is_zombie()) {
        deadline.look_again(|| format!("the processes {pids:?} to end")).await?;
    }
    Ok(())
}

pub(crate) async fn is_frozen(pid: u32) -> Result<bool> {
    Ok(list().await?.iter().any(|member| member.pid == pid && member.is_frozen()))
}

/// Sends a signal; that the process has just ended is no error.
pub(crate) fn send(pid: u32, signal: Signal) -> Result<()> {
    match kill(Pid::from_raw(pid.try_into()?), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(error).with_context(|| format!("send {signal} to process {pid}")),
    }
}

/// The process and its children, without those that have ended.
async fn members(parent: u32) -> Result<Vec<Member>> {
    let mut members = list().await?;
    members.retain(|member| (member.pid == parent || member.parent == parent) && !member.is_zombie());
    Ok(members)
}

async fn list() -> Result<Vec<Member>> {
    let listed =
        Command::new("ps").args(["-A", "-o", "pid=", "-o", "ppid=", "-o", "stat="]).output().await.context("run ps")?;
    anyhow::ensure!(listed.status.success(), "ps failed ({})", listed.status);
    Ok(String::from_utf8_lossy(&listed.stdout).lines().filter_map(member).collect())
}

fn member(line: &str) -> Option<Member> {
    let mut columns = line.split_whitespace();
    let (pid, parent) = (columns.next()?.parse().ok()?, columns.next()?.parse().ok()?);
    Some(Member { pid, parent, state: columns.next()?.chars().next()? })
}
