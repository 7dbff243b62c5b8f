//! Every script of k6 and wrk once, with few connections for a second: all lines are whole, and nothing fails. It measures nothing.

use std::time::Duration;

use crate::compare::contender::Fleet;
use crate::compare::load::{Load, Pace, Workload};
use crate::compare::run::{About, Bench};
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, BOTH};

const CONNECTIONS: u32 = 4;
const RATE: u32 = 50;
const LONG: Duration = Duration::from_secs(1);

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    bench.warm_up = Duration::ZERO;
    let fleet = Fleet { instances: 2, ..Fleet::default() };
    let Some(storefront) = bench.start(Subject::Storefront, BOTH, fleet).await? else { return Ok(()) };
    for workload in [Workload::W1, Workload::W2, Workload::W3, Workload::W4, Workload::W6] {
        bench.measure(&storefront, small(Load::closed(workload, LONG)), About::new("targets", 1)).await?;
    }
    let at_rate = [Workload::W1, Workload::W2, Workload::W3, Workload::W4, Workload::W6, Workload::W5, Workload::W7];
    for workload in at_rate {
        bench.measure(&storefront, small(Load::rate(workload, LONG)), About::new("matrix", 1)).await?;
    }
    storefront.stop()?;
    for subject in Subject::PEERS {
        let Some(peer) = bench.start(subject, BASELINE, Fleet::default()).await? else { continue };
        for workload in [Workload::W1, Workload::W3] {
            bench.measure(&peer, small(Load::closed(workload, LONG)), About::new("peers", 1)).await?;
        }
        peer.stop()?;
    }
    Ok(())
}

fn small(load: Load) -> Load {
    let pace = match load.pace {
        Pace::Closed => Pace::Closed,
        Pace::Rate(_) => Pace::Rate(RATE),
    };
    Load { connections: CONNECTIONS, pace, ..load }
}
