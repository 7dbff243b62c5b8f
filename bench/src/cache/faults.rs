//! What Redis's faults cost the clients of two servers, one without the in-process tier and one with it.
//!
//! The load never pauses. An operation counts in the phase for which it was planned: one that hangs in a freeze is the freeze's, though it ends
//! after it. Each phase lasts from the moment its fault begins until the next one does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use devstack::RedisServer;
use tokio::time::sleep;

use super::installation::{BOTH_TIERS, Installation, REDIS_ALONE};
use super::shop::{Shop, views};
use super::steady::{Deed, End, Load, Operation, READS_PER_SECOND, WRITES_PER_SECOND};
use crate::figure::millis;
use crate::load::quantile;
use crate::table;

/// So long the load goes on before what is measured.
const WARM_UP: Duration = Duration::from_secs(2);
/// How far the p99 of a freeze may lie above that of the calm.
const FREEZE_BOUND: Duration = Duration::from_millis(150);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Calm,
    Frozen,
    Thawed,
    Killed,
    Restarted,
    Emptied,
    Full,
    ReadOnly,
}

impl Phase {
    const ALL: [Self; 8] = [
        Self::Calm,
        Self::Frozen,
        Self::Thawed,
        Self::Killed,
        Self::Restarted,
        Self::Emptied,
        Self::Full,
        Self::ReadOnly,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Frozen => "frozen (SIGSTOP)",
            Self::Thawed => "thawed",
            Self::Killed => "killed (-9)",
            Self::Restarted => "restarted",
            Self::Emptied => "emptied (FLUSHALL)",
            Self::Full => "full (noeviction)",
            Self::ReadOnly => "read-only (REPLICAOF)",
        }
    }

    /// Begins it where the phase before has left Redis.
    async fn begin(self, redis: &RedisServer) -> anyhow::Result<()> {
        match self {
            Self::Calm => {}
            Self::Frozen => redis.freeze().await?,
            Self::Thawed => redis.thaw().await?,
            Self::Killed => redis.kill().await?,
            Self::Restarted => redis.start().await?,
            Self::Emptied => redis.flush().await?,
            Self::Full => {
                redis.command(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await?;
                redis.command(&["CONFIG", "SET", "maxmemory", "1mb"]).await?;
            }
            Self::ReadOnly => {
                redis.command(&["CONFIG", "SET", "maxmemory", "0"]).await?;
                redis.command(&["REPLICAOF", "127.0.0.1", "1"]).await?;
            }
        }
        Ok(())
    }

    fn refuses_writes(self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly)
    }
}

/// Prints the figures; the promises that were broken.
pub async fn print(installation: &Installation, long: Duration) -> anyhow::Result<Vec<String>> {
    let redis = installation.redis()?;
    redis.flush().await?;
    let servers = [installation.server(REDIS_ALONE).await?, installation.server(BOTH_TIERS).await?];
    let addresses = [servers[0].address().to_owned(), servers[1].address().to_owned()];
    let shop = Arc::new(Shop::new(addresses, &installation.products).await?);
    views(&shop.addresses[1], &shop.requests[..shop.hot.len()]).await?;

    let load = Load::start(shop);
    sleep(WARM_UP).await;
    let mut begun = Vec::new();
    for phase in Phase::ALL {
        begun.push(Instant::now());
        phase.begin(redis).await.context(phase.name())?;
        if phase.refuses_writes() {
            ensure!(
                redis.command(&["SET", "faults", "refused"]).await.is_err(),
                "{}: Redis takes writes",
                phase.name()
            );
        }
        sleep(long).await;
    }
    let operations = load.end().await?;
    redis.command(&["REPLICAOF", "NO", "ONE"]).await?;
    servers.into_iter().try_for_each(|server| server.stop())?;

    let phases = by_phase(operations, &begun);
    let title = format!(
        "{READS_PER_SECOND} reads/s of hot products and {WRITES_PER_SECOND} writes/s that are read back, over two servers, {:.1} s in each phase of \
         Redis. Reads through the server whose in-process tier is off:",
        long.as_secs_f64()
    );
    print_table(&title, &phases, |one| one.deed == Deed::Read && one.server == 0);
    print_table("Reads through the server whose in-process tier is on:", &phases, |one| {
        one.deed == Deed::Read && one.server == 1
    });
    print_table("Writes, and reading them back with the token, through either server:", &phases, |one| {
        one.deed != Deed::Read
    });
    Ok(Phase::ALL.into_iter().zip(&phases).flat_map(|(phase, operations)| broken(phase, operations)).collect())
}

/// The operations of each phase; those of the warm-up are in none.
fn by_phase(operations: Vec<Operation>, begun: &[Instant]) -> Vec<Vec<Operation>> {
    let mut phases: Vec<Vec<Operation>> = begun.iter().map(|_| Vec::new()).collect();
    for operation in operations {
        let later = begun.partition_point(|begun| *begun <= operation.begun);
        if let Some(phase) = later.checked_sub(1) {
            phases[phase].push(operation);
        }
    }
    phases
}

fn print_table(title: &str, phases: &[Vec<Operation>], counts: impl Fn(&Operation) -> bool) {
    let mut calm = None;
    let rows: Vec<_> = Phase::ALL
        .into_iter()
        .zip(phases)
        .map(|(phase, operations)| {
            let operations: Vec<_> = operations.iter().filter(|one| counts(one)).collect();
            let mut times: Vec<_> = operations.iter().map(|one| one.took).collect();
            let [p50, p99, worst] = [0.5, 0.99, 1.0].map(|part| quantile(&mut times, part));
            let calm = *calm.get_or_insert(p99);
            let (bound, met) = match phase {
                Phase::Frozen => (millis(FREEZE_BOUND), table::met(p99 <= calm + FREEZE_BOUND)),
                _ => Default::default(),
            };
            let reads_back = operations.iter().any(|one| one.deed == Deed::ReadBack);
            let stale = operations.iter().filter(|one| one.end == End::Stale).count();
            let failed = operations.iter().filter(|one| matches!(one.end, End::Failed(_))).count();
            [
                phase.name().to_owned(),
                operations.len().to_string(),
                failed.to_string(),
                if reads_back { stale.to_string() } else { String::new() },
                millis(p50),
                millis(p99),
                millis(worst),
                if phase == Phase::Calm { String::new() } else { over(p99, calm) },
                bound,
                met,
            ]
        })
        .collect();
    table::print(title, HEADS, &rows);
}

const HEADS: [&str; 10] = [
    "Redis",
    "operations",
    "failed (0)",
    "stale own reads (0)",
    "p50",
    "p99",
    "worst",
    "p99 over calm",
    "bound",
    "met",
];

fn over(time: Duration, calm: Duration) -> String {
    format!("{:+.2} ms", (time.as_secs_f64() - calm.as_secs_f64()) * 1e3)
}

fn broken(phase: Phase, operations: &[Operation]) -> Vec<String> {
    let failures: Vec<_> = operations
        .iter()
        .filter_map(|one| match &one.end {
            End::Failed(why) => Some(why),
            _ => None,
        })
        .collect();
    let stale = operations.iter().filter(|one| one.end == End::Stale).count();
    let failed = failures
        .first()
        .map(|first| format!("{}: {} operations failed, the first with: {first}", phase.name(), failures.len()));
    let stale = (stale > 0).then(|| format!("{}: {stale} stale reads of one's own write", phase.name()));
    failed.into_iter().chain(stale).collect()
}
