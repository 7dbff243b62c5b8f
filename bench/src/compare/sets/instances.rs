//! One, two and four instances behind one address: what more of them cost, and what they share.

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::CACHE;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for pass in 1..=bench.passes {
        for instances in [1, 2, 4] {
            let fleet = Fleet { instances, is_balanced: true, ..Fleet::default() };
            let Some(contender) = bench.start(Subject::Storefront, CACHE, fleet).await? else { return Ok(()) };
            for load in [Load::closed(Workload::W2, bench.long), Load::rate(Workload::W5, bench.long)] {
                let about = About::new("instances", pass).with("instances", instances);
                bench.measure(&contender, Load { seed: pass, ..load }, about).await?;
            }
            contender.stop()?;
        }
    }
    Ok(())
}
