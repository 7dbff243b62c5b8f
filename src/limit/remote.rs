//! Windows in Redis: one script for all windows of a request, in one round trip.

use std::sync::{Arc, LazyLock};

use redis::{Cmd, Script, cmd};

use super::key::{Key, Spending};
use super::window::{Reading, Rule, Verdict};
use crate::redis::{Endpoint, Silence, evalsha};

static WINDOW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("window.lua")));
/// The most scripts of one round trip.
const MOST_SCRIPTS: usize = 100;
/// What the script tells of a window.
const TOLD: usize = 4;

/// Points to be given back to the bucket that was charged.
#[derive(Clone, Copy, Debug)]
pub struct Refund {
    pub key: Key,
    pub rule: Rule,
    pub bucket: u64,
    pub amount: u64,
}

pub struct Remote {
    endpoint: Arc<Endpoint>,
    namespace: String,
}

impl Remote {
    pub fn new(endpoint: Arc<Endpoint>, namespace: &str) -> Self {
        Self { endpoint, namespace: namespace.to_owned() }
    }

    /// Whether requests may use it.
    pub fn is_in_use(&self) -> bool {
        self.endpoint.is_in_use()
    }

    /// Gives back, then charges windows of one owner, all or none; what was found in each.
    pub async fn charge(&self, spendings: &[Spending], refunds: &[Refund]) -> Result<Vec<Reading>, Silence> {
        let command = self.command(spendings, refunds);
        let mut answers: Vec<Vec<i64>> = self.endpoint.run(&WINDOW, vec![command]).await?;
        let answer = answers.pop().unwrap_or_default();
        let windows = answer.get(1..).unwrap_or_default();
        let readings: Option<Vec<Reading>> = windows.chunks_exact(TOLD).map(reading).collect();
        readings.filter(|readings| readings.len() == spendings.len()).ok_or(Silence::Refused)
    }

    /// Gives back to many owners; whether Redis has heard of all.
    pub async fn refund(&self, owners: &[Vec<Refund>]) -> bool {
        for owners in owners.chunks(MOST_SCRIPTS) {
            let commands = owners.iter().map(|refunds| self.command(&[], refunds)).collect();
            if self.endpoint.run::<Vec<i64>>(&WINDOW, commands).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Drops a window, whatever counts in it.
    pub async fn forget(&self, key: Key, rule: Rule) {
        let mut unlink = cmd("UNLINK");
        unlink.arg(key.name(&self.namespace, rule));
        let _ = self.endpoint.ask::<i64>(unlink).await;
    }

    fn command(&self, spendings: &[Spending], refunds: &[Refund]) -> Cmd {
        let charged = spendings.iter().map(|one| one.key.name(&self.namespace, one.rule));
        let refunded = refunds.iter().map(|one| one.key.name(&self.namespace, one.rule));
        let keys: Vec<String> = charged.chain(refunded).collect();
        let mut command = evalsha(&WINDOW, &keys);
        command.arg(spendings.len());
        for one in spendings {
            command.arg(one.rule.limit()).arg(one.rule.period_ms()).arg(one.amount);
        }
        for one in refunds {
            command.arg(one.bucket).arg(one.amount);
        }
        command
    }
}

/// What the script told of a window; `None` for what makes no sense.
fn reading(told: &[i64]) -> Option<Reading> {
    let &[now_ms, used, frees, oldest] = told else { return None };
    let verdict = match frees {
        -1 => Verdict::Passes,
        -2 => Verdict::Never,
        bucket => Verdict::After(u64::try_from(bucket).ok()?),
    };
    let (now_ms, used) = (u64::try_from(now_ms).ok()?, u64::try_from(used).ok()?);
    Some(Reading { now_ms, used, verdict, oldest: u64::try_from(oldest).ok() })
}
