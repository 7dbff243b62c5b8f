//! Who may store what a read found: only one that was quick, from a source that was not late.

use std::time::{Duration, Instant};

use crate::db::{Db, Scope, Source};

/// A read stores what it found only when it began no longer ago than this.
const LONGEST_READ: Duration = Duration::from_secs(2);
/// And it gets there no later than so long after that, by the store's own clock.
const LONGEST_WAY: Duration = Duration::from_secs(1);
/// It may lack no more than what was written so shortly before it began.
const MOST_STALENESS: Duration = Duration::from_secs(1);

/// A read whose findings may be stored.
pub struct Reading {
    scope: Scope,
    began: Instant,
}

impl Reading {
    pub fn begin(scope: Scope) -> Self {
        Self { scope, began: Instant::now() }
    }

    pub fn began(&self) -> Instant {
        self.began
    }

    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// When what was read must be in the store. A second fence follows the first after five seconds: by then it is there or never will be.
    pub fn until(&self) -> Instant {
        self.began + LONGEST_READ + LONGEST_WAY
    }

    /// Why what was read may not be stored: it took too long, its source may have been late, or another history has begun.
    pub fn refusal(&self, db: &Db, source: Option<Source>) -> Option<&'static str> {
        if self.began.elapsed() > LONGEST_READ {
            return Some("slow_read");
        }
        if db.scope() != Some(self.scope) {
            return Some("other_epoch");
        }
        match source {
            // Nothing was read: there is nothing to store.
            None => Some("unknown_source"),
            Some(Source { fresh_at: Some(fresh_at), .. })
                if self.began.saturating_duration_since(fresh_at) > MOST_STALENESS =>
            {
                Some("late_replica")
            }
            Some(_) => None,
        }
    }
}

/// Up to a tenth more or less, so that what was stored together does not end together.
pub fn jitter(life: Duration) -> Duration {
    life.mul_f64(rand::random_range(0.9..1.1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_life_is_at_most_a_tenth_longer_or_shorter(secs in 1_u64..86_400) {
            let life = Duration::from_secs(secs);

            let jittered = jitter(life);

            prop_assert!(jittered >= life.mul_f64(0.899) && jittered <= life.mul_f64(1.101), "{jittered:?}");
        }
    }

    #[test]
    fn what_is_stored_together_does_not_end_together() {
        let lives: std::collections::HashSet<_> = (0..100).map(|_| jitter(Duration::from_secs(300))).collect();

        assert!(lives.len() > 50, "{}", lives.len());
    }
}
