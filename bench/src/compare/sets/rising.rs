//! At rising rates, with replicas and without: from where on do answers take long, and do replicas on the same machine bring that nearer?

use crate::compare::contender::{Contender, Fleet};
use crate::compare::load::{Load, Pace, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, REPLICAS};

/// Operations that begin in a second.
const RATES: [u32; 5] = [900, 1800, 2700, 3600, 4500];

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut contenders = Vec::new();
    for subject in [Subject::Storefront, Subject::Hono] {
        for variant in [BASELINE, REPLICAS] {
            contenders.extend(bench.start(subject, variant, Fleet::default()).await?);
        }
    }
    for pass in 1..=bench.passes {
        for rate in RATES {
            for contender in &contenders {
                let load = Load { pace: Pace::Rate(rate), seed: pass, ..Load::rate(Workload::W1, bench.long) };
                bench.measure(contender, load, About::new("rising", pass)).await?;
            }
        }
    }
    contenders.into_iter().try_for_each(Contender::stop)
}
