//! What a started stack is: a primary that replicas follow, an ordinary role, a Redis that answers.

use devstack::{Result, Stack, StackOptions};
use sea_orm::sqlx;

use crate::support::{connect, eventually};

#[tokio::test]
async fn a_row_reaches_every_replica() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_database("rows").await?;
    let mut primary = connect(&stack.primary_url("rows")).await;

    sqlx::raw_sql("CREATE TABLE greetings (text text); INSERT INTO greetings VALUES ('hello')")
        .execute(&mut primary)
        .await?;
    stack.await_replay().await?;

    assert_eq!(stack.replica_urls("rows").len(), 2);
    for url in stack.replica_urls("rows") {
        let text: String = sqlx::query_scalar("SELECT text FROM greetings").fetch_one(&mut connect(&url).await).await?;
        assert_eq!(text, "hello");
    }
    Ok(())
}

#[tokio::test]
async fn replicas_are_in_recovery_and_refuse_writes() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_database("read_only").await?;

    for url in stack.replica_urls("read_only") {
        let mut replica = connect(&url).await;
        let recovering: bool = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut replica).await?;
        let write = sqlx::raw_sql("CREATE TABLE stray (id int)").execute(&mut replica).await;

        assert!(recovering);
        let error = write.expect_err("a replica took a write");
        let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
        assert_eq!(code.as_deref(), Some("25006"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn replicas_stream_through_slots_of_their_own_names() -> Result<()> {
    let stack = Stack::shared().await?;
    let mut superuser = connect(&stack.superuser_url("postgres")).await;

    let slots = "SELECT slot_name::text, application_name FROM pg_replication_slots
         JOIN pg_stat_replication ON pid = active_pid WHERE state = 'streaming' ORDER BY 1";
    let expected = ["replica_1", "replica_2"].map(|name| (name.to_owned(), name.to_owned()));

    // A sender that has just caught up says `catchup` a moment longer.
    eventually("both replicas stream through their slots", async || {
        let streaming: Vec<(String, String)> =
            sqlx::query_as(slots).fetch_all(&mut superuser).await.expect("the slots");
        streaming == expected
    })
    .await;
    let names: Vec<_> = stack.replicas().iter().map(devstack::Node::name).collect();
    assert_eq!(names, ["replica_1", "replica_2"]);
    Ok(())
}

#[tokio::test]
async fn the_server_role_is_ordinary_and_sees_the_receivers_timeline() -> Result<()> {
    let stack = Stack::shared().await?;
    stack.create_database("ordinary").await?;
    let mut server = connect(&stack.primary_url("ordinary")).await;

    let role: (String, bool, bool, bool, bool) = sqlx::query_as(
        "SELECT rolname::text, rolsuper, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&mut server)
    .await?;
    let owner: bool =
        sqlx::query_scalar("SELECT datdba = current_user::regrole FROM pg_database WHERE datname = current_database()")
            .fetch_one(&mut server)
            .await?;

    assert_eq!(role, ("storefront".to_owned(), false, false, false, false));
    assert!(owner);
    for url in stack.replica_urls("ordinary") {
        let timeline: Option<i32> = sqlx::query_scalar("SELECT received_tli FROM pg_stat_wal_receiver")
            .fetch_one(&mut connect(&url).await)
            .await?;
        assert_eq!(timeline, Some(1));
    }
    Ok(())
}

#[tokio::test]
async fn nobody_is_superuser_through_tcp() -> Result<()> {
    let stack = Stack::shared().await?;
    let url = stack.primary_url("postgres").replace("storefront@", "postgres@");

    let connected = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await;

    assert!(connected.is_err());
    Ok(())
}

#[tokio::test]
async fn redis_answers_and_keeps_nothing_on_disk() -> Result<()> {
    let stack = Stack::shared().await?;
    let url = stack.redis_url().expect("the shared stack has Redis");
    let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;

    redis::cmd("SET").arg("redis_answers").arg("yes").exec_async(&mut connection).await?;
    let value: String = redis::cmd("GET").arg("redis_answers").query_async(&mut connection).await?;
    let save: (String, String) = redis::cmd("CONFIG").arg("GET").arg("save").query_async(&mut connection).await?;

    assert_eq!(value, "yes");
    assert_eq!(save.1, "");
    Ok(())
}

#[tokio::test]
async fn faulty_stacks_run_beside_the_shared_one_and_take_settings() -> Result<()> {
    let options = StackOptions {
        replicas: 1,
        redis: false,
        postgres_settings: vec![("statement_timeout".to_owned(), "1234ms".to_owned())],
        ..StackOptions::default()
    };
    let (shared, faulty) = tokio::try_join!(Stack::shared(), Stack::faulty_with(options))?;

    let timeout: String = sqlx::query_scalar("SHOW statement_timeout")
        .fetch_one(&mut connect(&faulty.replica_urls("postgres")[0]).await)
        .await?;
    let folder = faulty.folder().to_owned();

    assert_eq!(timeout, "1234ms");
    assert_ne!(shared.folder(), folder);
    assert_eq!(faulty.redis_url(), None);
    drop(faulty);
    eventually("a dropped stack's folder is removed", async || !folder.exists()).await;
    Ok(())
}
