//! Stacks to break, connections to a stack, its processes, and waiting for a condition.

use std::process::Command;
use std::time::{Duration, Instant};

use devstack::{Result, Stack, StackOptions};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};

pub(crate) const WITHIN: Duration = Duration::from_secs(20);

pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Looks until the condition holds; panics with its name at the deadline.
pub(crate) async fn eventually(condition: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < WITHIN, "{condition}: not within {WITHIN:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A stack to break, without Redis.
pub(crate) async fn faulty(replicas: usize) -> Result<Stack> {
    Stack::faulty_with(StackOptions { replicas, redis: false, ..StackOptions::default() }).await
}

/// Whether the server at the address takes a connection and answers.
pub(crate) async fn answers(url: &str) -> bool {
    PgConnection::connect(url).await.is_ok()
}

/// The number that a statement yields.
pub(crate) async fn count(url: &str, statement: &str) -> Result<i64> {
    Ok(sqlx::query_scalar(AssertSqlSafe(statement.to_owned())).fetch_one(&mut connect(url).await).await?)
}

/// The pid and the state, such as `S` or `T`, of a process and its children that haven't ended.
pub(crate) fn family(parent: u32) -> Vec<(String, char)> {
    let listed = Command::new("ps").args(["-A", "-o", "pid=", "-o", "ppid=", "-o", "stat="]).output().expect("ps");
    let parent = parent.to_string();
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| {
            let mut columns = line.split_whitespace();
            let (pid, its_parent, state) = (columns.next()?, columns.next()?, columns.next()?.chars().next()?);
            ((pid == parent || its_parent == parent) && state != 'Z').then(|| (pid.to_owned(), state))
        })
        .collect()
}

pub(crate) fn runs(pid: &str) -> bool {
    let listed = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().expect("ps");
    let state = String::from_utf8_lossy(&listed.stdout);
    !state.trim().is_empty() && !state.starts_with('Z')
}
