//! Shoppers who search, by the switches: as fast as it goes, and at a constant rate that leaves room. Storefront alone: no peer searches.

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Pace, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, BOTH, REPLICAS};

/// Searches that begin in a second: each costs as much as hundreds of reads of a product, for Postgres ranks and counts all that it finds.
const RATE: u32 = 10;
/// So many times as long as other loads, as there are fewer requests to take the figures from.
const LONGER: u32 = 5;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for pass in 1..=bench.passes {
        for variant in [BASELINE, REPLICAS, BOTH] {
            let started = bench.start(Subject::Storefront, variant, Fleet::default()).await?;
            let Some(storefront) = started else { return Ok(()) };
            for pace in [Pace::Closed, Pace::Rate(RATE)] {
                let load = Load { pace, seed: pass, ..Load::closed(Workload::W6, bench.long * LONGER) };
                bench.measure(&storefront, load, About::new("search", pass)).await?;
            }
            storefront.stop()?;
        }
    }
    Ok(())
}
