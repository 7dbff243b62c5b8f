//! The arithmetic of a sliding window.
//!
//! A period has 30 sub-windows. What is charged lies in the bucket of the sub-window that runs, and counts until that sub-window lies
//! wholly outside the period: the running bucket and the 30 before it count, the oldest whole. So no interval as long as the period ever
//! holds more than the limit, and what was spent comes back at most 1/30 of the period late. `window.lua` is the same in Redis.

use std::collections::VecDeque;
use std::time::Duration;

/// So many sub-windows has a period.
pub const SUB_WINDOWS: u64 = 30;
/// The highest limit and the dearest charge: scripts of Redis count exactly so far.
const MOST: u64 = 1 << 52;

/// How much may be spent in any interval of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    limit: u64,
    period_ms: u64,
}

impl Rule {
    pub fn new(limit: u64, period: Duration) -> Self {
        Self { limit: limit.min(MOST), period_ms: (period.as_millis() as u64).max(SUB_WINDOWS) }
    }

    pub fn limit(self) -> u64 {
        self.limit
    }

    pub fn period(self) -> Duration {
        Duration::from_millis(self.period_ms)
    }

    pub(super) fn period_ms(self) -> u64 {
        self.period_ms
    }

    /// The number of the sub-window that runs at a moment.
    pub fn bucket_at(self, now_ms: u64) -> u64 {
        now_ms * SUB_WINDOWS / self.period_ms
    }

    /// From when on a bucket counts no longer.
    pub fn gone_at_ms(self, bucket: u64) -> u64 {
        ((bucket + SUB_WINDOWS + 1) * self.period_ms).div_ceil(SUB_WINDOWS)
    }
}

/// A window as a charge found it, and what becomes of the charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The window's time, which never goes back.
    pub now_ms: u64,
    /// What counted before the charge.
    pub used: u64,
    pub verdict: Verdict,
    /// The oldest bucket with something in it; told only when the charge does not pass or leaves nothing, and then counted with it.
    pub oldest: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passes,
    /// It would pass once this bucket is gone, if nothing else is spent.
    After(u64),
    /// It is above the limit itself.
    Never,
}

/// What was spent by one of whom there are rules.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// The window's time when it was last looked at: that of the clock, and what was added to it because it went back.
    last_ms: u64,
    offset_ms: u64,
    used: u64,
    /// Numbers and contents, the oldest first.
    buckets: VecDeque<(u64, u64)>,
}

impl Window {
    pub fn begin(clock_ms: u64) -> Self {
        Self { last_ms: clock_ms, ..Self::default() }
    }

    /// Drops what counts no longer. A clock that went back goes on from where the window's time was.
    fn settle(&mut self, clock_ms: u64, rule: Rule) {
        let now_ms = clock_ms + self.offset_ms;
        if now_ms < self.last_ms {
            self.offset_ms += self.last_ms - now_ms;
        }
        self.last_ms = clock_ms + self.offset_ms;
        let running = rule.bucket_at(self.last_ms);
        while let Some((bucket, amount)) = self.buckets.front()
            && bucket + SUB_WINDOWS < running
        {
            self.used -= amount;
            self.buckets.pop_front();
        }
    }

    /// What would become of a charge now.
    pub fn read(&mut self, clock_ms: u64, rule: Rule, amount: u64) -> Reading {
        self.settle(clock_ms, rule);
        let over = self.used.saturating_add(amount).saturating_sub(rule.limit);
        let verdict = if over == 0 {
            Verdict::Passes
        } else if amount > rule.limit {
            Verdict::Never
        } else {
            Verdict::After(self.bucket_that_frees(over))
        };
        let is_full = self.used.saturating_add(amount) >= rule.limit;
        let oldest = self.buckets.iter().find(|(_, held)| *held > 0).map(|(bucket, _)| *bucket);
        let own = (over == 0 && amount > 0).then(|| rule.bucket_at(self.last_ms));
        let oldest = oldest.or(own).filter(|_| is_full);
        Reading { now_ms: self.last_ms, used: self.used, verdict, oldest }
    }

    /// Puts a charge that passes into the running bucket.
    pub fn put(&mut self, rule: Rule, amount: u64) {
        let running = rule.bucket_at(self.last_ms);
        self.used += amount;
        match self.buckets.back_mut() {
            Some((bucket, held)) if *bucket == running => *held += amount,
            _ => self.buckets.push_back((running, amount)),
        }
    }

    /// Gives back what was charged to a bucket, as long as it counts and no more than is in it; how much that was.
    pub fn refund(&mut self, bucket: u64, amount: u64) -> u64 {
        let Ok(index) = self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) else { return 0 };
        let back = self.buckets[index].1.min(amount);
        self.buckets[index].1 -= back;
        self.used -= back;
        back
    }

    /// Whether nothing that was charged counts any more: such a window is as good as none.
    pub fn is_idle(&mut self, clock_ms: u64, rule: Rule) -> bool {
        self.settle(clock_ms, rule);
        self.buckets.is_empty()
    }

    /// The youngest of the buckets that must be gone before so much is free.
    fn bucket_that_frees(&self, amount: u64) -> u64 {
        let mut freed = 0;
        let frees = |(bucket, held): &(u64, u64)| {
            freed += held;
            (freed >= amount).then_some(*bucket)
        };
        // A charge up to the limit passes when everything is gone.
        self.buckets.iter().find_map(frees).unwrap_or_default()
    }
}
