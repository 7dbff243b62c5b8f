//! CPU time as the operating system has counted it, user and system: of processes with all their threads and children.

use std::time::Duration;

use anyhow::Context;
use devstack::Stack;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::{Pid, SysconfVar, sysconf};

/// What was used since the start, or by the difference of two: between them.
#[derive(Clone, Copy, Default)]
pub struct Cpu {
    pub server: Duration,
    /// The primary and all replicas with all their back-ends.
    pub postgres: Duration,
    pub redis: Duration,
}

impl Cpu {
    /// What was used so far by servers with these process ids, and by the stack behind them.
    pub async fn read(servers: impl IntoIterator<Item = u32>, stack: &Stack) -> anyhow::Result<Self> {
        let server = servers.into_iter().map(of_family).sum::<anyhow::Result<_>>()?;
        let redis = of_process(stack.redis().context("the stack has Redis")?.pid().await.context("Redis runs")?)?;
        let mut postgres = Duration::ZERO;
        for node in std::iter::once(stack.primary()).chain(stack.replicas()) {
            postgres += of_family(node.pid().await.context("Postgres runs")?)?;
        }
        Ok(Self { server, postgres, redis })
    }

    pub fn since(self, before: Self) -> Self {
        Self {
            server: self.server.saturating_sub(before.server),
            postgres: self.postgres.saturating_sub(before.postgres),
            redis: self.redis.saturating_sub(before.redis),
        }
    }

    pub fn all(self) -> Duration {
        self.server + self.postgres + self.redis
    }
}

/// Of one process.
pub fn of_process(pid: u32) -> anyhow::Result<Duration> {
    Ok(clock_gettime(clock_getcpuclockid(Pid::from_raw(pid.try_into()?))?)?.into())
}

/// Of a process and all its children, those that have ended among them.
pub fn of_family(pid: u32) -> anyhow::Result<Duration> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    // A child that ends while this is read is counted by its parent the next time.
    let living: Duration = children.filter_map(|child| of_family(child).ok()).sum();
    Ok(of_process(pid)? + living + of_ended_children(pid)?)
}

/// What the children had used that a process has waited for, and theirs, in hundredths of a second as a rule.
fn of_ended_children(pid: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the program's name in parentheses, which may contain anything.
    let (_, fields) = stat.rsplit_once(") ").context("the name ends")?;
    let ticks = fields.split_whitespace().skip(13).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    let per_second = sysconf(SysconfVar::CLK_TCK)?.context("a second has ticks")?;
    Ok(Duration::from_secs_f64(ticks as f64 / per_second as f64))
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_an_ended_child_has_used_is_its_parents() {
        let before = of_family(std::process::id()).expect("this process exists");

        let burn = "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done; awk '/utime/ {}' /dev/null";
        assert!(Command::new("sh").args(["-c", burn]).status().expect("sh starts").success());

        let ended = of_ended_children(std::process::id()).expect("this process exists");
        assert!(ended > Duration::ZERO);
        assert!(of_family(std::process::id()).expect("this process exists") >= before + Duration::from_millis(10));
    }
}
