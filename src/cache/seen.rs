//! What came lately, by a hash alone: a small table in which the latest of each place stays.
//!
//! Where two share a place, the one that comes more often is there more often: what is hot is known again among any number of others.

use std::hash::{BuildHasher, Hash};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;

/// A hash that nobody outside this process can foresee: clients choose what is hashed.
pub fn keyed() -> SeedableRandomState {
    static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(rand::random()));
    SeedableRandomState::with_seed(rand::random(), &SHARED)
}

pub struct Seen {
    places: Box<[AtomicU64]>,
    hasher: SeedableRandomState,
}

impl Seen {
    /// With so many places, of eight bytes each.
    pub fn new(places: usize) -> Self {
        Self { places: (0..places).map(|_| AtomicU64::new(0)).collect(), hasher: keyed() }
    }

    /// Takes note of a thing; whether it was the last one in its place.
    pub fn again(&self, thing: &impl Hash) -> bool {
        let hash = self.hasher.hash_one(thing);
        self.places[hash as usize % self.places.len()].swap(hash, Ordering::Relaxed) == hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: usize = 1024;

    #[test]
    fn a_thing_is_known_again_until_another_takes_its_place() {
        let seen = Seen::new(PLACES);

        assert!(!seen.again(&"one"));
        assert!(seen.again(&"one"));

        for other in 0..PLACES * 20 {
            seen.again(&other);
        }
        assert!(!seen.again(&"one"));
    }
}
