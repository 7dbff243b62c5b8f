//! A bounded table of what lives for a moment: each shard has two generations, of which the older one goes as a whole.
//!
//! An entry is there for its life and no longer; less when the room is taken, and then what came first goes first. There is no book-keeping
//! of single entries: it would cost more than what is kept for a second is worth.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::mem::replace;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foldhash::quality::SeedableRandomState;

use super::seen::keyed;

/// Many threads seldom meet in one of so many shards.
const MOST_SHARDS: u64 = 32;
/// A shard smaller than this would be filled by a few entries.
const LEAST_OF_SHARD: u64 = 1024 * 1024;
/// What an entry takes beside what is told of it.
const FIXED_BYTES: usize = 100;

pub struct Recent<K, V> {
    shards: Box<[Mutex<Shard<K, V>>]>,
    hasher: SeedableRandomState,
    life: Duration,
    /// The room of a generation of a shard, in bytes.
    room: usize,
}

struct Shard<K, V> {
    young: Generation<K, V>,
    old: Generation<K, V>,
}

struct Generation<K, V> {
    entries: HashMap<K, Entry<V>, SeedableRandomState>,
    bytes: usize,
    began: Instant,
}

struct Entry<V> {
    value: V,
    bytes: usize,
    until: Instant,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    pub fn new(most_bytes: u64, life: Duration) -> Self {
        let shards = (most_bytes / LEAST_OF_SHARD).clamp(1, MOST_SHARDS);
        let (hasher, now) = (keyed(), Instant::now());
        let generation = || Generation { entries: HashMap::with_hasher(hasher.clone()), bytes: 0, began: now };
        let shard = |_| Mutex::new(Shard { young: generation(), old: generation() });
        let room = usize::try_from(most_bytes / shards / 2).unwrap_or(usize::MAX);
        Self { shards: (0..shards).map(shard).collect(), hasher: hasher.clone(), life, room }
    }

    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let shard = self.shard(key);
        let entry = shard.find(key)?;
        (entry.until > Instant::now()).then(|| entry.value.clone())
    }

    /// Keeps what `choose` makes of what is there, and of whether half of the room is taken.
    pub fn keep(&self, key: K, bytes: usize, choose: impl FnOnce(Option<&V>, bool) -> Option<V>) {
        let (now, bytes) = (Instant::now(), bytes + FIXED_BYTES);
        if bytes > self.room {
            return;
        }
        let mut shard = self.shard(&key);
        let is_crowded = shard.young.bytes + shard.old.bytes > self.room;
        let held = shard.find(&key).filter(|entry| entry.until > now).map(|entry| &entry.value);
        let Some(value) = choose(held, is_crowded) else { return };
        let is_over = now.saturating_duration_since(shard.young.began) > self.life;
        let gone = (is_over || shard.young.bytes + bytes > self.room).then(|| shard.begin_generation(now));
        let replaced = shard.young.entries.insert(key, Entry { value, bytes, until: now + self.life });
        shard.young.bytes += bytes;
        shard.young.bytes -= replaced.as_ref().map_or(0, |replaced| replaced.bytes);
        drop((shard, gone, replaced));
    }

    /// Drops what nobody will get any more.
    pub fn forget_old(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let is_over = now.saturating_duration_since(shard.young.began) > self.life;
            let gone = is_over.then(|| shard.begin_generation(now));
            drop((shard, gone));
        }
    }

    fn shard<Q: Hash + ?Sized>(&self, key: &Q) -> MutexGuard<'_, Shard<K, V>> {
        // Tables take the low bits of a hash and the highest ones.
        let place = (self.hasher.hash_one(key) >> 32) as usize % self.shards.len();
        self.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub fn bytes(&self) -> u64 {
        let bytes = |shard: &Mutex<Shard<K, V>>| {
            let shard = shard.lock().unwrap();
            (shard.young.bytes + shard.old.bytes) as u64
        };
        self.shards.iter().map(bytes).sum()
    }

    #[cfg(test)]
    pub fn number(&self) -> usize {
        let number = |shard: &Mutex<Shard<K, V>>| {
            let shard = shard.lock().unwrap();
            shard.young.entries.len() + shard.old.entries.len()
        };
        self.shards.iter().map(number).sum()
    }
}

impl<K: Hash + Eq, V> Shard<K, V> {
    fn find<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&Entry<V>>
    where
        K: Borrow<Q>,
    {
        self.young.entries.get(key).or_else(|| self.old.entries.get(key))
    }

    /// The young ones are the old ones from now on; what is gone, to be dropped when nobody waits for the shard.
    fn begin_generation(&mut self, now: Instant) -> Generation<K, V> {
        let hasher = self.young.entries.hasher().clone();
        let entries = HashMap::with_capacity_and_hasher(self.young.entries.len(), hasher);
        let grown = replace(&mut self.young, Generation { entries, bytes: 0, began: now });
        replace(&mut self.old, grown)
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn keep(recent: &Recent<u32, u32>, key: u32, bytes: usize) {
        recent.keep(key, bytes, |_, _| Some(key));
    }

    #[test]
    fn an_entry_is_there_for_its_life_and_no_longer() {
        let life = Duration::from_millis(20);
        let recent = Recent::new(1024 * 1024, life);
        let begun = Instant::now();
        keep(&recent, 1, 100);

        while let Some(found) = recent.get(&1) {
            assert_eq!(found, 1);
            assert!(begun.elapsed() < Duration::from_secs(10));
        }
        assert!(begun.elapsed() >= life);

        for _ in 0..2 {
            sleep(life * 2);
            recent.forget_old();
        }
        assert_eq!((recent.number(), recent.bytes()), (0, 0));
    }

    #[test]
    fn what_came_first_goes_first_when_the_room_is_taken() {
        let recent = Recent::new(1024 * 1024, LONG);

        for key in 0..3000 {
            keep(&recent, key, 900);
            assert_eq!(recent.get(&key), Some(key));
        }

        assert!(recent.bytes() <= 1024 * 1024, "{}", recent.bytes());
        assert_eq!(recent.get(&0), None);
        assert_eq!(recent.get(&2500), Some(2500));
    }

    #[test]
    fn what_is_larger_than_the_room_is_not_kept() {
        let recent = Recent::new(10_000, LONG);

        keep(&recent, 1, 6000);

        assert_eq!(recent.get(&1), None);
    }

    #[test]
    fn what_is_there_decides_what_is_kept() {
        let recent = Recent::new(1024 * 1024, LONG);
        keep(&recent, 1, 0);

        recent.keep(1, 0, |held, _| held.is_none().then_some(2));
        assert_eq!(recent.get(&1), Some(1));

        recent.keep(1, 0, |held, is_crowded| held.filter(|_| !is_crowded).map(|held| held + 1));
        assert_eq!(recent.get(&1), Some(2));
        assert_eq!(recent.bytes(), FIXED_BYTES as u64);
    }
}
