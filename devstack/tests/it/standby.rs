//! Faults of replication, as a reader of the replicas sees them.

use std::time::Duration;

use devstack::{Node, Result, Stack};

use crate::support::{answers, count, eventually, faulty};

const ROWS: &str = "SELECT count(*) FROM rows";

/// A table on all nodes, empty.
async fn with_table(replicas: usize) -> Result<Stack> {
    let stack = faulty(replicas).await?;
    stack.primary().execute("postgres", "CREATE TABLE rows (id int)").await?;
    stack.await_replay().await?;
    Ok(stack)
}

/// Inserts a row on a writable node, and returns the position behind it.
async fn insert(node: &Node) -> Result<i64> {
    node.execute("postgres", "INSERT INTO rows VALUES (1)").await?;
    node.position().await
}

async fn rows(node: &Node) -> Result<i64> {
    count(&node.superuser_url("postgres"), ROWS).await
}

/// Waits until a standby has received, not replayed, up to the position.
async fn await_received(standby: &Node, position: i64) {
    let received = "SELECT (pg_last_wal_receive_lsn() - '0/0')::bigint";
    let url = standby.superuser_url("postgres");
    eventually("the standby receives", async || count(&url, received).await.expect("an answer") >= position).await;
}

#[tokio::test]
async fn paused_replay_keeps_rows_away_until_it_is_resumed() -> Result<()> {
    let stack = with_table(2).await?;
    let [paused, other] = stack.replicas() else { panic!("two replicas") };

    paused.pause_replay().await?;
    let position = insert(stack.primary()).await?;
    other.await_replayed(position).await?;
    await_received(paused, position).await;

    assert_eq!(rows(paused).await?, 0);
    assert!(paused.replayed().await? < position);
    paused.resume_replay().await?;
    paused.await_replayed(position).await?;
    assert_eq!(rows(paused).await?, 1);
    stack.stop().await
}

#[tokio::test]
async fn delayed_replay_keeps_commits_away_until_the_delay_is_taken_away() -> Result<()> {
    let stack = with_table(1).await?;
    let replica = &stack.replicas()[0];

    replica.set_apply_delay(Duration::from_secs(3600)).await?;
    let position = insert(stack.primary()).await?;
    await_received(replica, position).await;

    assert_eq!(rows(replica).await?, 0);
    replica.set_apply_delay(Duration::ZERO).await?;
    replica.await_replayed(position).await?;
    assert_eq!(rows(replica).await?, 1);
    stack.stop().await
}

#[tokio::test]
async fn a_promoted_replica_takes_writes() -> Result<()> {
    let stack = with_table(1).await?;
    let (primary, replica) = (stack.primary(), &stack.replicas()[0]);
    assert!(primary.is_writable().await?);
    assert!(!replica.is_writable().await?);
    primary.kill().await?;

    replica.promote().await?;

    assert!(replica.is_writable().await?);
    insert(replica).await?;
    assert_eq!(rows(replica).await?, 1);
    stack.stop().await
}

#[tokio::test]
async fn a_standby_starts_without_its_upstream() -> Result<()> {
    let stack = faulty(1).await?;
    let replica = &stack.replicas()[0];
    replica.stop().await?;
    stack.primary().stop().await?;

    replica.start().await?;

    assert!(answers(&replica.url("postgres")).await);
    assert!(!replica.is_writable().await?);
    stack.primary().start().await?;
    stack.await_replay().await?;
    stack.stop().await
}

#[tokio::test]
async fn replicas_that_do_not_run_are_not_waited_for() -> Result<()> {
    let stack = with_table(2).await?;
    let [killed, running] = stack.replicas() else { panic!("two replicas") };
    killed.kill().await?;

    insert(stack.primary()).await?;
    stack.await_replay().await?;

    assert_eq!(rows(running).await?, 1);
    killed.start().await?;
    stack.await_replay().await?;
    assert_eq!(rows(killed).await?, 1);
    stack.stop().await
}

#[tokio::test]
async fn a_fault_in_the_wrong_role_is_an_error() -> Result<()> {
    let stack = Stack::shared().await?;

    let paused = stack.primary().pause_replay().await.expect_err("it replays nothing");
    let replayed = stack.primary().replayed().await.expect_err("it replays nothing");
    let position = stack.replicas()[0].position().await.expect_err("it writes no log");

    assert!(format!("{paused:#}").starts_with("pause the replay of primary: "), "{paused:#}");
    assert_eq!(replayed.to_string(), "primary replays nothing: it is no standby");
    assert!(format!("{position:#}").starts_with("ask replica_1 for its position: "), "{position:#}");
    Ok(())
}
