//! What a load has used: CPU of every process, statements, calls of Redis, and where the cache found its nodes.

use redis::aio::MultiplexedConnection;

use super::installation::Installation;
use crate::cpu::Cpu;
use crate::server::Server;

/// The commands that a server sends; all others are called by its scripts.
const COMMANDS: [&str; 3] = ["mget", "evalsha", "zincrby"];

/// What was used since the start, or by the difference of two: between them.
pub struct Usage {
    pub cpu: Cpu,
    /// Without those that the sweeper runs each second.
    pub statements: u64,
    /// Of [`COMMANDS`], in their order.
    pub commands: [u64; 3],
    /// Nodes found in the process, found in Redis, and not found.
    pub nodes: [u64; 3],
}

/// Takes the usage of one server, and of the whole installation behind it.
pub struct Meter<'a> {
    installation: &'a Installation,
    server: &'a Server,
    redis: MultiplexedConnection,
    before: Usage,
}

impl<'a> Meter<'a> {
    pub async fn start(installation: &'a Installation, server: &'a Server) -> anyhow::Result<Self> {
        let client = redis::Client::open(installation.redis()?.url())?;
        let mut redis = client.get_multiplexed_async_connection().await?;
        let before = read(installation, server, &mut redis).await?;
        Ok(Self { installation, server, redis, before })
    }

    /// What was used since the start.
    pub async fn stop(mut self) -> anyhow::Result<Usage> {
        let (before, after) = (self.before, read(self.installation, self.server, &mut self.redis).await?);
        let less = |after: [u64; 3], before: [u64; 3]| std::array::from_fn(|place| after[place] - before[place]);
        Ok(Usage {
            cpu: after.cpu.since(before.cpu),
            statements: after.statements - before.statements,
            commands: less(after.commands, before.commands),
            nodes: less(after.nodes, before.nodes),
        })
    }
}

async fn read(
    installation: &Installation,
    server: &Server,
    redis: &mut MultiplexedConnection,
) -> anyhow::Result<Usage> {
    let statements = server.metrics("storefront_sql_statements_total").await?;
    let statements = statements.iter().filter(|(labels, _)| !labels.contains("changeLog"));
    let found = server.metrics("storefront_cache_reads_total").await?;
    let nodes = ["\"local_hit\"", "\"hit\"", "\"miss\""]
        .map(|outcome| found.iter().filter(|(labels, _)| labels.contains(outcome)).map(|(_, value)| value).sum());
    Ok(Usage {
        cpu: Cpu::read([server.pid()], &installation.stack).await?,
        statements: statements.map(|(_, value)| value).sum(),
        commands: commands(redis).await?,
        nodes,
    })
}

async fn commands(redis: &mut MultiplexedConnection) -> anyhow::Result<[u64; 3]> {
    let told: String = redis::cmd("INFO").arg("commandstats").query_async(redis).await?;
    let calls = |command: &str| {
        let line =
            told.lines().find_map(|line| line.strip_prefix("cmdstat_")?.strip_prefix(command)?.strip_prefix(":calls="));
        line.and_then(|line| line.split(',').next()?.parse().ok()).unwrap_or_default()
    };
    Ok(COMMANDS.map(calls))
}
