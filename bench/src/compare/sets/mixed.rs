//! Nine reads to a write that is read back, on two instances: is an own write ever not seen, and does anything stay wrong?

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, BOTH, BOTH_AND_LIMIT, CACHE, REPLICAS};

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let fleet = Fleet { instances: 2, ..Fleet::default() };
    let own = [BASELINE, REPLICAS, CACHE, BOTH, BOTH_AND_LIMIT].map(|variant| (Subject::Storefront, variant));
    let of_the_notes = [REPLICAS, CACHE, BOTH].map(|variant| (Subject::Hono, variant));
    for pass in 1..=bench.passes {
        for (subject, variant) in own.into_iter().chain(of_the_notes) {
            let Some(contender) = bench.start(subject, variant, fleet).await? else { continue };
            for (keys, hot_share) in [("hot", 0.8), ("uniform", 0.0)] {
                let load = Load { hot_share, seed: pass, ..Load::rate(Workload::W5, bench.long) };
                let about = About::new("mixed", pass).with("keys", keys).with("instances", 2);
                bench.measure(&contender, load, about).await?;
            }
            contender.stop()?;
        }
    }
    Ok(())
}
