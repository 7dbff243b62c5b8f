//! A server's parts, built once and shared by all requests; the same in tests.

use std::sync::Arc;

use anyhow::Context;
use tokio::task::AbortHandle;

use crate::auth::{SecretKey, StaffKey, kept_secret};
use crate::cache::{Cache, sweep};
use crate::config::{Environment, ServeConfig};
use crate::db::{Db, TokenCodec};
use crate::graphql::{IdCodec, Shared, StorefrontEngine, engine};
use crate::product::warm;

pub struct App {
    pub config: ServeConfig,
    pub db: Arc<Db>,
    pub engine: Arc<StorefrontEngine>,
    pub shared: Arc<Shared>,
    /// Seals consistency tokens.
    pub tokens: TokenCodec,
    pub staff_key: StaffKey,
    /// The staff key that this server made for itself: the playground may fill it in for whoever sits at this machine.
    pub own_staff_key: Option<String>,
    /// What goes on beside the requests: the sweep of the change log, the warming of the cache.
    background: [AbortHandle; 2],
}

impl App {
    /// Opens the database, which must be migrated, and builds everything on it.
    pub async fn new(config: ServeConfig, db: Arc<Db>) -> anyhow::Result<Arc<Self>> {
        let secret = SecretKey::new(secret_key(&config, &db).await?);
        let own_staff_key = own_staff_key(&config, &db).await?;
        if config.database.is_embedded() && !config.cache.redis_urls().is_empty() {
            tracing::warn!("REDIS_URL is set, but the embedded database has its cache in the process");
        }
        if config.cache.redis_urls().is_empty() && config.cache.redis_read_url.is_some() {
            tracing::warn!("REDIS_READ_URL is set without REDIS_URL: nothing is cached");
        }
        let cache =
            if config.caches() { Cache::new(&config.cache, config.database.is_embedded())? } else { Cache::off() };
        let cache = Arc::new(cache);
        db.tell(cache.clone());
        let sweeping = tokio::spawn(sweep(Arc::downgrade(&cache), Arc::downgrade(&db)));
        let warming = tokio::spawn(warm(cache.clone(), db.clone()));
        let background = [sweeping.abort_handle(), warming.abort_handle()];
        let shared =
            Shared { cache, ids: IdCodec::new(&secret), cursors: secret.seal("cursor"), pages: config.limits.pages() };
        Ok(Arc::new(Self {
            engine: engine(&config.limits, config.environment())?,
            shared: Arc::new(shared),
            tokens: TokenCodec::new(secret.seal("consistency")),
            staff_key: StaffKey::new(config.staff_key.as_deref().or(own_staff_key.as_deref())),
            own_staff_key,
            background,
            db,
            config,
        }))
    }
}

impl App {
    /// Ends the work beside the requests, and closes the database's connections once they have come back.
    pub async fn stop(&self) {
        self.background.iter().for_each(AbortHandle::abort);
        self.db.close().await;
    }
}

/// The configured secret, or in development one that is made once and kept in the database.
async fn secret_key(config: &ServeConfig, db: &Db) -> anyhow::Result<String> {
    match &config.secret_key {
        Some(key) => Ok(key.clone()),
        None => {
            kept_secret(db.administration(), "secret_key").await.context("cannot keep a secret key in the database")
        }
    }
}

/// In development on the embedded database, without a configured staff key: one that is made once and kept.
async fn own_staff_key(config: &ServeConfig, db: &Db) -> anyhow::Result<Option<String>> {
    let makes_one =
        config.staff_key.is_none() && config.database.is_embedded() && config.environment() == Environment::Development;
    if !makes_one {
        return Ok(None);
    }
    let key = kept_secret(db.administration(), "staff_key").await.context("cannot keep a staff key in the database")?;
    Ok(Some(key))
}
