//! What each switch does at 900 requests a second; of the REST stack of the notes as well, which is where they saw replicas collapse.

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, BOTH, BOTH_AND_LIMIT, CACHE, REPLICAS, Variant};

const SWITCHES: [Variant; 5] = [BASELINE, REPLICAS, CACHE, BOTH, BOTH_AND_LIMIT];
const OF_THE_NOTES: [Variant; 4] = [BASELINE, REPLICAS, CACHE, BOTH];

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for pass in 1..=bench.passes {
        for variant in SWITCHES {
            measure(bench, pass, Subject::Storefront, variant, &[Workload::W1, Workload::W2]).await?;
        }
        for variant in OF_THE_NOTES {
            measure(bench, pass, Subject::Hono, variant, &[Workload::W1]).await?;
        }
    }
    Ok(())
}

async fn measure(
    bench: &mut Bench,
    pass: u32,
    subject: Subject,
    variant: Variant,
    works: &[Workload],
) -> anyhow::Result<()> {
    let Some(contender) = bench.start(subject, variant, Fleet::default()).await? else { return Ok(()) };
    for workload in works {
        let load = Load { seed: pass, ..Load::rate(*workload, bench.long) };
        bench.measure(&contender, load, About::new("matrix", pass)).await?;
    }
    contender.stop()
}
