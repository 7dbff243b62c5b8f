//! How many connections to each replica are enough, and how many are too many.

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::REPLICAS;

const POOLS: [u32; 7] = [1, 2, 4, 8, 16, 32, 64];

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for pass in 1..=bench.passes {
        for pool in POOLS {
            for subject in [Subject::Storefront, Subject::Hono] {
                let fleet = Fleet { pool, ..Fleet::default() };
                let Some(contender) = bench.start(subject, REPLICAS, fleet).await? else { continue };
                let load = Load { seed: pass, ..Load::closed(Workload::W1, bench.long) };
                bench.measure(&contender, load, About::new("pool", pass).with("pool", pool)).await?;
                contender.stop()?;
            }
        }
    }
    Ok(())
}
