//! What came lately, by a hash alone: a small table in which the latest of each place stays.
//!
//! Where two share a place, the one that comes more often is there more often: what is hot is known again among any number of others.

use std::hash::{BuildHasher, Hash};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

/// A hash that nobody outside this process can foresee: clients choose what is hashed.
pub fn keyed() -> SeedableRandomState {
    static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(rand::random()));
    SeedableRandomState::with_seed(rand::random(), &SHARED)
}

/// The bits of a place that tell when its thing came, in seconds; the others are of its hash.
const TIME: u64 = 0xffff;

pub struct Seen {
    places: Box<[AtomicU64]>,
    hasher: SeedableRandomState,
    began: Instant,
    /// For how many seconds a thing is known.
    for_secs: u64,
}

impl Seen {
    /// With so many places, of eight bytes each. A thing is known for so long, to the second.
    pub fn new(places: usize, known_for: Duration) -> Self {
        let for_secs = known_for.as_secs_f64().ceil() as u64;
        let places = (0..places).map(|_| AtomicU64::new(0)).collect();
        Self { places, hasher: keyed(), began: Instant::now(), for_secs: for_secs.min(TIME) }
    }

    /// Takes note of a thing that comes now; whether it was the last one in its place, not too long ago.
    pub fn again(&self, thing: &impl Hash, now: Instant) -> bool {
        let hash = self.hasher.hash_one(thing);
        let secs = now.saturating_duration_since(self.began).as_secs();
        let place = &self.places[(hash >> TIME.count_ones()) as usize % self.places.len()];
        let before = place.swap((hash & !TIME) | (secs & TIME), Ordering::Relaxed);
        (before ^ hash) & !TIME == 0 && secs.wrapping_sub(before) & TIME <= self.for_secs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: usize = 1024;

    #[test]
    fn a_thing_is_known_again_until_another_takes_its_place() {
        let (seen, now) = (Seen::new(PLACES, Duration::from_secs(60)), Instant::now());

        assert!(!seen.again(&"one", now));
        assert!(seen.again(&"one", now));

        for other in 0..PLACES * 20 {
            seen.again(&other, now);
        }
        assert!(!seen.again(&"one", now));
    }

    #[test]
    fn a_thing_is_known_for_its_time() {
        let (seen, begun) = (Seen::new(PLACES, Duration::from_secs(60)), Instant::now());
        let comes_at = |secs| seen.again(&"one", begun + Duration::from_secs(secs));

        assert!(!comes_at(0));
        assert!(comes_at(60));
        assert!(comes_at(119), "it is known from when it came last");
        assert!(!comes_at(181));
        assert!(!comes_at(181 + 3600));
        assert!(comes_at(181 + 3600));
    }
}
