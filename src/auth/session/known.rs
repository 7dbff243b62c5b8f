//! The look-up of a session by its token, and its end.
//!
//! A session that was found is taken for 60 s without asking again; otherwise the primary is asked, never a replica, which may not have heard
//! of its end. So that is how long a session that was ended elsewhere lives here; one that was ended here is over at once, and an answer that
//! was on its way at that moment does not bring it back. While the primary cannot be reached, nobody can be let in who was not found before.
//!
//! Tokens are told apart by their hashes, so the time that this takes says nothing about a token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use moka::Expiry;
use moka::future::Cache;

use super::Session;
use super::repo::{self, Kept};
use crate::auth::key::KeyHash;
use crate::db::{Db, Routing, now};
use crate::error::{Error, Result};

/// How long a session lives after it was last used.
pub const LIFE: TimeDelta = TimeDelta::days(7);
/// How long the database's word counts.
const FRESH: Duration = Duration::from_secs(60);
/// How long the end of a session is remembered: longer than an answer from before it counts.
const FENCED: Duration = Duration::from_secs(120);
/// How often it is noted that a session is in use.
const NOTED: TimeDelta = TimeDelta::hours(1);
/// The most sessions that are remembered.
const MOST_REMEMBERED: u64 = 100_000;

/// The sessions that this instance knows, and the way to the others.
pub struct Sessions {
    db: Arc<Db>,
    fresh: Duration,
    found: Cache<KeyHash, Held>,
    ended: Cache<KeyHash, ()>,
}

/// A session that is taken without asking.
#[derive(Clone)]
struct Held {
    session: Session,
    until: Instant,
}

/// Why a look-up brought no session.
enum Miss {
    Unknown,
    Failed(Error),
}

struct UntilThen;

impl Expiry<KeyHash, Held> for UntilThen {
    fn expire_after_create(&self, _: &KeyHash, held: &Held, now: Instant) -> Option<Duration> {
        Some(held.until.saturating_duration_since(now))
    }
}

impl Sessions {
    pub fn new(db: Arc<Db>) -> Self {
        Self::fresh_for(db, FRESH)
    }

    /// The same, where the database's word counts for another time.
    pub fn fresh_for(db: Arc<Db>, fresh: Duration) -> Self {
        Self {
            db,
            fresh,
            found: Cache::builder().max_capacity(MOST_REMEMBERED).expire_after(UntilThen).build(),
            ended: Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(FENCED).build(),
        }
    }

    /// The session whose token this is; `None` when it is nobody's, over or ended. Those who ask for one at the same time share a statement.
    pub async fn find(&self, token: &str) -> Result<Option<Session>> {
        let Some(hash) = KeyHash::of_session(token) else { return Ok(None) };
        let found = match self.found.try_get_with(hash, self.look_up(hash)).await {
            Ok(held) => Some(held.session),
            Err(miss) => match &*miss {
                Miss::Unknown => None,
                Miss::Failed(error) => return Err(error.clone()),
            },
        };
        Ok(found.filter(|_| !self.ended.contains_key(&hash)))
    }

    /// Takes tokens for no good any more, whose sessions were ended.
    pub async fn forget(&self, ended: Vec<KeyHash>) {
        for hash in ended {
            self.ended.insert(hash, ()).await;
            self.found.invalidate(&hash).await;
        }
    }

    async fn look_up(&self, hash: KeyHash) -> Result<Held, Miss> {
        // Its end may be committed while the answer is on its way: the life begins with the question.
        let asked_at = Instant::now();
        let primary = Routing::on_primary(self.db.clone()).reader("session");
        let (outcome, held) = match repo::by_token(&primary, &hash).await {
            Ok(Some(kept)) => match (kept.expires_at - Utc::now()).to_std() {
                Ok(left) if !left.is_zero() => {
                    self.note_use(&kept);
                    ("found", Ok(Held { session: kept.session, until: asked_at + self.fresh.min(left) }))
                }
                _ => ("expired", Err(Miss::Unknown)),
            },
            Ok(None) => ("unknown", Err(Miss::Unknown)),
            Err(error) => ("failed", Err(Miss::Failed(error))),
        };
        metrics::counter!("storefront_session_lookups_total", "outcome" => outcome).increment(1);
        held
    }

    /// Lets a session live on that is in use; nobody waits for it.
    fn note_use(&self, kept: &Kept) {
        let (db, id, now) = (self.db.clone(), kept.session.id, now());
        if now - kept.used_at < NOTED {
            return;
        }
        tokio::spawn(async move {
            let noted = async {
                let tx = Routing::on_primary(db).begin_write("sessionUse").await?;
                repo::touch(&tx, id, now, now + LIFE).await?;
                tx.commit().await
            };
            if let Err(error) = noted.await {
                tracing::warn!(cause = %error, "it was not noted that a session is in use");
            }
        });
    }

    /// Drops what is over from the database.
    pub async fn sweep(&self) -> Result<()> {
        let tx = Routing::on_primary(self.db.clone()).begin_write("sessionSweep").await?;
        repo::sweep(&tx, now()).await?;
        tx.commit().await
    }
}
