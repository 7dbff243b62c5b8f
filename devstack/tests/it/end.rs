//! However its owner ends, no process and no folder of a stack is left.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use devstack::Result;

use crate::support::{eventually, family, faulty, runs};

/// The devstack command, started and ready.
struct Owner {
    child: Child,
    folder: PathBuf,
    pids: Vec<String>,
}

impl Owner {
    fn start() -> Result<Self> {
        let mut child = command().stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let ready = lines.map_while(|line| line.ok()).find(|line| line.starts_with("ready")).expect("it gets ready");
        let folder = ready.split_once("?host=").expect("the socket's folder").1;
        let folder = PathBuf::from(folder);
        let pids = recorded(&folder);
        assert_eq!(pids.len(), 3, "primary, replica and Redis: {pids:?}");
        Ok(Self { child, folder, pids })
    }

    async fn is_gone(&mut self, how: &str) {
        eventually(&format!("after {how} the folder is removed"), async || !self.folder.exists()).await;
        eventually(&format!("after {how} the processes have ended"), async || !self.pids.iter().any(|pid| runs(pid)))
            .await;
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_devstack"));
    command.args(["up", "--replicas", "1"]).stdin(Stdio::null());
    command
}

/// The processes that the stack has recorded as running.
fn recorded(folder: &Path) -> Vec<String> {
    let records = std::fs::read_dir(folder.join("pids")).expect("the records");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
    records.filter_map(name).map(|name| name.split('.').next().unwrap_or_default().to_owned()).collect()
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn command_lines() -> String {
    let listed = Command::new("ps").args(["-A", "-o", "args="]).output().expect("ps");
    String::from_utf8_lossy(&listed.stdout).into_owned()
}

fn send(signal: &str, pid: u32) {
    let sent = Command::new("kill").args([signal, &pid.to_string()]).status().expect("kill");
    assert!(sent.success());
}

#[tokio::test]
async fn a_killed_owner_leaves_nothing() -> Result<()> {
    let mut owner = Owner::start()?;

    owner.child.kill()?;
    owner.child.wait()?;

    owner.is_gone("kill -9").await;
    Ok(())
}

#[tokio::test]
async fn an_owner_killed_while_it_starts_leaves_nothing() -> Result<()> {
    for moment in ["pids", "initdb_primary.log", "primary.log", "pg_basebackup_replica_1.log", "replica_1.log"] {
        let parent =
            tempfile::Builder::new().prefix("devstack-test-").permissions(Permissions::from_mode(0o755)).tempdir()?;
        let mut child = command().env("TMPDIR", parent.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        eventually(moment, async || folders(parent.path()).iter().any(|folder| folder.join(moment).exists())).await;

        child.kill()?;
        child.wait()?;

        let path = parent.path().to_string_lossy();
        eventually(&format!("killed at {moment}: no folder"), async || folders(parent.path()).is_empty()).await;
        eventually(&format!("killed at {moment}: no process"), async || !command_lines().contains(&*path)).await;
    }
    Ok(())
}

#[tokio::test]
async fn an_interrupted_owner_ends_well_and_leaves_nothing() -> Result<()> {
    let mut owner = Owner::start()?;

    send("-INT", owner.child.id());
    let status = owner.child.wait()?;

    assert!(status.success(), "{status}");
    assert!(!owner.folder.exists());
    owner.is_gone("Ctrl-C").await;
    Ok(())
}

#[tokio::test]
async fn frozen_and_killed_servers_are_cleared_up_too() -> Result<()> {
    let stack = faulty(2).await?;
    let folder = stack.folder().to_owned();
    let pids = recorded(&folder);
    send("-STOP", stack.replicas()[0].pid().await.expect("it runs"));
    send("-KILL", stack.replicas()[1].pid().await.expect("it runs"));

    stack.stop().await?;

    assert!(!folder.exists());
    assert!(!pids.iter().any(|pid| runs(pid)));
    Ok(())
}

#[tokio::test]
async fn frozen_back_ends_are_cleared_up_too() -> Result<()> {
    let stack = faulty(1).await?;
    let folder = stack.folder().to_owned();
    let mut pids = Vec::new();
    for node in [stack.primary(), &stack.replicas()[0]] {
        node.freeze().await?;
        pids.extend(family(node.pid().await.expect("it runs")));
    }
    assert!(pids.len() > 6, "two postmasters and their children: {pids:?}");
    // A postmaster that runs, whose children don't.
    send("-CONT", stack.primary().pid().await.expect("it runs"));

    let begin = Instant::now();
    stack.stop().await?;

    // A postmaster kills children that don't hear it after 5 s: these were thawed and have heard.
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!(!folder.exists());
    assert!(!pids.iter().any(|(pid, _)| runs(pid)));
    Ok(())
}
