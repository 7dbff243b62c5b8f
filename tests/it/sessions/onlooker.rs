//! The sessions of a further instance, with terms of its own: what another server would know, without the server.

use std::sync::Arc;
use std::time::Duration;

use storefront::auth::{SecretKey, Session, Sessions, Terms};
use storefront::redis::{Endpoint, Manners};
use tokio::task::AbortHandle;

use crate::support::{Fleet, SECRET, Shop};

pub const LONG: Duration = Duration::from_secs(600);
/// Everyone is asked each time, and the primary's word counts for as long as it does in use.
pub const ALWAYS_ASKING: Terms =
    Terms { word: Duration::from_secs(60), unasked: Duration::ZERO, unknown: Duration::ZERO };

pub struct Onlooker {
    sessions: Sessions,
    looking_after: Option<AbortHandle>,
}

impl Drop for Onlooker {
    fn drop(&mut self) {
        self.looking_after.iter().for_each(AbortHandle::abort);
    }
}

impl Onlooker {
    /// Beside a shop of a fleet, without Redis.
    pub fn alone(shop: &Shop, terms: Terms) -> Self {
        let sessions = Sessions::with_terms(shop.db.clone(), &SecretKey::new(SECRET), None, terms);
        Self { sessions, looking_after: None }
    }

    /// The same with the fleet's Redis. A busy machine is no Redis that is away.
    pub fn of(fleet: &Fleet, shop: &Shop, terms: Terms) -> Self {
        let manners = Manners { response: Duration::from_secs(1), connection: Duration::from_secs(1), authority: None };
        let endpoint = Endpoint::new(&[&fleet.redis().url()], &manners, "gate", "sessions are looked up").unwrap();
        let (secret, endpoint) = (SecretKey::new(SECRET), Arc::new(endpoint));
        let redis = Some((endpoint.clone(), secret.name("gate")));
        let redis = redis.as_ref().map(|(endpoint, name)| (endpoint.clone(), name.as_str()));
        let sessions = Sessions::with_terms(shop.db.clone(), &secret, redis, terms);
        let looking_after = tokio::spawn(async move { endpoint.look_after().await }).abort_handle();
        Self { sessions, looking_after: Some(looking_after) }
    }

    /// The session of an `Authorization` header.
    pub async fn find(&self, authorization: &str) -> storefront::error::Result<Option<Session>> {
        self.sessions.find(authorization.trim_start_matches("Bearer ")).await
    }

    pub async fn knows(&self, authorization: &str) -> bool {
        self.find(authorization).await.unwrap().is_some()
    }
}
