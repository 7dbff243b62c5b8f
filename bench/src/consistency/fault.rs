//! What breaks, and how long each kind of client feels it.
//!
//! Of every kind 20 operations a second are begun, whether those before were answered or not, on both servers in turn. A gap is the longest
//! time in which none of the kind succeeded, from before the fault until after it; without a fault it is about 0.05 s. The
//! reads with a token follow the newest write, which both replicas lack for 5 s: they need the primary as much as the
//! writes do. Before a failover the standbys are cut off from the primary for 0.5 s, as by a network that fails first; then the primary is
//! killed, and at once the standby that has received most is promoted.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use devstack::Node;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection};
use tokio::time::{Instant, sleep};

use super::installation::{DATABASE, Installation};
use super::load::{Kind, Load, Outcome, WRITTEN};

/// How long the load runs before the fault, and after all kinds are served again.
const AROUND: Duration = Duration::from_secs(2);
const AWAY: Duration = Duration::from_secs(3);
const CUT_OFF: Duration = Duration::from_millis(500);
const STANDBY_WITHIN: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    PrimaryRestarted,
    PrimaryDown,
    PrimaryKilled,
    BackEndsTerminated,
    ReplicaKilled,
    ReplicaFrozen,
    WireSwallowed,
    SynchronousFailover,
    AsynchronousFailover,
}

impl Fault {
    /// Those that one installation survives; with the last its primary is gone.
    const OF_ONE: [Self; 9] = [
        Self::None,
        Self::PrimaryRestarted,
        Self::PrimaryDown,
        Self::PrimaryKilled,
        Self::BackEndsTerminated,
        Self::ReplicaKilled,
        Self::ReplicaFrozen,
        Self::WireSwallowed,
        Self::SynchronousFailover,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::None => "none, to compare with",
            Self::PrimaryRestarted => "primary restarted (fast)",
            Self::PrimaryDown => "primary down for 3 s",
            Self::PrimaryKilled => "primary killed with -9 and started",
            Self::BackEndsTerminated => "all back-ends of the primary terminated",
            Self::ReplicaKilled => "replica killed with -9",
            Self::ReplicaFrozen => "replica frozen for 3 s",
            Self::WireSwallowed => "wire to a replica swallowed for 3 s",
            Self::SynchronousFailover => "failover, synchronous standby",
            Self::AsynchronousFailover => "failover, asynchronous standbys",
        }
    }

    async fn inflict(self, installation: &Installation) -> anyhow::Result<()> {
        let (primary, replica) = (installation.stack.primary(), &installation.stack.replicas()[0]);
        match self {
            Self::None => {}
            Self::PrimaryRestarted => {
                primary.stop().await?;
                primary.start().await?;
            }
            Self::PrimaryDown => {
                primary.stop().await?;
                sleep(AWAY).await;
                primary.start().await?;
            }
            Self::PrimaryKilled => {
                primary.kill().await?;
                primary.start().await?;
            }
            Self::BackEndsTerminated => drop(primary.terminate_back_ends(DATABASE).await?),
            Self::ReplicaKilled => replica.kill().await?,
            Self::ReplicaFrozen => {
                replica.freeze().await?;
                sleep(AWAY).await;
                replica.thaw().await?;
            }
            Self::WireSwallowed => {
                installation.wire.swallow();
                sleep(AWAY).await;
                installation.wire.heal()?;
            }
            Self::SynchronousFailover | Self::AsynchronousFailover => {
                // Standbys that are disconnected come back at once, unless they may not log in.
                primary.execute("postgres", "ALTER ROLE replicator NOLOGIN").await?;
                primary.execute("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_replication").await?;
                sleep(CUT_OFF).await;
                primary.kill().await?;
                furthest(installation.stack.replicas()).await?.promote().await?;
            }
        }
        Ok(())
    }

    /// Whether an acknowledged write has to be there afterwards.
    fn keeps_writes(self) -> bool {
        self != Self::AsynchronousFailover
    }
}

/// Prints a line for each fault; the promises that were broken.
pub async fn print(program: &Path) -> anyhow::Result<Vec<String>> {
    let column = |kind: &str| format!("{kind} gap, failed");
    println!(
        "{:<40} {:>22} {:>22} {:>22} {:>20} {:>16}",
        "fault",
        column("browser"),
        column("token read"),
        column("write"),
        "writes lost (bound)",
        "stale (bound)"
    );
    let mut broken = Vec::new();
    for faults in [Fault::OF_ONE.as_slice(), &[Fault::AsynchronousFailover]] {
        let installation = Arc::new(Installation::start(program).await?);
        installation.make_late().await?;
        for fault in faults {
            broken.extend(feel(&installation, *fault).await.with_context(|| fault.name())?);
        }
        let installation = Arc::into_inner(installation).context("the load has ended")?;
        installation.stop().await?;
    }
    Ok(broken)
}

async fn feel(installation: &Arc<Installation>, fault: Fault) -> anyhow::Result<Vec<String>> {
    installation.whole().await?;
    if fault == Fault::SynchronousFailover {
        make_synchronous(installation.stack.primary()).await?;
    }
    let load = Load::start(installation);
    load.recovered().await?;
    sleep(AROUND).await;
    fault.inflict(installation).await?;
    load.recovered().await?;
    sleep(AROUND).await;
    let outcome = load.end().await?;
    if fault == Fault::ReplicaKilled {
        installation.stack.replicas()[0].start().await?;
    }
    let there = written(installation).await?;
    Ok(print_line(fault, &outcome, &there))
}

fn print_line(fault: Fault, outcome: &Outcome, there: &HashSet<String>) -> Vec<String> {
    let felt = |kind| {
        let (failed, all) = outcome.failed(kind);
        format!("{:.2} s, {failed} of {all}", outcome.gap(kind).as_secs_f64())
    };
    let (lost, stale) = (outcome.lost(there), outcome.stale(there));
    let bound = if fault.keeps_writes() { "0" } else { "none" };
    println!(
        "{:<40} {:>22} {:>22} {:>22} {:>20} {:>16}",
        fault.name(),
        felt(Kind::Browser),
        felt(Kind::TokenReader),
        felt(Kind::Writer),
        format!("{lost} of {} ({bound})", outcome.acknowledged()),
        format!("{stale} (0)")
    );
    let lost = (lost > 0 && fault.keeps_writes())
        .then(|| format!("{}: {lost} of {} acknowledged writes are lost", fault.name(), outcome.acknowledged()));
    let stale = (stale > 0).then(|| format!("{}: {stale} stale reads with a token", fault.name()));
    lost.into_iter().chain(stale).collect()
}

/// From here on a write is acknowledged when one of the standbys has it on its disk.
async fn make_synchronous(primary: &Node) -> anyhow::Result<()> {
    primary.execute("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'").await?;
    primary.execute("postgres", "SELECT pg_reload_conf()").await?;
    let mut connection = connect(primary).await?;
    let deadline = Instant::now() + STANDBY_WITHIN;
    let standbys = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'";
    while sqlx::query_scalar::<_, i64>(standbys).fetch_one(&mut connection).await? < 2 {
        ensure!(Instant::now() < deadline, "the standbys do not become synchronous");
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The standby that has received most of the log.
async fn furthest(standbys: &[Node]) -> anyhow::Result<&Node> {
    let mut furthest = None;
    for standby in standbys {
        let received = "SELECT (pg_last_wal_receive_lsn() - '0/0')::bigint";
        let received: i64 = sqlx::query_scalar(received).fetch_one(&mut connect(standby).await?).await?;
        furthest = furthest.max(Some((received, standby.port())));
    }
    let (_, port) = furthest.context("there are standbys")?;
    standbys.iter().find(|standby| standby.port() == port).context("it is one of them")
}

/// The slugs of all stores that the load has made, as the node that can be written to has them.
async fn written(installation: &Installation) -> anyhow::Result<HashSet<String>> {
    for node in std::iter::once(installation.stack.primary()).chain(installation.stack.replicas()) {
        if node.pid().await.is_some() && node.is_writable().await? {
            let slugs = sqlx::query_scalar("SELECT slug FROM stores WHERE starts_with(slug, $1)").bind(WRITTEN);
            return Ok(slugs.fetch_all(&mut connect(node).await?).await?.into_iter().collect());
        }
    }
    anyhow::bail!("no node can be written to")
}

async fn connect(node: &Node) -> anyhow::Result<PgConnection> {
    Ok(PgConnection::connect(&node.superuser_url(DATABASE)).await?)
}
