//! What a read costs that goes through the router, over the same statement on a pool of the same server.
//!
//! One thread reads one row by its key, one read after another: on a pool of SeaORM, and through the router as a request of its own each
//! time, without a token and with one that a replica has to be compared with. Measured is the CPU time of that thread, of which the
//! driver and the system take the most; the passes alternate, and the best of each kind are compared.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Parser;
use devstack::{Stack, StackOptions};
use nix::time::{ClockId, clock_gettime};
use sea_orm::sqlx::ConnectOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, SqlxPostgresConnector, Statement, Value};
use storefront::config::ServeConfig;
use storefront::db::{Db, Routing, Token};

use super::installation::{DATABASE, fill};
use crate::figure::{heading, line, micros};

const READS: u32 = 5_000;
const PASSES: usize = 15;
const BOUND: Duration = Duration::from_micros(3);

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    config: ServeConfig,
}

/// CPU time of one read.
struct Costs {
    direct: Duration,
    routed: Duration,
    with_token: Duration,
}

pub async fn print(program: &Path) -> anyhow::Result<()> {
    let stack = Stack::start(StackOptions { replicas: 1, redis: false, ..Default::default() }).await?;
    fill(program, &stack).await?;
    let (primary, replica) = (stack.primary_url(DATABASE), stack.replica_urls(DATABASE).concat());
    let measured = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(measure(&primary, &replica))
    });
    let costs = tokio::task::spawn_blocking(|| measured.join()).await?;
    let costs = costs.map_err(|_| anyhow::anyhow!("the measurement has panicked"))??;
    heading();
    line("CPU of a read by key on a pool", micros(costs.direct), "");
    for (what, cpu) in [("", costs.routed), (", with a token", costs.with_token)] {
        line(&format!("added by the router{what}"), micros(cpu.saturating_sub(costs.direct)), micros(BOUND));
    }
    stack.stop().await
}

async fn measure(primary: &str, replica: &str) -> anyhow::Result<Costs> {
    storefront::telemetry::metrics();
    // The token is to count all the time.
    let flags = ["bench", "--database-url", primary, "--replica-urls", replica, "--token-life-ms", "3600000"];
    let config = Flags::try_parse_from(flags)?.config;
    let db = Arc::new(Db::connect_all(&config).await?);
    let pool = pool_like_the_servers(&config, replica)?;
    let row = pool.query_one_raw(Statement::from_string(DbBackend::Postgres, "SELECT id FROM stores LIMIT 1")).await?;
    let key: Value = row.context("the shop has stores")?.try_get::<sea_orm::prelude::Uuid>("", "id")?.into();
    let token = token_of_a_write(&db, &key).await?;
    let through = |tokens: &[Token]| Routing::with_tokens(db.clone(), tokens, false).reader("bench");

    let (mut direct, mut routed, mut with_token) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PASSES {
        direct.push(cpu_of(async || read(&pool, &key).await).await?);
        routed.push(cpu_of(async || read(&through(&[]), &key).await).await?);
        with_token.push(cpu_of(async || read(&through(std::slice::from_ref(&token)), &key).await).await?);
    }
    let asked = Routing::with_tokens(db.clone(), std::slice::from_ref(&token), false);
    ensure!(went_to_replica(&asked, &key).await?, "the reads with a token went to the primary, not to the replica");
    db.close().await;
    pool.close().await?;
    let best = |costs: Vec<Duration>| costs.into_iter().min().unwrap_or_default();
    Ok(Costs { direct: best(direct), routed: best(routed), with_token: best(with_token) })
}

async fn cpu_of(mut read: impl AsyncFnMut() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    let now = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from);
    let before = now()?;
    for _ in 0..READS {
        read().await?;
    }
    Ok((now()? - before) / READS)
}

async fn read(connection: &impl ConnectionTrait, key: &Value) -> anyhow::Result<()> {
    let sql = "SELECT id, slug, name, version FROM stores WHERE id = $1";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [key.clone()]);
    connection.query_one_raw(statement).await?.context("the row is there")?;
    Ok(())
}

/// Whether a read was answered by a server that may lack something.
async fn went_to_replica(routing: &Routing, key: &Value) -> anyhow::Result<bool> {
    let reader = routing.reader("bench");
    read(&reader, key).await?;
    Ok(reader.source().context("it has read")?.fresh_at.is_some())
}

/// A pool with the options of the server's own for reads.
fn pool_like_the_servers(config: &ServeConfig, url: &str) -> anyhow::Result<DatabaseConnection> {
    let server: PgConnectOptions = url.parse()?;
    let timeout = config.database.statement_timeout_ms.to_string();
    let server = server.application_name("storefront").disable_statement_logging().options([
        ("statement_timeout", timeout.as_str()),
        ("default_transaction_read_only", "on"),
        ("synchronous_commit", "on"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(config.replication.replica_connections)
        .acquire_timeout(Duration::from_millis(config.database.connection_wait_ms))
        .test_before_acquire(false)
        .connect_lazy_with(server);
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// The token of a write, which the replica has replayed soon.
async fn token_of_a_write(db: &Arc<Db>, key: &Value) -> anyhow::Result<Token> {
    let routing = Routing::new(db.clone());
    let write = routing.begin_write("bench").await?;
    let sql = "UPDATE stores SET name = name WHERE id = $1";
    write.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [key.clone()])).await?;
    write.commit().await?;
    let token = routing.token().context("a commit gives a token")?;
    loop {
        let asked = Routing::with_tokens(db.clone(), std::slice::from_ref(&token), false);
        if went_to_replica(&asked, key).await? {
            return Ok(token);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
