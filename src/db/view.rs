//! What is known of all servers at one moment, as a request finds it: which one is the primary, and how far each replica is.

use std::time::{Duration, Instant};

use super::election::NoPrimary;
use super::position::{Epoch, Lsn, clock_now};

/// Made anew with every report of a server, and never changed.
pub struct View {
    /// The epoch of the primary, or of the last one while there is none.
    pub epoch: Option<Epoch>,
    pub primary: Result<Place, NoPrimary>,
    /// The object id of the database, as the primary told it.
    pub database: u32,
    pub replicas: Vec<Replica>,
    /// The primary's clock in microseconds since 1970, and when it was asked for it.
    pub clock: Option<(i64, Instant)>,
}

/// A server, and the generation of what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub host: usize,
    pub generation: u64,
}

/// A standby of our database that was reached by the last check.
#[derive(Clone, Copy, Debug)]
pub struct Replica {
    pub place: Place,
    pub replayed: Lsn,
    /// The timeline whose positions it replays; `None` when its role may not see that.
    pub timeline: Option<u32>,
    /// All that was written before this moment is there.
    pub fresh_at: Option<Instant>,
    /// Whether it has replayed the last position that is known of a primary.
    pub has_all_known: bool,
    /// When it was last asked.
    pub asked: Instant,
}

impl Replica {
    /// The age of the oldest write that it may lack.
    pub fn staleness(&self) -> Duration {
        self.fresh_at.map_or(Duration::MAX, |fresh_at| fresh_at.elapsed())
    }

    /// Whether it holds all that was written up to a position of an epoch.
    pub fn has(&self, epoch: Epoch, position: Lsn) -> bool {
        self.timeline == Some(epoch.timeline) && self.replayed >= position
    }
}

impl View {
    /// Nothing is known but, perhaps, the primary.
    pub fn unknown(primary: Result<Place, NoPrimary>) -> Self {
        Self { epoch: None, primary, database: 0, replicas: Vec::new(), clock: None }
    }

    /// The database's clock now, in microseconds since 1970, never behind it.
    pub fn database_clock(&self) -> Option<i64> {
        self.clock.map(|(clock_us, asked)| clock_now(clock_us, asked))
    }
}
