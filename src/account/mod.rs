//! Accounts: how a user registers, logs in and out, changes the password, and finds themselves.
//!
//! | file | holds |
//! | --- | --- |
//! | `query`, `object` | `viewer` |
//! | `mutation` | registering, and the password |
//! | `session` | logging in and out |
//! | `proof` | whether somebody has the password of an account |
//! | `write`, `repo` | the rules of writing them, and all SQL |
//!
//! A password and its hash are in no row that anything else reads.

mod mutation;
mod object;
mod proof;
mod query;
mod repo;
mod session;
mod write;

pub use mutation::{AccountMutation, AccountUserError};
pub use proof::prove;
pub use query::AccountQuery;
pub use session::SessionMutation;
