//! Tokens that are sent to a user: whoever has one reads the mailbox that it was sent to. Each is good once, for one purpose, for a while, and
//! as long as the user has that address. The database keeps their SHA-256.

mod repo;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::auth::{KeyHash, new_user_token};
use crate::db::Connection;
use crate::error::{Error, Result};

pub use repo::{forget, forget_all, sweep};

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To choose a new password.
    Reset,
    /// To prove the address.
    Verify,
}

/// The most tokens of a user for one purpose that are in force at a time: nobody can have a mailbox flooded.
const MOST_IN_FORCE: i64 = 5;

impl Purpose {
    fn life(self) -> TimeDelta {
        match self {
            Self::Reset => TimeDelta::hours(1),
            Self::Verify => TimeDelta::hours(24),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Reset => "RESET",
            Self::Verify => "VERIFY",
        }
    }
}

/// A new token of a user, and its hash; `None` when there are enough of them.
pub async fn issue(
    db: &impl ConnectionTrait,
    purpose: Purpose,
    user: Uuid,
    email: &str,
    now: DateTime<Utc>,
) -> Result<Option<(String, KeyHash)>> {
    let token = new_user_token().map_err(Error::internal)?;
    let hash = KeyHash::of_user_token(&token)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("a new token has not the form of one")))?;
    let is_added = repo::add(db, purpose, user, email, &hash, now).await?;
    Ok(is_added.then_some((token, hash)))
}

/// Whose token this is, if it is one in force.
pub async fn holder(db: &Connection, purpose: Purpose, token: &str, now: DateTime<Utc>) -> Result<Option<Held>> {
    let Some(hash) = KeyHash::of_user_token(token) else { return Ok(None) };
    let user = repo::holder(db, purpose, &hash, now).await?;
    Ok(user.map(|user| Held { user, hash, purpose }))
}

/// A token in force.
#[derive(Clone, Copy)]
pub struct Held {
    pub user: Uuid,
    hash: KeyHash,
    purpose: Purpose,
}

/// Uses a token up; the address that it was sent to, or `None` when it is not in force any more. Its user is locked: whoever else uses it comes
/// too late.
pub async fn use_up(db: &impl ConnectionTrait, held: &Held, now: DateTime<Utc>) -> Result<Option<String>, DbErr> {
    repo::take(db, held.purpose, &held.hash, now).await
}
