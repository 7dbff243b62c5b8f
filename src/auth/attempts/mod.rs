//! Logins that fail: 10 by account and 30 by address in 15 minutes.
//!
//! They are counted in windows, in Redis or in the process, and in the database as well: so they count on all instances, without Redis too, and
//! whoever has nothing left is refused before the database writes. An attempt counts before it is made, so that many at once are not more than one
//! after the other, and is taken back when it was right.
//!
//! Where an account was logged in from in the last 30 days, its attempts are counted apart: whoever tries passwords elsewhere does not keep its
//! owner out. Accounts, addresses and places are kept as keyed hashes: the tables tell nobody who logs in from where, and unknown accounts count
//! as others do.

mod repo;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::secret::Seal;
use crate::db::{Db, Routing, now};
use crate::error::{Error, Result};
use crate::limit::{Limiter, Receipt};

const PERIOD: TimeDelta = TimeDelta::minutes(15);
const MOST_BY_ACCOUNT: u32 = 10;
const MOST_BY_ADDRESS: u32 = 30;
/// How long a place is known where an account was logged in from.
const KNOWN: TimeDelta = TimeDelta::days(30);

pub struct Attempts {
    db: Arc<Db>,
    limiter: Arc<Limiter>,
    seal: Seal,
}

/// What an attempt was counted for.
pub struct Attempt {
    counted: Vec<Counted>,
    /// The account at this address, where both are told.
    place: Option<Subject>,
}

struct Counted {
    subject: Subject,
    most: u32,
    receipt: Receipt,
}

/// Whose attempts are counted together, in a form that tells nobody who.
type Subject = [u8; 32];

impl Attempts {
    pub fn new(db: Arc<Db>, limiter: Arc<Limiter>, seal: Seal) -> Self {
        Self { db, limiter, seal }
    }

    /// Counts an attempt for an account, where it is about one, and for the address that it comes from, where that is known. One too many is
    /// refused, and does not count.
    pub async fn begin(&self, account: Option<&str>, address: Option<&str>) -> Result<Attempt> {
        let place = account.zip(address).map(|(account, address)| self.place(account, address));
        let mut attempt = Attempt { counted: Vec::with_capacity(2), place };
        let outcome = self.count(&mut attempt, account, address).await;
        if let Err(error) = outcome {
            self.give_back(&attempt);
            if error.retry_after_secs().is_some() {
                metrics::counter!("storefront_logins_total", "outcome" => "throttled").increment(1);
            }
            return Err(error);
        }
        Ok(attempt)
    }

    /// Takes back an attempt that was right: its account was logged in from its place.
    pub async fn take_back(&self, attempt: &Attempt) -> Result<()> {
        self.uncount(attempt, attempt.place.as_ref()).await
    }

    /// Takes back an attempt of which nobody could find out whether it was right. It fails nobody: at worst it counts.
    pub async fn undo(&self, attempt: &Attempt) {
        if let Err(error) = self.uncount(attempt, None).await {
            tracing::warn!(cause = %error, "an attempt that was not made counts");
        }
    }

    async fn uncount(&self, attempt: &Attempt, place: Option<&Subject>) -> Result<()> {
        self.give_back(attempt);
        let tx = Routing::on_primary(self.db.clone()).begin_write("loginAttempt").await?;
        for counted in attempt.counted.iter().rev() {
            repo::take_back(&tx, &counted.subject).await?;
        }
        if let Some(place) = place {
            repo::know(&tx, place, now()).await?;
        }
        tx.commit().await
    }

    /// Lets an account begin anew, whatever has failed for it, also where its owner is, who has proved to be that from this address.
    pub async fn forgive(&self, account: &str, address: Option<&str>) -> Result<()> {
        let place = address.map(|address| self.place(account, address));
        let subjects = [Some(self.subject("account", account)), place];
        for subject in subjects.iter().flatten() {
            self.limiter.forget_logins(short(subject), PERIOD.to_std().unwrap_or_default()).await;
        }
        let tx = Routing::on_primary(self.db.clone()).begin_write("loginAttempt").await?;
        for subject in subjects.iter().flatten() {
            repo::clear(&tx, subject).await?;
        }
        if let Some(place) = &place {
            repo::know(&tx, place, now()).await?;
        }
        tx.commit().await
    }

    /// Drops what does not count any more.
    pub async fn sweep(&self) -> Result<()> {
        let tx = Routing::on_primary(self.db.clone()).begin_write("loginSweep").await?;
        repo::sweep(&tx, now() - PERIOD, now() - KNOWN).await?;
        tx.commit().await
    }

    async fn count(&self, attempt: &mut Attempt, account: Option<&str>, address: Option<&str>) -> Result<()> {
        if let Some(address) = address {
            let subject = self.subject("address", address);
            attempt.counted.push(self.count_in_window(subject, MOST_BY_ADDRESS).await?);
        }
        if let Some(account) = account {
            let known = match attempt.place {
                Some(place) if self.knows(&place).await? => Some(place),
                _ => None,
            };
            let subject = known.unwrap_or_else(|| self.subject("account", account));
            attempt.counted.push(self.count_in_window(subject, MOST_BY_ACCOUNT).await?);
        }
        self.count_in_database(attempt).await
    }

    async fn count_in_window(&self, subject: Subject, most: u32) -> Result<Counted> {
        let period = PERIOD.to_std().unwrap_or_default();
        match self.limiter.count_login(short(&subject), most, period).await {
            Ok(receipt) => Ok(Counted { subject, most, receipt }),
            Err(refusal) => Err(throttled(refusal.retry_after.unwrap_or(period))),
        }
    }

    async fn count_in_database(&self, attempt: &Attempt) -> Result<()> {
        let tx = Routing::on_primary(self.db.clone()).begin_write("loginAttempt").await?;
        // The account before the address, as in taking back: no two of them wait for each other.
        for Counted { subject, most, .. } in attempt.counted.iter().rev() {
            let now = now();
            let (failures, since) = repo::count(&tx, subject, now, now - PERIOD).await?;
            if failures > i64::from(*most) {
                return Err(throttled((since + PERIOD - now).to_std().unwrap_or_default()));
            }
        }
        tx.commit().await
    }

    /// Whether an account was logged in from here lately.
    async fn knows(&self, place: &Subject) -> Result<bool> {
        repo::is_known(&Routing::on_primary(self.db.clone()).reader("loginPlace"), place, now() - KNOWN).await
    }

    fn give_back(&self, attempt: &Attempt) {
        attempt.counted.iter().for_each(|counted| self.limiter.refund(&counted.receipt, 1));
    }

    /// The account at this address.
    fn place(&self, account: &str, address: &str) -> Subject {
        self.subject("place", &format!("{account} {address}"))
    }

    fn subject(&self, kind: &str, text: &str) -> Subject {
        Sha256::digest(self.seal.close(format!("{kind} {text}").as_bytes())).into()
    }
}

/// As windows have it.
fn short(subject: &Subject) -> u128 {
    subject.first_chunk().map_or(0, |half| u128::from_be_bytes(*half))
}

fn throttled(wait: Duration) -> Error {
    let wait_secs = wait.max(Duration::from_secs(1)).as_secs_f64().ceil() as u64;
    Error::Throttled { what: "attempts", wait_secs }
}
