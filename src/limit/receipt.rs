//! Who pays for a request, and what the payer is told: what was spent and what is left, or why nothing was.

use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;

use super::key::{Policy, Spending};
use super::refused::whole_seconds;
use super::window::{Reading, Verdict};

/// Who pays for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A client whose key was verified, with its points per period if its key was given some, and the address of the buyer whom it asks
    /// for: that one has a window of his own, as if he had asked himself.
    Client { id: Uuid, points: Option<u64>, buyer: Option<IpAddr> },
    /// Anybody else, by the address.
    Address(IpAddr),
}

/// A window as it is after a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub policy: Policy,
    pub limit: u64,
    pub remaining: u64,
    /// In whole seconds: until the limit can be spent again if nothing is spent until then.
    pub resets_in: Duration,
    pub period: Duration,
}

/// What was spent, and where: part of it may be given back.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    pub(super) spent: Vec<Spent>,
    pub(super) is_in_process: bool,
    pub(super) found_silence: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Spent {
    pub spending: Spending,
    pub bucket: u64,
    pub standing: Standing,
}

/// A window has too little left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub policy: Policy,
    pub limit: u64,
    pub remaining: u64,
    /// In whole seconds, at least one: then the same passes, if nothing else is spent; a second earlier it does not. `None` when it never
    /// does, because it is above the limit.
    pub retry_after: Option<Duration>,
    pub period: Duration,
}

impl Receipt {
    /// All windows that were charged; none when windows are off.
    pub fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.spent.iter().map(|spent| &spent.standing)
    }

    /// Whether Redis did not answer: nor will it answer what the request asks it next.
    pub fn found_silence(&self) -> bool {
        self.found_silence
    }

    /// Of the windows in points the one with the least left.
    pub fn points(&self) -> Option<&Standing> {
        self.standings().filter(|standing| standing.policy.is_in_points()).min_by_key(|standing| standing.remaining)
    }
}

impl Spent {
    /// A charge that passed.
    pub fn new(one: &Spending, reading: &Reading) -> Self {
        let bucket = one.rule.bucket_at(reading.now_ms);
        let standing = Standing {
            policy: one.key.policy,
            limit: one.rule.limit(),
            remaining: one.rule.limit().saturating_sub(reading.used + one.amount),
            resets_in: until_gone(one, reading, bucket),
            period: one.rule.period(),
        };
        Self { spending: *one, bucket, standing }
    }
}

impl Refusal {
    pub(super) fn new(one: &Spending, reading: &Reading, remaining: u64) -> Self {
        let retry_after = match reading.verdict {
            Verdict::After(bucket) => Some(until_gone(one, reading, bucket)),
            _ => None,
        };
        Self { policy: one.key.policy, limit: one.rule.limit(), remaining, retry_after, period: one.rule.period() }
    }
}

fn until_gone(one: &Spending, reading: &Reading, bucket: u64) -> Duration {
    whole_seconds(Duration::from_millis(one.rule.gone_at_ms(bucket).saturating_sub(reading.now_ms)))
}
