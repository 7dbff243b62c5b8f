//! Databases, templates and clones.

use devstack::{Result, Stack};
use futures_util::future::try_join_all;
use sea_orm::sqlx;

use crate::support::{connect, eventually};

/// Makes one table with one row, and leaves its connection open, as a pool does that is dropped and not closed.
async fn migrate(url: String) -> Result<()> {
    let mut connection = connect(&url).await;
    sqlx::raw_sql("CREATE TABLE marks (id int PRIMARY KEY); INSERT INTO marks VALUES (7)")
        .execute(&mut connection)
        .await?;
    std::mem::forget(connection);
    Ok(())
}

async fn mark(url: &str) -> Result<i32> {
    Ok(sqlx::query_scalar("SELECT id FROM marks").fetch_one(&mut connect(url).await).await?)
}

#[tokio::test]
async fn a_clone_is_on_every_replica_when_the_call_returns() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_template("plain", migrate).await?;

    stack.clone_database("plain", "plain_1").await?;

    for url in stack.replica_urls("plain_1") {
        assert_eq!(mark(&url).await?, 7);
    }
    Ok(())
}

#[tokio::test]
async fn parallel_clones_all_work_and_are_apart() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_template("parallel", migrate).await?;
    let names: Vec<String> = (0..12).map(|n| format!("parallel_{n}")).collect();

    try_join_all(names.iter().map(|name| stack.clone_database("parallel", name))).await?;

    let mut first = connect(&stack.primary_url("parallel_0")).await;
    sqlx::raw_sql("UPDATE marks SET id = 8").execute(&mut first).await?;
    stack.await_replay().await?;
    for name in &names {
        let expected = if name == "parallel_0" { 8 } else { 7 };
        for url in stack.replica_urls(name) {
            assert_eq!(mark(&url).await?, expected, "{name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_template_is_migrated_once_for_all_callers() -> Result<()> {
    let stack = Stack::shared().await?;

    // The table can't be made twice, so a second migration would fail.
    try_join_all((0..8).map(|_| stack.create_template("once", migrate))).await?;

    stack.clone_database("once", "once_1").await?;
    assert_eq!(mark(&stack.primary_url("once_1")).await?, 7);
    Ok(())
}

#[tokio::test]
async fn a_failed_migration_says_so_and_may_be_tried_again() -> Result<()> {
    let stack = Stack::shared().await?;

    let failed = stack.create_template("second_try", async |_| anyhow::bail!("no such column")).await;
    stack.create_template("second_try", migrate).await?;

    let error = format!("{:#}", failed.expect_err("the migration failed"));
    assert_eq!(error, "migrate the template second_try: no such column");
    Ok(())
}

#[tokio::test]
async fn a_clone_waits_for_sessions_on_its_template_to_end() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_database("busy").await?;
    let session = connect(&stack.primary_url("busy")).await;

    let clone = stack.clone_database("busy", "busy_1");
    let end_once_it_waits = async {
        let mut superuser = connect(&stack.superuser_url("postgres")).await;
        eventually("the clone waits", async || {
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE \"busy_1\"%'";
            sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut superuser).await.is_ok_and(|count| count > 0)
        })
        .await;
        drop(session);
    };

    let (cloned, ()) = tokio::join!(clone, end_once_it_waits);
    cloned
}

#[tokio::test]
async fn a_dropped_database_is_gone_in_spite_of_sessions() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_database("short_lived").await?;
    let _session = connect(&stack.primary_url("short_lived")).await;

    stack.drop_database("short_lived").await?;

    let mut superuser = connect(&stack.superuser_url("postgres")).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = 'short_lived'")
        .fetch_one(&mut superuser)
        .await?;
    assert_eq!(left, 0);
    Ok(())
}

#[tokio::test]
async fn names_that_need_quoting_are_refused() -> Result<()> {
    let stack = Stack::shared().await?;

    for name in ["", "Upper", "a\"b", "a b", &"x".repeat(64)] {
        assert!(stack.create_database(name).await.is_err(), "{name:?}");
    }
    Ok(())
}

#[test]
fn the_shared_stack_outlives_the_runtime_that_started_it() -> Result<()> {
    let once = |name: &'static str| -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { Stack::shared().await?.create_database(name).await })
    };

    once("first_runtime")?;
    once("second_runtime")
}
