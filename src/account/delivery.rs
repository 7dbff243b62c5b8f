//! The delivery of messages, beside the requests and by every instance.
//!
//! An instance takes messages for five minutes, which is longer than it tries to send them; so none is sent by two. One that is killed between sending
//! a message and noting it has it sent once more. What cannot be delivered is tried again after half a minute, and after twice as long each time, for a day.
//! Tokens are made here and kept as hashes: of one that could not be sent nothing is left.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::letter::{Content, letter};
use super::repo::{self, Account};
use super::token::{self, Purpose};
use crate::auth::KeyHash;
use crate::db::{Db, Routing, now};
use crate::error::Result;
use crate::mail::{self, Kind, Letter, Mailer, Message, Outbox, Undelivered};

/// How often an instance looks for messages that nobody told it of.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The most messages that are sent at a time.
const MOST_AT_ONCE: i64 = 10;
/// How long a message may take.
const SEND_WITHIN: Duration = Duration::from_secs(60);
/// How long a message is left to the instance that has taken it.
const TAKEN_FOR: TimeDelta = TimeDelta::minutes(5);
/// The pause after the first failure, and the longest.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(4);
/// How long a message is tried to be delivered.
const LIFE: TimeDelta = TimeDelta::hours(24);

pub struct Delivery {
    db: Arc<Db>,
    outbox: Arc<Outbox>,
    shop_url: Option<String>,
}

/// What is to be sent for a message, and the token that was made for it.
struct Ready {
    letter: Letter,
    token: Option<KeyHash>,
}

impl Delivery {
    pub fn new(db: Arc<Db>, outbox: Arc<Outbox>, shop_url: Option<String>) -> Self {
        Self { db, outbox, shop_url }
    }

    /// Delivers until it is told to stop; what is on its way by then is finished.
    pub async fn run(self, stop: CancellationToken) {
        let Some(mailer) = self.outbox.mailer() else { return };
        let mut has_failed = false;
        loop {
            // Instances that were started together do not look together for ever.
            let pause = LOOK_EVERY.mul_f64(rand::random_range(0.75..1.25));
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                () = self.outbox.queued() => {}
            }
            match self.round(&**mailer, &stop).await {
                Ok(()) => has_failed = false,
                Err(error) if !std::mem::replace(&mut has_failed, true) => {
                    tracing::warn!(cause = error.cause().map(|cause| format!("{cause:#}")), "messages cannot be read");
                }
                Err(_) => {}
            }
        }
    }

    /// Delivers what is due.
    async fn round(&self, mailer: &dyn Mailer, stop: &CancellationToken) -> Result<()> {
        while !stop.is_cancelled() && mail::is_due(&self.routing().reader("messages"), now()).await? {
            let tx = self.routing().begin_write("messages").await?;
            let messages = mail::take(&tx, now(), now() + TAKEN_FOR, MOST_AT_ONCE).await?;
            tx.commit().await?;
            if messages.is_empty() {
                // Others are taking what is due.
                return Ok(());
            }
            let ended = join_all(messages.iter().map(|message| self.deliver(mailer, message))).await;
            let failures = ended.into_iter().collect::<Result<Vec<_>>>()?;
            let mut failures = failures.into_iter().flatten();
            if let Some(cause) = failures.next() {
                let waiting = 1 + failures.count();
                tracing::warn!(cause, "{waiting} of {} messages were not delivered, and wait", messages.len());
            }
        }
        Ok(())
    }

    /// Delivers a message; why not, where it has to wait.
    async fn deliver(&self, mailer: &dyn Mailer, message: &Message) -> Result<Option<String>> {
        if message.created_at <= now() - LIFE {
            return self.settle(message, "given_up").await;
        }
        let Some(Ready { letter, token }) = self.prepare(message).await? else {
            return self.settle(message, "not_needed").await;
        };
        let sent = timeout(SEND_WITHIN, mailer.send(&letter)).await;
        match sent.unwrap_or_else(|_| Err(Undelivered::Failed("it took too long".to_owned()))) {
            Ok(()) => self.settle(message, "sent").await,
            Err(Undelivered::Unsendable) => self.settle(message, "unsendable").await,
            Err(Undelivered::Failed(cause)) => self.postpone(message, token).await.map(|()| Some(cause)),
        }
    }

    /// Finds out whom a message is for by now, and what it has to say; `None` when there is nobody, or nothing any more.
    async fn prepare(&self, message: &Message) -> Result<Option<Ready>> {
        let reader = self.routing().reader("messages");
        let account = match message.user {
            Some(user) => repo::by_id(&reader, user).await?,
            None => repo::by_email(&reader, &message.recipient).await?,
        };
        let Some(account) = account else { return Ok(None) };
        let purpose = match message.kind {
            Kind::Moved => None,
            Kind::Verify if account.email != message.recipient || account.is_verified => return Ok(None),
            Kind::Verify => Some(Purpose::Verify),
            Kind::Taken | Kind::Reset => Some(Purpose::Reset),
        };
        if message.kind == Kind::Taken && !account.is_verified {
            self.disown(message, &account).await?;
        }
        let Some(purpose) = purpose else { return Ok(Some(self.ready(message, &Content::Moved, None))) };
        let Some((token, hash)) = self.issue(purpose, &account).await? else { return Ok(None) };
        let content = match (message.kind, purpose) {
            (_, Purpose::Verify) => Content::Verify { token },
            (Kind::Taken, _) => Content::Taken { token },
            _ => Content::Reset { token },
        };
        Ok(Some(self.ready(message, &content, Some(hash))))
    }

    fn ready(&self, message: &Message, content: &Content, token: Option<KeyHash>) -> Ready {
        // Another try is another letter: programs that show a letter once must not hide the one whose token is good.
        let id = format!("{}.{}", message.id.simple(), message.tries);
        Ready { letter: letter(id, message.recipient.clone(), content, self.shop_url.as_deref()), token }
    }

    /// Whose an address is that two have registered with, and neither has proved, is not known: who reads the mailbox chooses the password, and what
    /// was sent there before is no good any more. An account that waits for its proof has no password until then.
    async fn disown(&self, message: &Message, account: &Account) -> Result<()> {
        let tx = self.routing().begin_write("messages").await?;
        repo::lock(&tx, account.user).await?;
        repo::drop_pending_password(&tx, account.user).await?;
        token::forget_all(&tx, account.user, Some(Purpose::Verify)).await?;
        mail::drop_kind(&tx, Kind::Verify, &message.recipient).await?;
        tx.commit().await
    }

    async fn issue(&self, purpose: Purpose, account: &Account) -> Result<Option<(String, KeyHash)>> {
        let tx = self.routing().begin_write("messages").await?;
        let issued = token::issue(&tx, purpose, account.user, &account.email, now()).await?;
        tx.commit().await?;
        Ok(issued)
    }

    async fn settle(&self, message: &Message, outcome: &'static str) -> Result<Option<String>> {
        if outcome != "sent" && outcome != "not_needed" {
            tracing::warn!(message.id = %message.id, outcome, "a message is dropped");
        }
        metrics::counter!("storefront_messages_total", "outcome" => outcome).increment(1);
        let tx = self.routing().begin_write("messages").await?;
        mail::settle(&tx, message).await?;
        tx.commit().await?;
        Ok(None)
    }

    async fn postpone(&self, message: &Message, token: Option<KeyHash>) -> Result<()> {
        metrics::counter!("storefront_messages_total", "outcome" => "failed").increment(1);
        let tx = self.routing().begin_write("messages").await?;
        if let Some(token) = token {
            token::forget(&tx, &token).await?;
        }
        mail::postpone(&tx, message, now() + pause(message.tries)).await?;
        tx.commit().await
    }

    fn routing(&self) -> Routing {
        Routing::on_primary(self.db.clone())
    }
}

/// The pause after so many tries.
fn pause(tries: i32) -> TimeDelta {
    let doublings = tries.clamp(1, 16) - 1;
    (PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
}

/// Whoever registered and did not prove the address keeps it for so long.
const PENDING_FOR: TimeDelta = TimeDelta::days(7);

/// Drops what is of no use any more: tokens that are over, accounts that nobody has proved to want, and messages that no instance could deliver.
pub async fn sweep(db: &Arc<Db>) -> Result<()> {
    let tx = Routing::on_primary(db.clone()).begin_write("accountSweep").await?;
    token::sweep(&tx, now()).await?;
    repo::drop_pending(&tx, now() - PENDING_FOR).await?;
    mail::drop_older(&tx, now() - LIFE).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_four_hours() {
        let pauses = [1, 2, 3, 9, 10, 11, 1000].map(|tries| pause(tries).num_seconds());

        assert_eq!(pauses, [30, 60, 120, 7680, 14_400, 14_400, 14_400]);
    }
}
