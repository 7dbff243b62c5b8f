//! What was said of a session, and for how long that counts.

use std::time::{Duration, Instant};

use moka::Expiry;

use super::Session;
use crate::auth::key::KeyHash;

/// How long what is known of a token counts.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The primary's word.
    pub word: Duration,
    /// The same in this process before Redis is asked whether it still counts.
    pub unasked: Duration,
    /// That there is no such session.
    pub unknown: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self { word: Duration::from_secs(60), unasked: Duration::from_secs(1), unknown: Duration::from_secs(5) }
    }
}

/// Whose session it is, and for how long that counts.
#[derive(Clone, Copy)]
pub struct Word {
    pub session: Session,
    pub until: Instant,
}

/// A word is kept until it counts no longer.
pub struct UntilThen;

impl Expiry<KeyHash, Word> for UntilThen {
    fn expire_after_create(&self, _: &KeyHash, word: &Word, now: Instant) -> Option<Duration> {
        Some(word.until.saturating_duration_since(now))
    }

    fn expire_after_update(&self, _: &KeyHash, word: &Word, now: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(word.until.saturating_duration_since(now))
    }
}
