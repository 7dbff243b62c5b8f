//! Every subject beside the others: CPU per request as fast as they can, on the same primary. All run at the same time and are measured in
//! turn, pass after pass, so that what slows the machine slows all.

use crate::compare::alike;
use crate::compare::contender::{Contender, Fleet};
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, CACHE, Variant};

use super::floors;

const WORKLOADS: [Workload; 3] = [Workload::W1, Workload::W2, Workload::W3];
const SUBJECTS: [(Subject, Variant); 11] = [
    (Subject::Storefront, BASELINE),
    (Subject::Storefront, CACHE),
    (Subject::Mercurius, BASELINE),
    (Subject::Mercurius, CACHE),
    (Subject::Yoga, BASELINE),
    (Subject::YogaJit, BASELINE),
    (Subject::Postgraphile, BASELINE),
    (Subject::Hono, BASELINE),
    (Subject::Hono, CACHE),
    (Subject::AxumRedis, BASELINE),
    (Subject::AxumSql, BASELINE),
];

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let mut contenders: Vec<Contender> = Vec::new();
    for (subject, variant) in SUBJECTS {
        let Some(contender) = bench.start(subject, variant, Fleet::default()).await? else { continue };
        if let Some(own) = contenders.first() {
            alike::check(&bench.shop, own, &contender).await?;
        }
        contenders.push(contender);
    }
    floors::store_answers(bench, &contenders[0]).await?;
    for workload in WORKLOADS {
        for pass in 1..=bench.passes {
            for contender in contenders.iter().filter(|contender| takes_part(contender, workload)) {
                let load = Load { seed: pass, ..Load::closed(workload, bench.long) };
                bench.measure(contender, load, About::new("peers", pass)).await?;
            }
        }
    }
    contenders.into_iter().try_for_each(Contender::stop)
}

/// The caches of the peers have no pages.
fn takes_part(contender: &Contender, workload: Workload) -> bool {
    let caches_pages = !contender.variant.cache || contender.subject == Subject::Storefront;
    !workload.is_of_pages() || (contender.subject.has_pages() && caches_pages)
}
