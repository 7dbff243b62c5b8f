//! A server's parts, built once and shared by all requests; the same in tests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::account::{self, Delivery};
use crate::auth::{Attempts, Clients, Passwords, SecretKey, Sessions, StaffKey, kept_secret};
use crate::cache::{Cache, sweep};
use crate::config::{Environment, ServeConfig};
use crate::db::{Db, TokenCodec};
use crate::documents::Documents;
use crate::graphql::{IdCodec, Shared, StorefrontEngine, engine};
use crate::http::Admission;
use crate::limit::Limiter;
use crate::mail::Outbox;
use crate::product::warm;
use crate::redis::{Endpoint, Manners};

/// How often what is of no use any more is dropped from the tables of accounts.
const SWEEP_EVERY: Duration = Duration::from_secs(3600);
/// How long the end waits for messages that are on their way.
const SENT_WITHIN: Duration = Duration::from_secs(3);

pub struct App {
    pub config: ServeConfig,
    pub db: Arc<Db>,
    pub engine: Arc<StorefrontEngine>,
    pub shared: Arc<Shared>,
    /// Seals consistency tokens.
    pub tokens: TokenCodec,
    pub staff_key: StaffKey,
    /// Who else proves itself by a key.
    pub clients: Clients,
    pub limiter: Arc<Limiter>,
    pub documents: Documents,
    pub admission: Admission,
    /// Whose pages may ask from a browser.
    pub origins: Vec<String>,
    /// The staff key that this server made for itself: the playground may fill it in for whoever sits at this machine.
    pub own_staff_key: Option<String>,
    /// What goes on beside the requests: the sweep of the change log, the warming of the cache, what is given back to windows, and the
    /// look after the gate's Redis.
    background: Vec<AbortHandle>,
    /// The delivery of messages, and what stops it.
    delivery: Mutex<Option<JoinHandle<()>>>,
    stopping: CancellationToken,
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
        let mut background = vec![sweeping.abort_handle(), warming.abort_handle()];
        let gate = gate(&config)?.map(Arc::new);
        if let Some(gate) = gate.clone() {
            background.push(tokio::spawn(async move { gate.look_after().await }).abort_handle());
        }
        let namespace = secret.name("gate");
        let documents = Documents::new(&config.documents, gate.clone(), &namespace)?;
        let limiter = Arc::new(if config.limits_rate() {
            Limiter::new(&config.window, gate.clone(), &namespace)
        } else {
            Limiter::of_logins(gate.clone(), &namespace)
        });
        background.push(tokio::spawn(limiter.clone().keep()).abort_handle());
        let sessions = Sessions::new(db.clone(), &secret, gate.map(|gate| (gate, namespace.as_str())));
        let sessions = Arc::new(sessions);
        let attempts = Arc::new(Attempts::new(db.clone(), limiter.clone(), secret.seal("login attempt")));
        background.push(tokio::spawn(sweep_accounts(db.clone(), sessions.clone(), attempts.clone())).abort_handle());
        let outbox = Arc::new(Outbox::new(&config.mail, config.environment())?);
        let delivery = Delivery::new(db.clone(), outbox.clone(), config.mail.shop_url().map(str::to_owned));
        let stopping = CancellationToken::new();
        let delivery = Mutex::new(Some(tokio::spawn(delivery.run(stopping.clone()))));
        let shared = Shared {
            cache,
            ids: IdCodec::new(&secret),
            cursors: secret.seal("cursor"),
            pages: config.limits.pages(),
            sessions,
            passwords: Passwords::default(),
            attempts,
            outbox,
            conditions: config.limits.conditions(),
        };
        Ok(Arc::new(Self {
            engine: engine(&config.limits, config.environment())?,
            shared: Arc::new(shared),
            tokens: TokenCodec::new(secret.seal("consistency")),
            staff_key: StaffKey::new(config.staff_key.as_deref().or(own_staff_key.as_deref())),
            own_staff_key,
            clients: Clients::new(db.clone()),
            limiter,
            documents,
            admission: Admission::new(config.http.max_in_flight),
            origins: config.origins(),
            background,
            delivery,
            stopping,
            db,
            config,
        }))
    }
}

impl App {
    /// Ends the work beside the requests, and closes the database's connections once they have come back.
    pub async fn stop(&self) {
        self.stopping.cancel();
        let delivery = self.delivery.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut delivery) = delivery
            && tokio::time::timeout(SENT_WITHIN, &mut delivery).await.is_err()
        {
            delivery.abort();
        }
        self.background.iter().for_each(AbortHandle::abort);
        self.db.close().await;
    }
}

/// Drops sessions, tokens and messages that are over, and logins that do not count any more, every hour.
async fn sweep_accounts(db: Arc<Db>, sessions: Arc<Sessions>, attempts: Arc<Attempts>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let swept = async {
            sessions.sweep().await?;
            attempts.sweep().await?;
            account::sweep(&db).await
        };
        if let Err(error) = swept.await {
            tracing::warn!(cause = %error, "what is over was not dropped from the tables of accounts");
        }
    }
}

/// The way to Redis for what is asked before an operation runs: windows and documents. The embedded database has one instance, which shares
/// nothing.
fn gate(config: &ServeConfig) -> anyhow::Result<Option<Endpoint>> {
    let urls = config.cache.redis_urls();
    if urls.is_empty() || config.database.is_embedded() || config.features.baseline {
        return Ok(None);
    }
    let manners = Manners::new(&config.cache)?;
    Endpoint::new(&urls, &manners, "gate", "each instance counts windows for itself").map(Some)
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
