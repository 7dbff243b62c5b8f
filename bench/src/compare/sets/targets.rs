//! At a constant rate that leaves room: how long answers take, and what a request costs when its wake-ups are shared with few others.

use crate::compare::contender::{Contender, Fleet};
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, CACHE};

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut contenders = Vec::new();
    for subject in [Subject::Storefront, Subject::Hono] {
        for variant in [BASELINE, CACHE] {
            contenders.extend(bench.start(subject, variant, Fleet::default()).await?);
        }
    }
    for pass in 1..=bench.passes {
        for workload in [Workload::W1, Workload::W2] {
            for contender in &contenders {
                let load = Load { seed: pass, ..Load::rate(workload, bench.long) };
                bench.measure(contender, load, About::new("targets", pass)).await?;
            }
        }
    }
    contenders.into_iter().try_for_each(Contender::stop)
}
