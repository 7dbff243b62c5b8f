//! A day of a shop in a minute and a half, with everything on.

use std::time::Duration;

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::BOTH_AND_LIMIT;

const AT_MOST: Duration = Duration::from_secs(90);

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let fleet = Fleet { instances: 2, ..Fleet::default() };
    let Some(storefront) = bench.start(Subject::Storefront, BOTH_AND_LIMIT, fleet).await? else { return Ok(()) };
    let load = Load::rate(Workload::W7, AT_MOST.min(bench.long * 15));
    bench.measure(&storefront, load, About::new("traffic", 1).with("instances", 2).with("scenario", "all")).await?;
    storefront.stop()
}
