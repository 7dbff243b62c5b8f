//! One, two and four instances behind one address: what more of them cost, and what they share.

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::CACHE;

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for instances in [1, 2, 4] {
        let fleet = Fleet { instances, is_balanced: true, ..Fleet::default() };
        let Some(contender) = bench.start(Subject::Storefront, CACHE, fleet).await? else { return Ok(()) };
        for load in [Load::closed(Workload::W2, bench.long), Load::rate(Workload::W5, bench.long)] {
            bench.measure(&contender, load, About::new("instances", 1).with("instances", instances)).await?;
        }
        contender.stop()?;
    }
    Ok(())
}
