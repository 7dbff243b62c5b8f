//! Faults of one Postgres server, and that it recovers from them.

use devstack::{Node, Result};
use sea_orm::sqlx;

use crate::support::{answers, connect, count, eventually, family, faulty, runs};

const SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";

async fn pid(node: &Node) -> u32 {
    node.pid().await.expect("it runs")
}

#[tokio::test]
async fn a_stopped_node_refuses_connections_and_returns_on_its_port() -> Result<()> {
    let stack = faulty(0).await?;
    let primary = stack.primary();
    let url = primary.url("postgres");

    primary.stop().await?;

    assert!(primary.pid().await.is_none());
    let error = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.expect_err("nothing listens");
    assert!(format!("{error:?}").contains("ConnectionRefused"), "{error:?}");
    let again = primary.stop().await.expect_err("it doesn't run");
    assert_eq!(again.to_string(), "primary doesn't run");

    primary.start().await?;
    assert!(answers(&url).await);
    let again = primary.start().await.expect_err("it runs");
    assert_eq!(again.to_string(), "primary runs already");
    primary.restart().await?;
    assert!(answers(&url).await);
    stack.stop().await
}

#[tokio::test]
async fn a_killed_primary_loses_its_processes_and_keeps_what_was_committed() -> Result<()> {
    let stack = faulty(1).await?;
    let primary = stack.primary();
    let mut session = connect(&stack.superuser_url("postgres")).await;
    sqlx::raw_sql("CREATE TABLE kept AS SELECT 1 AS id").execute(&mut session).await?;
    let processes = family(pid(primary).await);

    primary.kill().await?;

    assert!(processes.len() > 5, "{processes:?}");
    assert!(!processes.iter().any(|(pid, _)| runs(pid)));
    assert!(sqlx::raw_sql("SELECT 1").execute(&mut session).await.is_err());
    primary.start().await?;
    assert_eq!(count(&stack.superuser_url("postgres"), "SELECT count(*) FROM kept").await?, 1);
    stack.await_replay().await?;
    stack.stop().await
}

#[tokio::test]
async fn a_frozen_server_can_be_killed_and_started() -> Result<()> {
    let stack = faulty(1).await?;
    let replica = &stack.replicas()[0];
    replica.freeze().await?;

    replica.kill().await?;
    replica.start().await?;

    stack.await_replay().await?;
    stack.stop().await
}

#[tokio::test]
async fn a_crashed_back_end_ends_all_sessions_and_the_postmaster_stays() -> Result<()> {
    let stack = faulty(1).await?;

    for node in [stack.primary(), &stack.replicas()[0]] {
        let before = pid(node).await;
        let mut session = connect(&node.url("postgres")).await;

        node.crash_back_end().await?;

        assert_eq!(pid(node).await, before);
        assert!(sqlx::raw_sql("SELECT 1").execute(&mut session).await.is_err());
        assert!(answers(&node.url("postgres")).await);
    }
    stack.stop().await
}

#[tokio::test]
async fn a_frozen_server_answers_nothing_until_it_is_thawed() -> Result<()> {
    let stack = faulty(0).await?;
    let primary = stack.primary();
    let mut session = connect(&primary.url("postgres")).await;

    primary.freeze().await?;
    let query = tokio::spawn(async move { sqlx::raw_sql("SELECT 1").execute(&mut session).await });
    // The system takes the connection, the server doesn't answer it.
    tokio::net::TcpStream::connect(primary.address()).await?;

    let states = family(pid(primary).await);
    assert!(states.len() > 5 && states.iter().all(|(_, state)| *state == 'T'), "{states:?}");
    assert!(primary.is_frozen().await?);
    assert!(!query.is_finished());
    let refused = primary.stop().await.expect_err("it hears nothing");
    assert_eq!(refused.to_string(), "primary is frozen; thaw it first, or kill it");

    primary.thaw().await?;
    assert!(!primary.is_frozen().await?);
    query.await??;
    stack.stop().await
}

#[tokio::test]
async fn terminated_sessions_are_counted_and_other_databases_are_spared() -> Result<()> {
    let stack = faulty(0).await?;
    stack.create_database("ended").await?;
    let mut spared = connect(&stack.primary_url("postgres")).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(connect(&stack.primary_url("ended")).await);
    }

    let ended = stack.primary().terminate_back_ends("ended").await?;

    assert_eq!(ended, 3);
    for mut session in sessions {
        assert!(sqlx::raw_sql("SELECT 1").execute(&mut session).await.is_err());
    }
    sqlx::raw_sql("SELECT 1").execute(&mut spared).await?;
    assert_eq!(count(&stack.superuser_url("ended"), SESSIONS).await?, 1);
    assert_eq!(stack.primary().terminate_back_ends("no_such_database").await?, 0);
    stack.stop().await
}

#[tokio::test]
async fn a_server_killed_by_somebody_else_counts_as_not_running() -> Result<()> {
    let stack = faulty(0).await?;
    let primary = stack.primary();
    let processes = family(pid(primary).await);

    assert!(std::process::Command::new("kill").args(["-KILL", &pid(primary).await.to_string()]).status()?.success());

    eventually("it is noticed", async || primary.pid().await.is_none()).await;
    eventually("its children have followed", async || !processes.iter().any(|(pid, _)| runs(pid))).await;
    primary.start().await?;
    stack.stop().await
}
