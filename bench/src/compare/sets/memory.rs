//! Resident memory after hot reads at full speed, when the in-process tier may take 16 MB.

use std::time::Duration;

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{CACHE, SMALL_TIER};

const AT_MOST: Duration = Duration::from_secs(20);

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let long = AT_MOST.min(bench.long * 4);
    for (subject, variant) in [(Subject::Storefront, SMALL_TIER), (Subject::Mercurius, CACHE), (Subject::Hono, CACHE)] {
        let Some(contender) = bench.start(subject, variant, Fleet::default()).await? else { continue };
        bench.measure(&contender, Load::closed(Workload::W2, long), About::new("memory", 1)).await?;
        contender.stop()?;
    }
    Ok(())
}
