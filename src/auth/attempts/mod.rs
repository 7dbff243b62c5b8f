//! Logins that fail: 10 by account and 30 by address in 15 minutes, counted in the database, so that they count on all instances and without
//! Redis.
//!
//! An attempt counts before it is made, so that many at once are not more than one after the other, and is taken back when it was right. Accounts
//! and addresses are kept as keyed hashes: the table tells nobody who logs in from where, and unknown accounts count as others do.

mod repo;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::secret::Seal;
use crate::db::{Db, Routing, now};
use crate::error::{Error, Result};

const PERIOD: TimeDelta = TimeDelta::minutes(15);
const MOST_BY_ACCOUNT: i32 = 10;
const MOST_BY_ADDRESS: i32 = 30;

pub struct Attempts {
    db: Arc<Db>,
    seal: Seal,
}

/// What an attempt was counted for.
pub struct Attempt {
    account: Option<Subject>,
    address: Option<Subject>,
}

/// Whose attempts are counted together, in a form that tells nobody who.
type Subject = Vec<u8>;

impl Attempts {
    pub fn new(db: Arc<Db>, seal: Seal) -> Self {
        Self { db, seal }
    }

    /// Counts an attempt for an account, where it is about one, and for the address that it comes from, where that is known. One too many is
    /// refused, and does not count.
    pub async fn begin(&self, account: Option<&str>, address: Option<&str>) -> Result<Attempt> {
        let attempt = Attempt {
            account: account.map(|account| self.subject("account", account)),
            address: address.map(|address| self.subject("address", address)),
        };
        let tx = Routing::on_primary(self.db.clone()).begin_write("loginAttempt").await?;
        // Always in this order, so that no two of them wait for each other.
        for (subject, most) in [(&attempt.account, MOST_BY_ACCOUNT), (&attempt.address, MOST_BY_ADDRESS)] {
            let Some(subject) = subject else { continue };
            let now = now();
            let (failures, since) = repo::count(&tx, subject, now, now - PERIOD).await?;
            if failures > most {
                let wait = (since + PERIOD - now).to_std().unwrap_or_default().max(Duration::from_secs(1));
                metrics::counter!("storefront_logins_total", "outcome" => "throttled").increment(1);
                return Err(Error::Throttled { what: "attempts", wait_secs: wait.as_secs_f64().ceil() as u64 });
            }
        }
        tx.commit().await?;
        Ok(attempt)
    }

    /// Takes back an attempt that was right: the account begins anew, the address has one less.
    pub async fn take_back(&self, attempt: &Attempt) -> Result<()> {
        let tx = Routing::on_primary(self.db.clone()).begin_write("loginAttempt").await?;
        if let Some(account) = &attempt.account {
            repo::clear(&tx, account).await?;
        }
        if let Some(address) = &attempt.address {
            repo::take_back(&tx, address).await?;
        }
        tx.commit().await
    }

    /// Lets an account begin anew, whatever has failed for it.
    pub async fn forgive(&self, account: &str) -> Result<()> {
        self.take_back(&Attempt { account: Some(self.subject("account", account)), address: None }).await
    }

    /// Drops what does not count any more.
    pub async fn sweep(&self) -> Result<()> {
        let tx = Routing::on_primary(self.db.clone()).begin_write("loginSweep").await?;
        repo::sweep(&tx, now() - PERIOD).await?;
        tx.commit().await
    }

    fn subject(&self, kind: &str, text: &str) -> Subject {
        Sha256::digest(self.seal.close(format!("{kind} {text}").as_bytes())).to_vec()
    }
}
