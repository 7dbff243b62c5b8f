//! Messages to people: how they leave the shop, and the outbox in which they wait for it.
//!
//! | file | holds |
//! | --- | --- |
//! | `outbox` | by which way messages leave, if by any |
//! | `smtp` | the way to mailboxes |
//! | `log` | the way of development: into the log |
//! | `repo` | all SQL of the messages that wait |
//!
//! A message is written down in the transaction of what it tells of, by whom it is for and what it is about, and delivered later by any instance. What it says, and the
//! token that it brings, is made when it leaves: nothing secret waits. `account` says it.

mod log;
mod outbox;
mod repo;
mod smtp;

use async_trait::async_trait;

pub use outbox::Outbox;
pub use repo::{Kind, Message, drop_for, drop_kind, drop_older, is_due, postpone, queue, settle, take};
pub use smtp::Smtp;

/// A message as it leaves.
pub struct Letter {
    /// Tells this letter from all others, those about the same thing included.
    pub id: String,
    pub to: String,
    pub subject: &'static str,
    pub text: String,
}

/// A way by which letters leave.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, letter: &Letter) -> Result<(), Undelivered>;
}

/// Why a letter has not left.
#[derive(Debug)]
pub enum Undelivered {
    /// It never will: there can be no such mailbox.
    Unsendable,
    /// It may later on. The cause is for the log, and names no address.
    Failed(String),
}

/// What messages to an address are counted by: each is one of the attempts that are made in its name.
pub fn counted_as(recipient: &str) -> String {
    format!("messages to {recipient}")
}
