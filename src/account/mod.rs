//! Accounts: how a user registers, logs in and out, changes the password or chooses a new one, and finds themselves.
//!
//! | file | holds |
//! | --- | --- |
//! | `query`, `object` | `viewer` |
//! | `mutation` | registering, and the password |
//! | `session` | logging in and out |
//! | `mailbox`, `token` | proving to read the mailbox: verifying its address, choosing a new password |
//! | `delivery`, `letter` | the messages that this takes: when they leave, and what they say |
//! | `proof` | whether somebody has the password of an account |
//! | `write`, `repo` | the rules of writing them, and all SQL |
//!
//! A password and its hash are in no row that anything else reads.

mod delivery;
mod letter;
mod mailbox;
mod mutation;
mod object;
mod proof;
mod query;
mod repo;
mod session;
mod token;
mod write;

pub use delivery::{Delivery, sweep};
pub use mailbox::MailboxMutation;
pub use mutation::{AccountMutation, AccountUserError};
pub use proof::{Proof, of_user as prove};
pub use query::AccountQuery;
pub use session::SessionMutation;
pub use token::forget_all as forget_tokens;
pub use write::{Person, check_person, create, still_holds, wrong as wrong_password};
