//! API clients: who calls with a key that `storefront client create` has made.
//!
//! A key that was found is taken for 60 s without asking again, so that is how long a revoked one lives. Otherwise the primary is asked,
//! never a replica, which may not have heard of a revocation. While the primary cannot be reached, what it said in the last 10 minutes
//! holds on: whoever wants to revoke a key cannot reach it either, as a rule, and a shop that is read from replicas stays open.
//!
//! Keys are told apart by their hashes, so the time that this takes says nothing about a key.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName};
use moka::Expiry;
use moka::future::Cache;
use thiserror::Error;
use uuid::Uuid;

use super::key::{KeyHash, the_only};
use super::repo;
use crate::db::{Db, Routing};
use crate::error::{Error, Result};

/// The header that carries a client's key.
pub const CLIENT_HEADER: &str = "x-storefront-client-key";
const CLIENT: HeaderName = HeaderName::from_static(CLIENT_HEADER);

/// A caller with a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiClient {
    pub id: Uuid,
    pub name: Arc<str>,
    /// The points per window that its key was given; `None` is as many as any client has.
    pub points: Option<u64>,
}

/// Why a client's key is refused; the text is for the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WrongClientKey {
    #[error("the client key is unknown or revoked")]
    Unknown,
    #[error("the request has several client keys, send one in {CLIENT_HEADER}")]
    Several,
}

/// The key that these headers bring, as it was sent.
pub fn client_key(headers: &HeaderMap) -> Result<Option<&str>, WrongClientKey> {
    let sent = the_only(headers, CLIENT).map_err(|_| WrongClientKey::Several)?;
    sent.map(|value| value.to_str().map_err(|_| WrongClientKey::Unknown)).transpose()
}

/// How long the database's word on a key counts.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// Without asking again.
    pub fresh: Duration,
    /// While the primary cannot be reached.
    pub known: Duration,
    /// Until the primary is asked again that could not be reached.
    pub again: Duration,
}

impl Default for Lives {
    fn default() -> Self {
        Self { fresh: Duration::from_secs(60), known: Duration::from_secs(600), again: Duration::from_secs(5) }
    }
}

/// The most clients that are remembered: many more than call one instance within ten minutes.
const MOST_REMEMBERED: u64 = 10_000;

/// The clients that this instance knows, and the way to the others.
pub struct Clients {
    db: Arc<Db>,
    lives: Lives,
    fresh: Cache<KeyHash, Held>,
    known: Cache<KeyHash, ApiClient>,
}

/// A client that is taken without asking.
#[derive(Clone)]
struct Held {
    client: ApiClient,
    until: Instant,
}

/// What is known of a key.
pub enum Known {
    /// Whose it is.
    Fresh(ApiClient),
    /// It was right a few minutes ago: worth asking again.
    Lately,
}

/// Why a look-up brought no client.
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

impl Clients {
    pub fn new(db: Arc<Db>) -> Self {
        Self::with_lives(db, Lives::default())
    }

    pub fn with_lives(db: Arc<Db>, lives: Lives) -> Self {
        Self {
            db,
            lives,
            fresh: Cache::builder().max_capacity(MOST_REMEMBERED).expire_after(UntilThen).build(),
            known: Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(lives.known).build(),
        }
    }

    /// What is known of a key without asking.
    pub async fn known(&self, key: &str) -> Option<Known> {
        let hash = KeyHash::of(key)?;
        if let Some(held) = self.fresh.get(&hash).await {
            return Some(Known::Fresh(held.client));
        }
        self.known.contains_key(&hash).then_some(Known::Lately)
    }

    /// The client whose key this is; `None` when it is nobody's, or revoked. Those who ask for one key at the same time share a statement.
    pub async fn find(&self, key: &str) -> Result<Option<ApiClient>> {
        let Some(hash) = KeyHash::of(key) else { return Ok(None) };
        match self.fresh.try_get_with(hash, self.look_up(hash)).await {
            Ok(held) => Ok(Some(held.client)),
            Err(miss) => match &*miss {
                Miss::Unknown => Ok(None),
                Miss::Failed(error) => Err(error.clone()),
            },
        }
    }

    async fn look_up(&self, hash: KeyHash) -> Result<Held, Miss> {
        // A revocation may be committed while the answer is on its way: the life begins with the question.
        let asked_at = Instant::now();
        let primary = Routing::on_primary(self.db.clone()).reader("apiClient");
        let (outcome, held) = match repo::client_by_key(&primary, &hash).await {
            Ok(Some(client)) => {
                self.known.insert(hash, client.clone()).await;
                ("found", Ok(Held { client, until: asked_at + self.lives.fresh }))
            }
            Ok(None) => {
                self.known.invalidate(&hash).await;
                ("unknown", Err(Miss::Unknown))
            }
            Err(error) => match self.known.get(&hash).await.filter(|_| error.is_passing()) {
                Some(client) => ("held", Ok(Held { client, until: Instant::now() + self.lives.again })),
                None => ("failed", Err(Miss::Failed(error))),
            },
        };
        metrics::counter!("storefront_client_lookups_total", "outcome" => outcome).increment(1);
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_is_read_and_several_are_refused() {
        let headers = |keys: &[&[u8]]| {
            keys.iter().map(|key| (CLIENT_HEADER.parse().unwrap(), key.to_vec().try_into().unwrap())).collect()
        };

        assert_eq!(client_key(&HeaderMap::new()), Ok(None));
        assert_eq!(client_key(&headers(&[b"sf_one"])), Ok(Some("sf_one")));
        assert_eq!(client_key(&headers(&[b""])), Ok(Some("")));
        assert_eq!(client_key(&headers(&[b"sf_\xff"])), Err(WrongClientKey::Unknown));
        assert_eq!(client_key(&headers(&[b"sf_one", b"sf_two"])), Err(WrongClientKey::Several));
        assert_eq!(client_key(&headers(&[b"sf_one", b"sf_one"])), Err(WrongClientKey::Several));
    }
}
