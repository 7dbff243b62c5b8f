//! What a request has committed, or may have: from COMMIT on it must be told to the client, whatever becomes of the request.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::change::Changed;
use super::position::Commit;
use super::token::Token;

/// The commits of one request.
pub struct Commits {
    /// The tokens that the request brought and that still count.
    brought: Vec<Token>,
    sent: Mutex<Sent>,
}

#[derive(Default)]
struct Sent {
    /// COMMITs that were sent and not answered yet.
    under_way: usize,
    done: Vec<Done>,
}

/// A commit that was acknowledged, or whose acknowledgement was lost.
#[derive(Clone)]
pub struct Done {
    /// Where the log ended after it; `None` on the embedded database, or when it is not known.
    pub commit: Option<Commit>,
    pub is_known: bool,
    pub changed: Changed,
}

impl Commits {
    pub fn new(brought: Vec<Token>) -> Self {
        Self { brought, sent: Mutex::default() }
    }

    /// What was written by what the request brought; `None` when it brought nothing.
    pub fn named(&self) -> Option<Changed> {
        let mut brought = self.brought.iter();
        let mut named = brought.next()?.changed.clone();
        brought.for_each(|token| named.merge(&token.changed));
        Some(named)
    }

    /// COMMIT is about to be sent.
    pub fn send(&self) {
        self.lock().under_way += 1;
    }

    /// A COMMIT that was sent is answered, or never will be.
    pub fn answered(&self, done: Option<Done>) {
        let mut sent = self.lock();
        sent.under_way -= 1;
        sent.done.extend(done);
    }

    /// How many COMMITs were sent that were not refused.
    pub fn count(&self) -> usize {
        let sent = self.lock();
        sent.under_way + sent.done.len()
    }

    /// One token for all commits and for what was brought; `None` when no COMMIT was sent, or all were refused.
    pub fn token(&self, clock_us: i64, life_us: i64) -> Option<Token> {
        let sent = self.lock();
        let unanswered = (sent.under_way > 0).then_some(Done { commit: None, is_known: false, changed: Changed::All });
        let mut tokens = sent
            .done
            .iter()
            .cloned()
            .chain(unanswered)
            .map(|done| Token::of(done.commit, done.is_known, done.changed, clock_us, life_us));
        let mut token = tokens.next()?;
        tokens.chain(self.brought.iter().cloned()).for_each(|other| token.merge(&other, life_us));
        Some(token)
    }

    fn lock(&self) -> MutexGuard<'_, Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
