//! Faults of Redis, as a client sees them.

use devstack::{RedisServer, Result, Stack, StackOptions};
use redis::aio::MultiplexedConnection;

async fn connect(url: &str) -> Result<MultiplexedConnection> {
    Ok(redis::Client::open(url)?.get_multiplexed_async_connection().await?)
}

async fn keys(redis: &RedisServer) -> Result<i64> {
    Ok(redis::cmd("DBSIZE").query_async(&mut connect(&redis.url()).await?).await?)
}

#[tokio::test]
async fn redis_goes_and_returns_on_its_port_without_its_keys() -> Result<()> {
    let stack = Stack::faulty_with(StackOptions { replicas: 0, ..StackOptions::default() }).await?;
    let redis = stack.redis().expect("it was asked for");
    let url = redis.url();
    assert_eq!(stack.redis_url().as_deref(), Some(&*url));
    let set =
        async || -> Result<()> { Ok(redis::cmd("SET").arg("key").arg(1).exec_async(&mut connect(&url).await?).await?) };

    set().await?;
    redis.flush().await?;
    assert_eq!(keys(redis).await?, 0);

    set().await?;
    let first = redis.pid().await;
    redis.kill().await?;
    assert_eq!(redis.pid().await, None);
    assert!(connect(&url).await.is_err());
    redis.start().await?;
    assert_ne!(redis.pid().await, first);
    assert_eq!(keys(redis).await?, 0);

    redis.stop().await?;
    assert!(connect(&url).await.is_err());
    assert_eq!(redis.stop().await.expect_err("it doesn't run").to_string(), "redis doesn't run");
    redis.start().await?;
    assert_eq!(redis.url(), url);
    stack.stop().await
}

#[tokio::test]
async fn a_frozen_redis_answers_nothing_until_it_is_thawed_and_is_cleared_up() -> Result<()> {
    let stack = Stack::faulty_with(StackOptions { replicas: 0, ..StackOptions::default() }).await?;
    let (redis, folder) = (stack.redis().expect("it was asked for"), stack.folder().to_owned());
    let mut connection = connect(&redis.url()).await?;

    redis.freeze().await?;

    assert!(redis.is_frozen().await?);
    let unanswered = redis::cmd("PING").exec_async(&mut connection).await.expect_err("nobody answers");
    assert!(unanswered.is_timeout(), "{unanswered}");
    redis.thaw().await?;
    redis::cmd("PING").exec_async(&mut connection).await?;
    redis.freeze().await?;
    stack.stop().await?;
    assert!(!folder.exists());
    Ok(())
}

#[tokio::test]
async fn redis_answers_through_a_proxy_until_it_is_cut() -> Result<()> {
    let stack = Stack::shared().await?;
    let redis = stack.redis().expect("the shared stack has Redis");
    let proxy = redis.proxy()?;
    let mut connection = connect(&proxy.url(&redis.url())).await?;
    redis::cmd("PING").exec_async(&mut connection).await?;

    proxy.cut();

    let broken = redis::cmd("PING").exec_async(&mut connection).await.expect_err("the wire is cut");
    assert!(broken.is_connection_dropped(), "{broken}");
    assert!(connect(&proxy.url(&redis.url())).await.expect_err("refused").to_string().contains("refused"));
    Ok(())
}

#[tokio::test]
async fn a_saved_redis_returns_with_what_it_held_then() -> Result<()> {
    let stack = Stack::faulty_with(StackOptions { replicas: 0, ..StackOptions::default() }).await?;
    let redis = stack.redis().expect("it was asked for");

    redis.command(&["SET", "before", "1"]).await?;
    redis.save().await?;
    redis.command(&["SET", "after", "1"]).await?;
    redis.kill().await?;
    redis.start().await?;

    assert_eq!(keys(redis).await?, 1);
    assert!(redis.command(&["REPLICAOF", "nowhere"]).await.is_err());
    stack.stop().await
}
