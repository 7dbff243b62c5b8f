//! Windows in the process: for an installation without Redis, and while Redis does not answer.
//!
//! Their number is bounded. Idle ones are dropped; when there are too many all the same, newcomers share a window (one in each shard of
//! the map): nobody goes free.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::key::{Key, Policy, Spending, Subject};
use super::window::{Reading, Rule, Verdict, Window};

/// So many windows are kept for addresses and buyers. Those of clients are as many as there are clients.
const MOST_WINDOWS: usize = 200_000;
const SHARDS: usize = 16;

pub struct Local {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    most_in_shard: usize,
}

#[derive(Default)]
struct Shard {
    windows: HashMap<Key, Kept>,
    /// How many of them anybody can make.
    made: usize,
    /// What newcomers share.
    shared: HashMap<Policy, Window>,
}

struct Kept {
    window: Window,
    rule: Rule,
}

impl Local {
    pub fn new() -> Self {
        Self::with_room(MOST_WINDOWS)
    }

    pub(super) fn with_room(most: usize) -> Self {
        Self { shards: Default::default(), hasher: RandomState::new(), most_in_shard: most / SHARDS }
    }

    fn shard(&self, owner: Subject) -> MutexGuard<'_, Shard> {
        let shard = self.hasher.hash_one(owner) as usize % SHARDS;
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Charges windows of one owner, all or none; what was found in each.
    pub fn charge(&self, owner: Subject, spendings: &[Spending], clock_ms: u64) -> Vec<Reading> {
        let mut shard = self.shard(owner);
        let most = self.most_in_shard;
        let read = |one: &Spending| match shard.window(one.key, most) {
            Some(window) => window.read(clock_ms, one.rule, one.amount),
            None => Window::begin(clock_ms).read(clock_ms, one.rule, one.amount),
        };
        let readings: Vec<Reading> = spendings.iter().map(read).collect();
        if readings.iter().all(|reading| reading.verdict == Verdict::Passes) {
            spendings.iter().for_each(|one| shard.put(one, clock_ms, most));
        }
        readings
    }

    pub fn refund(&self, key: Key, bucket: u64, amount: u64) -> u64 {
        let mut shard = self.shard(key.owner());
        match shard.windows.get_mut(&key) {
            Some(kept) => kept.window.refund(bucket, amount),
            None => shard.shared.get_mut(&key.policy).map_or(0, |window| window.refund(bucket, amount)),
        }
    }

    /// Drops a window, whatever counts in it.
    pub fn forget(&self, key: Key) {
        let mut shard = self.shard(key.owner());
        if shard.windows.remove(&key).is_some() && key.is_anybodys() {
            shard.made -= 1;
        }
    }

    /// Drops windows in which nothing counts any more.
    pub fn drop_idle(&self, clock_ms: u64) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.windows.retain(|_, kept| !kept.window.is_idle(clock_ms, kept.rule));
            shard.made = shard.windows.keys().filter(|key| key.is_anybodys()).count();
        }
    }
}

impl Shard {
    /// The window of a key, which those who came too late share; `None` when it is to be made.
    fn window(&mut self, key: Key, most: usize) -> Option<&mut Window> {
        let is_late = key.is_anybodys() && self.made >= most;
        match self.windows.get_mut(&key) {
            Some(kept) => Some(&mut kept.window),
            None if is_late => Some(self.shared.entry(key.policy).or_default()),
            None => None,
        }
    }

    fn put(&mut self, one: &Spending, clock_ms: u64, most: usize) {
        if let Some(window) = self.window(one.key, most) {
            return window.put(one.rule, one.amount);
        }
        let mut window = Window::begin(clock_ms);
        window.put(one.rule, one.amount);
        self.made += usize::from(one.key.is_anybodys());
        self.windows.insert(one.key, Kept { window, rule: one.rule });
    }
}
