//! Roles that change: a failover, and the way back of the old primary.

use devstack::{Node, Result};
use sea_orm::sqlx;

use crate::support::{connect, count, eventually, faulty};

async fn insert(node: &Node) -> Result<i64> {
    node.execute("postgres", "INSERT INTO rows VALUES (1)").await?;
    node.position().await
}

async fn rows(node: &Node) -> Result<i64> {
    count(&node.superuser_url("postgres"), "SELECT count(*) FROM rows").await
}

async fn slots(node: &Node) -> Result<i64> {
    count(&node.superuser_url("postgres"), "SELECT count(*) FROM pg_replication_slots WHERE active").await
}

#[tokio::test]
async fn after_a_failover_replica_and_old_primary_follow_the_new_one() -> Result<()> {
    let stack = faulty(2).await?;
    let (old, [new, other]) = (stack.primary(), stack.replicas()) else { panic!("two replicas") };
    old.execute("postgres", "CREATE TABLE rows (id int)").await?;
    stack.await_replay().await?;
    old.kill().await?;
    new.promote().await?;

    other.follow(new).await?;
    other.await_replayed(insert(new).await?).await?;

    assert_eq!(rows(other).await?, 1);
    let port = old.port();
    old.rejoin(new).await?;
    assert_eq!(old.port(), port);
    assert!(!old.is_writable().await?);
    old.await_replayed(insert(new).await?).await?;
    assert_eq!(rows(old).await?, 2);
    assert_eq!(slots(new).await?, 2);

    // And back: the slot of the way there is still on the new one, and the old one's data is made anew.
    new.stop().await?;
    old.promote().await?;
    other.follow(old).await?;
    new.rejoin(old).await?;
    new.await_replayed(insert(old).await?).await?;
    assert_eq!(rows(new).await?, 3);
    stack.stop().await
}

#[tokio::test]
async fn a_replica_follows_another_replica() -> Result<()> {
    let stack = faulty(2).await?;
    let [middle, end] = stack.replicas() else { panic!("two replicas") };
    stack.primary().execute("postgres", "CREATE TABLE rows (id int)").await?;

    end.follow(middle).await?;

    end.await_replayed(insert(stack.primary()).await?).await?;
    assert_eq!(rows(end).await?, 1);
    assert_eq!(slots(middle).await?, 1);
    eventually("it has left the primary", async || slots(stack.primary()).await.expect("an answer") == 1).await;
    end.kill().await?;
    end.rejoin(middle).await?;
    end.await_replayed(insert(stack.primary()).await?).await?;
    stack.stop().await
}

#[tokio::test]
async fn nodes_that_cannot_follow_say_why() -> Result<()> {
    let stack = faulty(1).await?;
    let (primary, replica) = (stack.primary(), &stack.replicas()[0]);

    let writable = primary.follow(replica).await.expect_err("it is writable");
    let running = replica.rejoin(primary).await.expect_err("it runs");
    let itself = replica.follow(replica).await.expect_err("no chain has an end in itself");
    replica.pause_replay().await?;
    let paused = replica.follow(primary).await.expect_err("it is paused");

    assert_eq!(writable.to_string(), "primary is writable; stop it and let it rejoin replica_1");
    assert_eq!(running.to_string(), "replica_1 runs; stop it or kill it first");
    assert_eq!(itself.to_string(), "replica_1 can't follow itself");
    assert_eq!(paused.to_string(), "the replay of replica_1 is paused; resume it first");
    stack.stop().await
}

#[tokio::test]
async fn a_synchronous_commit_waits_for_its_standby_and_an_asynchronous_one_does_not() -> Result<()> {
    let stack = faulty(1).await?;
    let replica = &stack.replicas()[0];
    stack.primary().execute("postgres", "CREATE TABLE rows (id int)").await?;
    stack.set_synchronous("FIRST 1 (replica_1)").await?;
    insert(stack.primary()).await?;
    replica.freeze().await?;

    let url = stack.superuser_url("postgres");
    let commit = tokio::spawn({
        let url = url.clone();
        async move { sqlx::raw_sql("INSERT INTO rows VALUES (2)").execute(&mut connect(&url).await).await }
    });

    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    eventually("the commit waits", async || count(&url, waiting).await.expect("an answer") == 1).await;
    assert!(!commit.is_finished());
    stack.set_synchronous("").await?;
    commit.await??;
    insert(stack.primary()).await?;
    replica.thaw().await?;
    stack.await_replay().await?;
    assert_eq!(rows(replica).await?, 3);
    stack.stop().await
}

#[tokio::test]
async fn nodes_are_found_by_name() -> Result<()> {
    let stack = devstack::Stack::shared().await?;

    assert_eq!(stack.node("primary").map(Node::port), Some(stack.primary().port()));
    assert_eq!(stack.node("replica_2").map(Node::port), Some(stack.replicas()[1].port()));
    assert!(stack.node("replica_3").is_none());
    Ok(())
}
