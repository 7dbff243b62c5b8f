//! A page at depth 50,000 beside one of the first hundred, without caches.

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::BASELINE;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let Some(storefront) = bench.start(Subject::Storefront, BASELINE, Fleet::default()).await? else { return Ok(()) };
    for pass in 1..=bench.passes {
        for workload in [Workload::W3, Workload::W4] {
            let load = Load { seed: pass, ..Load::closed(workload, bench.long) };
            bench.measure(&storefront, load, About::new("depth", pass)).await?;
        }
    }
    storefront.stop()
}
