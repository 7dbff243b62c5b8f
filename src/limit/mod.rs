//! The sliding windows: how much each client, address and buyer has spent lately, and who has nothing left.
//!
//! | file | holds |
//! | --- | --- |
//! | `window` | the arithmetic: 30 sub-windows, the oldest counted whole |
//! | `key` | whose a window is, and its name in Redis |
//! | `remote`, `window.lua`, `refunds` | windows in Redis, which all instances share; what is given back to them |
//! | `local` | windows in the process: without Redis, and while it does not answer |
//! | `rules` | what is allowed, and what a request spends |
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
mod rules;
pub mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::WindowConfig;
use crate::redis::{Endpoint, Silence};
use count::Counts;
use key::{Key, Spending, Subject};
pub use key::{Network, Policy};
use local::Local;
use receipt::Spent;
pub use receipt::{Receipt, Refusal, Standing, Who};
use refunds::Refunds;
use refused::Refused;
use remote::{Refund, Remote};
use rules::Rules;
use window::{Reading, Rule, Verdict};

/// What a request costs that comes to nothing, whatever was wrong with it, in points.
pub const REQUEST_ERROR: u64 = 10;
/// How soon points come back to Redis that go along with no charge.
const REFUND_WITHIN: Duration = Duration::from_millis(100);
/// How often what is of no use any more is dropped.
const TIDY_EVERY: Duration = Duration::from_secs(1);

pub struct Limiter {
    /// `None`: requests are not limited.
    rules: Option<Rules>,
    remote: Option<Remote>,
    local: Local,
    refused: Refused,
    refunds: Refunds,
    counts: Counts,
    began: Instant,
}

impl Limiter {
    /// No windows but those of logins.
    pub fn of_logins(redis: Option<Arc<Endpoint>>, namespace: &str) -> Self {
        Self::over(None, redis.map(|endpoint| Remote::new(endpoint, namespace)))
    }

    /// Windows in Redis, or without it in the process. Installations that share a Redis need namespaces of their own.
    pub fn new(config: &WindowConfig, redis: Option<Arc<Endpoint>>, namespace: &str) -> Self {
        Self::over(Some(Rules::new(config)), redis.map(|endpoint| Remote::new(endpoint, namespace)))
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

    /// Whether a request is refused before it is read, because what it might cost to find it wrong was found missing a moment ago. Asks
    /// nobody.
    pub fn refused_for(&self, who: &Who) -> Option<Refusal> {
        let rules = self.rules.as_ref().filter(|_| !self.refused.is_empty())?;
        let keys = rules.spendings(who, 0, 0).into_iter().map(|one| one.key);
        let refusal = self.refused.find(keys)?;
        self.counts.refused(refusal.policy);
        Some(refusal)
    }

    /// Spends from all windows of a request, or from none when one has too little left. To be refused costs what every request costs that
    /// comes to nothing; whoever cannot pay that is remembered.
    pub async fn charge(&self, who: &Who, points: u64, mutations: u32) -> Result<Receipt, Refusal> {
        let over = match self.spend(who, points, mutations).await {
            Ok(receipt) => return Ok(receipt),
            Err(over) => over,
        };
        self.counts.refused(over.refusal.policy);
        let is_error = points <= REQUEST_ERROR && mutations == 0;
        let of_error = if is_error { Err(over.clone()) } else { self.spend(who, REQUEST_ERROR, 0).await };
        match of_error {
            Err(of_error) => {
                let Over { refusal, key, lasts, wait } = *of_error;
                if refusal.retry_after.is_some() {
                    self.refused.remember(key, refusal, lasts, wait);
                }
                Err(over.refusal)
            }
            // There is less left by now, and what was asked for is further away.
            Ok(_) => self.spend(who, points, mutations).await.map_err(|over| over.refusal),
        }
    }

    /// Counts a login, of which this many may fail in a period. Whose it is comes as a hash that tells nobody who.
    pub async fn count_login(&self, subject: u128, most: u32, period: Duration) -> Result<Receipt, Refusal> {
        let key = Key { subject: Subject::Login(subject), policy: Policy::Logins };
        let one = Spending { key, rule: Rule::new(most.into(), period), amount: 1 };
        self.spend_all(vec![one]).await.map_err(|over| {
            self.counts.refused(Policy::Logins);
            over.refusal
        })
    }

    /// Forgets the logins that failed.
    pub async fn forget_logins(&self, subject: u128, period: Duration) {
        let key = Key { subject: Subject::Login(subject), policy: Policy::Logins };
        self.local.forget(key);
        if let Some(remote) = &self.remote {
            remote.forget(key, Rule::new(0, period)).await;
        }
    }

    async fn spend(&self, who: &Who, points: u64, mutations: u32) -> Result<Receipt, Box<Over>> {
        let Some(rules) = &self.rules else { return Ok(Receipt::default()) };
        let receipt = self.spend_all(rules.spendings(who, points, mutations)).await?;
        self.counts.charged_points.increment(points);
        Ok(receipt)
    }

    /// Spends from windows of one owner, all of them or none.
    async fn spend_all(&self, spendings: Vec<Spending>) -> Result<Receipt, Box<Over>> {
        let owner = spendings[0].key.owner();
        let shared = match &self.remote {
            Some(remote) => {
                let refunds = self.refunds.take(owner);
                let charged = remote.charge(&spendings, &refunds).await;
                if charged == Err(Silence::Open) {
                    refunds.into_iter().for_each(|refund| self.refunds.add(refund));
                }
                Some(charged)
            }
            None => None,
        };
        let found_silence = matches!(shared, Some(Err(Silence::Open | Silence::Failed)));
        if let Some(Err(_)) = &shared {
            self.counts.fallbacks.increment(1);
        }
        let shared = shared.and_then(Result::ok);
        let is_in_process = shared.is_none();
        let readings = shared.unwrap_or_else(|| self.local.charge(owner, &spendings, self.clock_ms()));
        let spent = outcome(&spendings, &readings)?;
        Ok(Receipt { spent, is_in_process, found_silence })
    }

    /// Gives back points that were charged and not used, or a login that did not fail; does not wait for Redis.
    pub fn refund(&self, receipt: &Receipt, points: u64) {
        if points == 0 {
            return;
        }
        for Spent { spending, bucket, .. } in &receipt.spent {
            let Spending { key, rule, amount } = *spending;
            if !key.policy.comes_back() {
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
            if let Some(remote) = self.remote.as_ref().filter(|remote| remote.is_in_use()) {
                remote.refund(&self.refunds.take_all()).await;
            }
            if tidied.elapsed() >= TIDY_EVERY {
                tidied = Instant::now();
                self.refused.drop_old();
                self.local.drop_idle(self.clock_ms());
            }
        }
    }

    fn clock_ms(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

/// The refusal of one window: how long it can be remembered, and in how long the same would pass.
#[derive(Clone)]
struct Over {
    refusal: Refusal,
    key: Key,
    lasts: Duration,
    wait: Duration,
}

/// What was spent when every window let it pass, else the refusal that lasts longest.
fn outcome(spendings: &[Spending], readings: &[Reading]) -> Result<Vec<Spent>, Box<Over>> {
    let found = || spendings.iter().zip(readings);
    let until = |one: &Spending, reading: &Reading, bucket| {
        Duration::from_millis(one.rule.gone_at_ms(bucket).saturating_sub(reading.now_ms))
    };
    let wait = |one: &Spending, reading: &Reading| match reading.verdict {
        Verdict::After(bucket) => until(one, reading, bucket),
        _ => Duration::MAX,
    };
    let refused = found().filter(|(_, reading)| reading.verdict != Verdict::Passes);
    let Some((one, reading)) = refused.max_by_key(|(one, reading)| wait(one, reading)) else {
        return Ok(found().map(|(one, reading)| Spent::new(one, reading)).collect());
    };
    // Another instance may give something back before anything comes back by itself.
    let most = one.rule.period() / window::SUB_WINDOWS as u32;
    let lasts = reading.oldest.map_or(Duration::ZERO, |oldest| until(one, reading, oldest).min(most));
    let refusal = Refusal::new(one, reading, one.rule.limit().saturating_sub(reading.used));
    Err(Box::new(Over { refusal, key: one.key, lasts, wait: wait(one, reading) }))
}
