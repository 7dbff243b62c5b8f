//! The sliding windows: how much each client, address and buyer has spent lately, and who has nothing left.
//!
//! | file | holds |
//! | --- | --- |
//! | `window` | the arithmetic: 30 sub-windows, the oldest counted whole |
//! | `key` | whose a window is, and its name in Redis |
//! | `remote`, `window.lua`, `refunds` | windows in Redis, which all instances share; what is given back to them |
//! | `local` | windows in the process: without Redis, and while it does not answer |
//! | `receipt` | who pays, what was spent, or why not |
//! | `refused` | who is refused without a round trip |
//! | `count` | the metrics |
//!
//! A request spends from all of its windows or from none. Nothing here fails a request but a window that is used up: without an answer
//! from Redis each instance counts for itself.

mod count;
mod key;
mod local;
mod receipt;
mod refunds;
mod refused;
mod remote;
pub mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::WindowConfig;
use crate::redis::{Endpoint, Silence};
use count::Counts;
pub use key::Policy;
use key::{Key, Spending, Subject};
use local::Local;
use receipt::Spent;
pub use receipt::{Receipt, Refusal, Standing, Who};
use refunds::Refunds;
use refused::Refused;
use remote::{Refund, Remote};
use window::{Reading, Rule, Verdict};

/// How soon points come back to Redis that go along with no charge.
const REFUND_WITHIN: Duration = Duration::from_millis(100);
/// How often what is of no use any more is dropped.
const TIDY_EVERY: Duration = Duration::from_secs(1);

pub struct Limiter {
    /// `None`: windows are off.
    rules: Option<Rules>,
    remote: Option<Remote>,
    local: Local,
    refused: Refused,
    refunds: Refunds,
    counts: Counts,
    began: Instant,
}

/// What is allowed in a period.
struct Rules {
    client_points: u64,
    address: Rule,
    mutations: Rule,
}

impl Limiter {
    /// No windows at all.
    pub fn off() -> Self {
        Self::over(None, None)
    }

    /// Windows in Redis, or without it in the process. Installations that share a Redis need namespaces of their own.
    pub fn new(config: &WindowConfig, redis: Option<Arc<Endpoint>>, namespace: &str) -> Self {
        let period = Duration::from_secs(config.window_secs);
        let rules = Rules {
            client_points: config.client_points,
            address: Rule::new(config.address_points, period),
            mutations: Rule::new(config.window_mutations, period),
        };
        Self::over(Some(rules), redis.map(|endpoint| Remote::new(endpoint, namespace)))
    }

    fn over(rules: Option<Rules>, remote: Option<Remote>) -> Self {
        Self {
            rules,
            remote,
            local: Local::new(),
            refused: Refused::default(),
            refunds: Refunds::default(),
            counts: Counts::default(),
            began: Instant::now(),
        }
    }

    pub fn is_on(&self) -> bool {
        self.rules.is_some()
    }

    /// Whether a request is refused before it is read, because a window was found used up a moment ago. Asks nobody.
    pub fn refused_for(&self, who: &Who) -> Option<Refusal> {
        let rules = self.rules.as_ref().filter(|_| !self.refused.is_empty())?;
        let keys = rules.spendings(who, 0, 0).into_iter().map(|one| one.key);
        let refusal = self.refused.find(keys)?;
        self.counts.refused(refusal.policy);
        Some(refusal)
    }

    /// Spends from all windows of a request, or from none when one has too little left.
    pub async fn charge(&self, who: &Who, points: u64, mutations: u32) -> Result<Receipt, Refusal> {
        let Some(rules) = &self.rules else { return Ok(Receipt::default()) };
        let spendings = rules.spendings(who, points, mutations);
        if let Some(refusal) = self.refused.find(spendings.iter().map(|one| one.key)) {
            self.counts.refused(refusal.policy);
            return Err(refusal);
        }
        let owner = spendings[0].key.owner();
        let shared = match &self.remote {
            Some(remote) => Some(remote.charge(&spendings, &self.refunds.take(owner)).await),
            None => None,
        };
        let found_silence = matches!(shared, Some(Err(Silence::Open | Silence::Failed)));
        if let Some(Err(_)) = &shared {
            self.counts.fallbacks.increment(1);
        }
        let shared = shared.and_then(Result::ok);
        let is_in_process = shared.is_none();
        let readings = shared.unwrap_or_else(|| self.local.charge(owner, &spendings, self.clock_ms()));
        let outcome = self.outcome(&spendings, &readings);
        match &outcome {
            Ok(_) => self.counts.charged_points.increment(points),
            Err(refusal) => self.counts.refused(refusal.policy),
        }
        outcome.map(|spent| Receipt { spent, is_in_process, found_silence })
    }

    /// Gives points back that were charged and not used; does not wait for Redis.
    pub fn refund(&self, receipt: &Receipt, points: u64) {
        if points == 0 {
            return;
        }
        for Spent { spending, bucket, .. } in &receipt.spent {
            let Spending { key, rule, amount } = *spending;
            if !key.policy.is_in_points() {
                continue;
            }
            let amount = points.min(amount);
            if key.policy == Policy::Points {
                self.counts.refunded_points.increment(amount);
            }
            if receipt.is_in_process {
                self.local.refund(key, *bucket, amount);
            } else {
                self.refunds.add(Refund { key, rule, bucket: *bucket, amount });
            }
            self.refused.forget(key);
        }
    }

    /// What goes on beside the requests: points go back to Redis, and what is of no use any more is dropped. Never ends.
    pub async fn keep(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(REFUND_WITHIN);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut tidied = Instant::now();
        loop {
            ticks.tick().await;
            if let Some(remote) = &self.remote {
                remote.refund(&self.refunds.take_all()).await;
            }
            if tidied.elapsed() >= TIDY_EVERY {
                tidied = Instant::now();
                self.refused.drop_old();
                self.local.drop_idle(self.clock_ms());
            }
        }
    }

    /// What was spent when every window let it pass, else the refusal that lasts longest.
    fn outcome(&self, spendings: &[Spending], readings: &[Reading]) -> Result<Vec<Spent>, Refusal> {
        let found = || spendings.iter().zip(readings);
        let refused = found().filter(|(_, reading)| reading.verdict != Verdict::Passes);
        let longest = refused.max_by_key(|(one, reading)| match reading.verdict {
            Verdict::After(bucket) => one.rule.gone_at_ms(bucket) - reading.now_ms,
            _ => u64::MAX,
        });
        let Some((one, reading)) = longest else {
            return Ok(found().map(|(one, reading)| self.spent(one, reading)).collect());
        };
        let refusal = Refusal::new(one, reading, one.rule.limit().saturating_sub(reading.used));
        if let Verdict::After(bucket) = reading.verdict {
            self.remember(one, reading, &refusal, bucket);
        }
        Err(refusal)
    }

    fn spent(&self, one: &Spending, reading: &Reading) -> Spent {
        let remaining = one.rule.limit().saturating_sub(reading.used + one.amount);
        if let Some(oldest) = reading.oldest.filter(|_| remaining == 0) {
            self.remember(one, reading, &Refusal::new(one, reading, 0), oldest);
        }
        Spent::new(one, reading)
    }

    /// Remembers a refusal that ends when this bucket is gone, until something comes back.
    fn remember(&self, one: &Spending, reading: &Reading, refusal: &Refusal, bucket: u64) {
        let Some(oldest) = reading.oldest else { return };
        let until = |bucket| Duration::from_millis(one.rule.gone_at_ms(bucket).saturating_sub(reading.now_ms));
        let lasts = until(oldest).min(one.rule.period() / window::SUB_WINDOWS as u32);
        self.refused.remember(one.key, refusal.clone(), lasts, until(bucket));
    }

    fn clock_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

impl Rules {
    /// What a request spends, and from which windows; they have one owner.
    fn spendings(&self, who: &Who, points: u64, mutations: u32) -> Vec<Spending> {
        let mut spendings = Vec::with_capacity(Policy::ALL.len());
        let mut spend = |subject, policy, rule, amount| {
            spendings.push(Spending { key: Key { subject, policy }, rule, amount });
        };
        let subject = match *who {
            Who::Client { id, points: given, buyer } => {
                let rule = Rule::new(given.unwrap_or(self.client_points), self.address.period());
                spend(Subject::Client(id), Policy::Points, rule, points);
                if let Some(address) = buyer {
                    let subject = Subject::Buyer { client: id, network: address.into() };
                    spend(subject, Policy::Buyer, self.address, points);
                }
                Subject::Client(id)
            }
            Who::Address(address) => {
                spend(Subject::Address(address.into()), Policy::Points, self.address, points);
                Subject::Address(address.into())
            }
        };
        if mutations > 0 {
            spend(subject, Policy::Mutations, self.mutations, mutations.into());
        }
        spendings
    }
}
