//! A window as a plain list of all that was ever charged, and what happens to one.

use std::time::Duration;

use proptest::prelude::*;

use crate::limit::window::{Reading, Rule, Verdict};

/// A charge, by the window's time.
#[derive(Clone, Debug)]
pub struct Entry {
    pub at_ms: u64,
    pub amount: u64,
}

/// The same rules, told without buckets: a charge counts until the sub-window it fell into lies wholly outside the period.
#[derive(Default)]
pub struct Model {
    pub entries: Vec<Entry>,
    clock_ms: u64,
    pub now_ms: u64,
}

impl Model {
    pub fn begin(clock_ms: u64) -> Self {
        Self { entries: Vec::new(), clock_ms, now_ms: clock_ms }
    }

    fn used_at(&self, at_ms: u64, rule: Rule) -> u64 {
        let counts = |entry: &&Entry| rule.gone_at_ms(rule.bucket_at(entry.at_ms)) > at_ms;
        self.entries.iter().filter(counts).map(|entry| entry.amount).sum()
    }

    /// Charges if that may be.
    pub fn charge(&mut self, clock_ms: u64, rule: Rule, amount: u64) -> Reading {
        self.now_ms += clock_ms.saturating_sub(self.clock_ms);
        self.clock_ms = clock_ms;
        let now_ms = self.now_ms;
        let used = self.used_at(now_ms, rule);
        let buckets: Vec<u64> = self.entries.iter().map(|entry| rule.bucket_at(entry.at_ms)).collect();
        let passes_at = |bucket: &&u64| self.used_at(rule.gone_at_ms(**bucket), rule) + amount <= rule.limit();
        let verdict = if used + amount <= rule.limit() {
            Verdict::Passes
        } else if amount > rule.limit() {
            Verdict::Never
        } else {
            let is_there = |bucket: &&u64| rule.gone_at_ms(**bucket) > now_ms;
            Verdict::After(*buckets.iter().filter(is_there).find(passes_at).unwrap())
        };
        if verdict == Verdict::Passes {
            self.entries.push(Entry { at_ms: now_ms, amount });
        }
        let counts = |entry: &&Entry| entry.amount > 0 && rule.gone_at_ms(rule.bucket_at(entry.at_ms)) > now_ms;
        let oldest = self.entries.iter().find(counts).map(|entry| rule.bucket_at(entry.at_ms));
        Reading { now_ms, used, verdict, oldest: oldest.filter(|_| used + amount >= rule.limit()) }
    }

    /// Gives back to a bucket, the youngest of its charges first.
    pub fn refund(&mut self, rule: Rule, bucket: u64, amount: u64) {
        let mut left = amount;
        for entry in self.entries.iter_mut().rev().filter(|entry| rule.bucket_at(entry.at_ms) == bucket) {
            let back = entry.amount.min(left);
            entry.amount -= back;
            left -= back;
        }
    }
}

/// What happens to a window.
#[derive(Clone, Debug)]
pub enum Step {
    Wait(u64),
    /// Someone sets the clock.
    Back(u64),
    Forward(u64),
    Charge(u64),
    /// Gives back a part of the so manieth charge from the end.
    Refund(usize, u64),
}

pub const START_MS: u64 = 1_700_000_000_000;

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0u64..4000).prop_map(Step::Wait),
        1 => (0u64..130_000).prop_map(Step::Wait),
        // To the edge of a period, from either side.
        1 => (59_995u64..60_005).prop_map(Step::Wait),
        1 => (0u64..300_000).prop_map(Step::Back),
        1 => (0u64..300_000).prop_map(Step::Forward),
        5 => (0u64..40).prop_map(Step::Charge),
        3 => (60u64..=101).prop_map(Step::Charge),
        3 => (0usize..5, 0u64..120).prop_map(|(charge, amount)| Step::Refund(charge, amount)),
    ];
    proptest::collection::vec(step, 1..120)
}

pub fn rules() -> impl Strategy<Value = Rule> {
    prop_oneof![Just(60_000u64), Just(1000), Just(7000), 1000u64..3_600_000]
        .prop_map(|period_ms| Rule::new(100, Duration::from_millis(period_ms)))
}
