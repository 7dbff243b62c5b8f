//! What is run: each set answers one question, and writes its lines anew.

mod depth;
mod flights;
mod floors;
mod instances;
mod matrix;
mod memory;
mod mixed;
mod peers;
mod pgbouncer;
mod pool;
mod rising;
mod search;
mod smoke;
mod targets;
mod traffic;

use clap::ValueEnum;

use super::run::Bench;

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// Every subject and its variants as fast as they can: W1, W2, W3
    Peers,
    /// A cached answer beside one GET by hand: W2
    Floors,
    /// At 900 requests a second beside the REST stack: W1, W2
    #[value(alias = "rate")]
    Targets,
    /// Pages far down beside the first ones: W4, W3
    Depth,
    /// Every combination of switches at 900 requests a second: W1, W2
    Matrix,
    /// Shoppers who search, at full speed and at a constant rate: W6
    Search,
    /// A tenth of writes that are read back, on two instances: W5, hot and uniform
    Mixed,
    /// Connections to each replica, from 1 to 64: W1
    Pool,
    /// From 900 to 4,500 requests a second, with replicas and without: W1
    Rising,
    /// One, two and four instances behind one address: W2, W5
    Instances,
    /// 64 simultaneous reads of one cold product
    Flights,
    /// Resident memory after W2 at full speed
    Memory,
    /// The day of a shop on two instances: W7
    Traffic,
    /// Behind PgBouncer, beside itself without
    Pgbouncer,
    /// Every script once, as small as can be
    #[value(hide = true)]
    Smoke,
}

impl Set {
    pub fn all() -> Vec<Self> {
        Self::value_variants().iter().copied().filter(|set| *set != Self::Smoke).collect()
    }

    pub async fn run(self, bench: &mut Bench) -> anyhow::Result<()> {
        match self {
            Self::Peers => peers::run(bench).await,
            Self::Floors => floors::run(bench).await,
            Self::Targets => targets::run(bench).await,
            Self::Depth => depth::run(bench).await,
            Self::Matrix => matrix::run(bench).await,
            Self::Search => search::run(bench).await,
            Self::Mixed => mixed::run(bench).await,
            Self::Pool => pool::run(bench).await,
            Self::Rising => rising::run(bench).await,
            Self::Instances => instances::run(bench).await,
            Self::Flights => flights::run(bench).await,
            Self::Memory => memory::run(bench).await,
            Self::Traffic => traffic::run(bench).await,
            Self::Pgbouncer => pgbouncer::run(bench).await,
            Self::Smoke => smoke::run(bench).await,
        }
    }
}
