//! Starts the stack's programs: as the ordinary account, in a process group of their own, and recorded for the supervisor.
//!
//! The record is made by the program's own process before it becomes the program. So there is no moment at which the owner
//! may die and leave behind what the supervisor doesn't know of.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::Result;
use crate::deadline::Deadline;
use crate::supervisor::Supervisor;

const LAUNCH: &str = ": > \"pids/$$.$1\" || exit 1; shift; exec \"$@\"";
const TASK_WITHIN: Duration = Duration::from_secs(120);
const LOG_LINES: usize = 12;

pub(crate) struct Process {
    supervisor: Arc<Supervisor>,
    pid: u32,
    /// What the supervisor goes by to stop it: `postgres` is asked to stop, others are killed with their group.
    kind: &'static str,
    log: PathBuf,
}

impl Process {
    /// Starts `program` with its output in `<folder>/<name>.log`.
    pub(crate) fn spawn(
        supervisor: &Arc<Supervisor>,
        kind: &'static str,
        name: &str,
        program: &Path,
        args: &[String],
    ) -> Result<Self> {
        let log = supervisor.folder().join(format!("{name}.log"));
        let output = File::options().create(true).append(true).open(&log)?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", LAUNCH, "devstack-launch", kind])
            .arg(program)
            .args(args)
            // PG… variables of the developer would lead pg_basebackup elsewhere, and without LC_ALL Postgres doesn't start on macOS.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(supervisor.folder())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        if let Some(account) = supervisor.account() {
            account.apply(&mut command);
        }
        let child = command.spawn().with_context(|| format!("start {}", program.display()))?;
        let pid = child.id();
        supervisor.adopt(child);
        Ok(Self { supervisor: Arc::clone(supervisor), pid, kind, log })
    }

    /// Runs a program to its end; anything but success is an error with the end of its log.
    pub(crate) async fn run(
        supervisor: &Arc<Supervisor>,
        name: &'static str,
        log: &str,
        program: &Path,
        args: &[String],
    ) -> Result<()> {
        let process = Self::spawn(supervisor, name, log, program, args)?;
        let deadline = Deadline::within(TASK_WITHIN);
        let status = loop {
            if let Some(status) = process.ended()? {
                break status;
            }
            deadline.look_again(|| format!("{name} to end")).await?;
        };
        anyhow::ensure!(status.success(), "{name} failed ({status}):\n{}", process.last_log_lines());
        Ok(())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The exit status, once, when the process has ended.
    pub(crate) fn ended(&self) -> Result<Option<ExitStatus>> {
        let status = self.supervisor.reap(self.pid)?;
        if status.is_some() {
            // Another program may get this pid now, and must not be stopped with the stack.
            let record = self.supervisor.folder().join("pids").join(format!("{}.{}", self.pid, self.kind));
            let _ = fs::remove_file(record);
        }
        Ok(status)
    }

    /// An error with the end of the log when the process, a server, has ended.
    pub(crate) fn expect_running(&self, name: &str) -> Result<()> {
        match self.ended()? {
            Some(status) => anyhow::bail!("{name} ended ({status}):\n{}", self.last_log_lines()),
            None => Ok(()),
        }
    }

    pub(crate) fn last_log_lines(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}
