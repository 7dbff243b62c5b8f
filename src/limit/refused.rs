//! Who cannot even pay for a request that comes to nothing, as far as this process was told: whoever asks again is refused before anything
//! is read or sent.
//!
//! It is remembered until something comes back, and for a sub-window at most: another instance may have given something back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Refusal;
use super::key::Key;

/// So many are remembered; who is not costs a round trip.
const MOST: usize = 100_000;

#[derive(Default)]
pub struct Refused {
    windows: Mutex<HashMap<Key, Remembered>>,
    /// How many there are: usually none, and then nobody waits for the lock.
    count: AtomicUsize,
}

struct Remembered {
    until: Instant,
    /// When what was refused would pass.
    passes_at: Instant,
    refusal: Refusal,
}

impl Refused {
    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// What one of these windows was refused lately.
    pub fn find(&self, keys: impl IntoIterator<Item = Key>) -> Option<Refusal> {
        if self.is_empty() {
            return None;
        }
        let (windows, now) = (self.windows(), Instant::now());
        let remembered = keys.into_iter().filter_map(|key| windows.get(&key)).filter(|one| now < one.until);
        let longest = remembered.max_by_key(|one| one.passes_at)?;
        let retry_after = whole_seconds(longest.passes_at.saturating_duration_since(now));
        Some(Refusal { retry_after: Some(retry_after), ..longest.refusal.clone() })
    }

    /// Remembers that a window has too little left for a while. `wait`: until what was refused would pass.
    pub fn remember(&self, key: Key, refusal: Refusal, lasts: Duration, wait: Duration) {
        let (mut windows, now) = (self.windows(), Instant::now());
        if windows.len() < MOST || windows.contains_key(&key) {
            windows.insert(key, Remembered { until: now + lasts, passes_at: now + wait, refusal });
        }
        self.count.store(windows.len(), Ordering::Release);
    }

    /// Something came back.
    pub fn forget(&self, key: Key) {
        if !self.is_empty() {
            let mut windows = self.windows();
            windows.remove(&key);
            self.count.store(windows.len(), Ordering::Release);
        }
    }

    pub fn drop_old(&self) {
        let (mut windows, now) = (self.windows(), Instant::now());
        windows.retain(|_, one| now < one.until);
        self.count.store(windows.len(), Ordering::Release);
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<Key, Remembered>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As HTTP tells it: rounded up, and not at once.
pub fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_millis().div_ceil(1000).max(1) as u64)
}
