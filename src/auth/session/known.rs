//! The look-up of a session by its token, and its end.
//!
//! In the process, else in Redis, else on the primary; never on a replica, which may not have heard of an end. The primary's word counts for
//! 60 s from the question on, wherever it is kept: so that is how long a session lives at most that was ended elsewhere, with Redis or without. An
//! end is told to Redis, which is asked anew every second: other instances heed it then. Here it is over at once, and an answer that was on its
//! way at that moment does not bring it back. While nobody can be asked, the last word holds on until its 60 s are over.
//!
//! A token that this installation has not made is refused without asking anyone, and one that was not found is not looked for again for a
//! moment. Tokens are told apart by their hashes, so the time that this takes says nothing about a token.

use std::sync::Arc;
use std::time::Instant;

use chrono::{TimeDelta, Utc};
use moka::future::Cache;

use super::Session;
use super::repo::{self, Kept};
use super::shared::{FENCED, Shared, Told};
use super::token::Tokens;
use super::word::{Terms, UntilThen, Word};
use crate::auth::key::KeyHash;
use crate::auth::secret::SecretKey;
use crate::db::{Db, Routing, now};
use crate::error::{Error, Result};
use crate::redis::Endpoint;

/// How long a session lives after it was last used.
pub const LIFE: TimeDelta = TimeDelta::days(7);
/// How often it is noted that a session is in use.
const NOTED: TimeDelta = TimeDelta::hours(1);
/// The most sessions that are remembered.
const MOST_REMEMBERED: u64 = 100_000;

/// The sessions that this instance knows, and the way to the others.
pub struct Sessions {
    db: Arc<Db>,
    tokens: Tokens,
    shared: Option<Arc<Shared>>,
    terms: Terms,
    /// What is taken without asking anyone.
    found: Cache<KeyHash, Word>,
    /// What the primary has said last, for as long as it counts.
    words: Cache<KeyHash, Word>,
    unknown: Cache<KeyHash, ()>,
    ended: Cache<KeyHash, ()>,
}

/// Why a look-up brought no session.
enum Miss {
    Unknown,
    Failed(Error),
}

impl Sessions {
    /// Sessions of an installation, whose instances share a Redis under this name.
    pub fn new(db: Arc<Db>, secret: &SecretKey, redis: Option<(Arc<Endpoint>, &str)>) -> Self {
        Self::with_terms(db, secret, redis, Terms::default())
    }

    pub fn with_terms(db: Arc<Db>, secret: &SecretKey, redis: Option<(Arc<Endpoint>, &str)>, terms: Terms) -> Self {
        let shared = redis.map(|(endpoint, namespace)| Shared::new(endpoint, namespace, secret.seal("session")));
        let until_then = || Cache::builder().max_capacity(MOST_REMEMBERED).expire_after(UntilThen).build();
        let for_long = |life| Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(life).build();
        Self {
            db,
            tokens: Tokens::new(secret),
            shared: shared.map(Arc::new),
            found: until_then(),
            words: until_then(),
            unknown: for_long(terms.unknown),
            ended: for_long(FENCED),
            terms,
        }
    }

    /// The token of a session that is to begin, and its hash.
    pub fn new_token(&self) -> Result<(String, KeyHash)> {
        let token = self.tokens.make().map_err(Error::internal)?;
        let hash = KeyHash::of_session(&token);
        let hash = hash.ok_or_else(|| Error::internal(anyhow::anyhow!("a new token has not the form of one")))?;
        Ok((token, hash))
    }

    /// The session whose token this is; `None` when it is nobody's, over or ended. Those who ask for one at the same time share a look-up.
    pub async fn find(&self, token: &str) -> Result<Option<Session>> {
        let Some(hash) = KeyHash::of_session(token) else { return Ok(None) };
        let found = match self.found.try_get_with(hash, self.look_up(token, hash)).await {
            Ok(word) => Some(word.session),
            Err(miss) => match &*miss {
                Miss::Unknown => None,
                Miss::Failed(error) => return Err(error.clone()),
            },
        };
        Ok(found.filter(|_| !self.ended.contains_key(&hash)))
    }

    /// Takes tokens for no good any more whose sessions were ended, and tells others.
    pub async fn forget(&self, ended: Vec<KeyHash>) {
        for hash in &ended {
            self.ended.insert(*hash, ()).await;
            self.words.invalidate(hash).await;
            self.found.invalidate(hash).await;
        }
        if let Some(shared) = self.shared.as_ref().filter(|_| !ended.is_empty())
            && !shared.end(&ended).await
        {
            tracing::warn!("Redis has not heard of the end of sessions; other instances may know them for a minute");
        }
    }

    async fn look_up(&self, token: &str, hash: KeyHash) -> Result<Word, Miss> {
        if !self.tokens.is_ours(token) {
            count("forged");
            return Err(Miss::Unknown);
        }
        if self.unknown.contains_key(&hash) {
            return Err(Miss::Unknown);
        }
        let asked_at = Instant::now();
        let told = match &self.shared {
            Some(shared) => shared.find(&hash).await,
            None => Told::Nothing,
        };
        match told {
            Told::Session(session, life) => {
                count("shared");
                Ok(self.take(hash, Word { session, until: asked_at + life }).await)
            }
            Told::Ended => {
                count("ended");
                self.words.invalidate(&hash).await;
                self.unknown.insert(hash, ()).await;
                Err(Miss::Unknown)
            }
            Told::Silence => match self.last_word(&hash).await {
                Some(word) => Ok(word),
                None => self.ask_primary(hash).await,
            },
            Told::Nothing => self.ask_primary(hash).await,
        }
    }

    async fn ask_primary(&self, hash: KeyHash) -> Result<Word, Miss> {
        // Its end may be committed while the answer is on its way: the word counts from the question on.
        let asked_at = Instant::now();
        let primary = Routing::on_primary(self.db.clone()).reader("session");
        let kept = match repo::by_token(&primary, &hash).await {
            Ok(kept) => kept,
            Err(error) => match self.last_word(&hash).await.filter(|_| error.is_passing()) {
                Some(word) => return Ok(word),
                None => {
                    count("failed");
                    return Err(Miss::Failed(error));
                }
            },
        };
        let left = kept.as_ref().and_then(|kept| (kept.expires_at - Utc::now()).to_std().ok());
        let Some((kept, left)) = kept.zip(left.filter(|left| !left.is_zero())) else {
            count("unknown");
            self.words.invalidate(&hash).await;
            self.unknown.insert(hash, ()).await;
            return Err(Miss::Unknown);
        };
        count("found");
        self.note_use(&kept);
        let word = Word { session: kept.session, until: asked_at + self.terms.word.min(left) };
        self.tell(hash, word);
        Ok(self.take(hash, word).await)
    }

    /// What the primary has said last, while nobody can be asked.
    async fn last_word(&self, hash: &KeyHash) -> Option<Word> {
        let word = self.words.get(hash).await.filter(|word| word.until > Instant::now())?;
        count("held");
        Some(self.for_now(word))
    }

    /// Keeps a word; what is taken of it before Redis is asked again.
    async fn take(&self, hash: KeyHash, word: Word) -> Word {
        self.words.insert(hash, word).await;
        self.for_now(word)
    }

    fn for_now(&self, word: Word) -> Word {
        match self.shared {
            Some(_) => Word { until: word.until.min(Instant::now() + self.terms.unasked), ..word },
            None => word,
        }
    }

    /// Tells others what the primary has said; nobody waits for it.
    fn tell(&self, hash: KeyHash, word: Word) {
        let Some(shared) = self.shared.clone() else { return };
        tokio::spawn(async move {
            let life = word.until.saturating_duration_since(Instant::now());
            shared.tell(&hash, word.session, life).await;
        });
    }

    /// Lets a session live on that is in use; nobody waits for it.
    fn note_use(&self, kept: &Kept) {
        let (db, id, used_at, now) = (self.db.clone(), kept.session.id, kept.used_at, now());
        if now - used_at < NOTED {
            return;
        }
        tokio::spawn(async move {
            let noted = async {
                let tx = Routing::on_primary(db).begin_write("sessionUse").await?;
                repo::touch(&tx, id, used_at, now, now + LIFE).await?;
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

fn count(outcome: &'static str) {
    metrics::counter!("storefront_session_lookups_total", "outcome" => outcome).increment(1);
}
