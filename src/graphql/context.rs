//! What one request carries through its fields: who asks, its way to the database and its loaders.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Context;
use futures_util::future::BoxFuture;

use super::id::IdCodec;
use super::loader::{Batch, Loaders, Reads};
use crate::auth::{Attempts, Guarded, Passwords, Seal, Sessions, Viewer, Visit, guard};
use crate::cache::Cache;
use crate::db::Routing;
use crate::error::{Error, Result};
use crate::execution::PageRules;
use crate::mail::Outbox;
use crate::refusal::{Abort, Outcome};

/// How often a write is made again because another one was in its way.
const MOST_CROSSED: u32 = 3;
/// How often a write is made again because its connection was lost.
const MOST_LOST: u32 = 1;
/// The pause before a write is made again; longer each time, and by half more or less.
const PAUSE: Duration = Duration::from_millis(20);

/// How much one `where` may say.
#[derive(Clone, Copy)]
pub struct ConditionLimits {
    /// The most conditions, every element of `AND` and `OR` counted.
    pub conditions: u32,
    /// The most values in one `in`.
    pub values: u32,
}

/// What is the same for all requests of a server and needed inside fields.
pub struct Shared {
    pub ids: IdCodec,
    pub cursors: Seal,
    pub pages: PageRules,
    pub conditions: ConditionLimits,
    pub cache: Arc<Cache>,
    pub sessions: Arc<Sessions>,
    pub passwords: Passwords,
    pub attempts: Arc<Attempts>,
    pub outbox: Arc<Outbox>,
}

/// One request.
pub struct RequestContext {
    pub viewer: Viewer,
    pub visit: Arc<Visit>,
    pub routing: Routing,
    pub shared: Arc<Shared>,
    loaders: Loaders,
}

impl RequestContext {
    pub fn new(viewer: Viewer, visit: Arc<Visit>, shared: Arc<Shared>, reads: Reads) -> Self {
        Self { viewer, visit, routing: reads.routing.clone(), shared, loaders: Loaders::new(reads) }
    }

    /// Reads by key, in one batch with everyone who asks at the same moment.
    pub async fn load<B: Batch>(&self, key: B::Key) -> Result<Option<B::Value>> {
        self.loaders.load::<B>(key).await
    }

    /// The same without waiting; `None` when it has to be read first.
    pub fn here<B: Batch>(&self, key: &B::Key) -> Option<Result<Option<B::Value>>> {
        self.loaders.here::<B>(key)
    }

    /// Reads by key what fields will ask for: they have it without waiting.
    pub fn ahead<B: Batch>(&self, keys: Vec<B::Key>) -> Option<BoxFuture<'_, ()>> {
        self.loaders.ahead::<B>(keys)
    }

    /// Writes: what was read before does not count any more, and what its payload reads is read anew.
    ///
    /// An attempt that was given up because another write was in its way is made again, from its checks, at most three times; one whose
    /// connection was lost before COMMIT was sent, once. Nothing of such an attempt was kept.
    pub async fn write<T, F>(&self, attempt: impl Fn() -> F) -> Outcome<T>
    where
        F: Future<Output = Result<T, Abort>>,
    {
        let (mut crossed, mut lost) = (0, 0);
        loop {
            self.loaders.forget();
            let outcome = attempt().await;
            self.loaders.forget();
            let reason = match &outcome {
                Err(Abort::Failed(Error::Crossed(_))) if crossed < MOST_CROSSED => {
                    crossed += 1;
                    "crossed"
                }
                Err(Abort::Failed(Error::Lost(_))) if lost < MOST_LOST => {
                    lost += 1;
                    "lost"
                }
                _ => return outcome.map_or_else(Abort::into_outcome, |written| Ok(Ok(written))),
            };
            metrics::counter!("storefront_write_retries_total", "reason" => reason).increment(1);
            // Writes that were in each other's way should not meet again.
            tokio::time::sleep(PAUSE.mul_f64(f64::from(crossed) * rand::random_range(0.5..1.5))).await;
        }
    }

    /// Whether something exists for whoever asks.
    pub fn may_see(&self, what: Guarded) -> bool {
        guard::may_see(self.viewer, what)
    }

    pub fn may_change(&self, what: Guarded) -> bool {
        guard::may_change(self.viewer, what)
    }

    /// Refuses whoever may not change the catalogue.
    pub fn require_staff(&self) -> Result<()> {
        guard::check_change(self.viewer, Guarded::Catalogue)
    }
}

/// Reads what was just written, for the payload. A failure says that the write itself has succeeded.
pub async fn read_back<T>(read: impl Future<Output = Result<T>>) -> Result<T> {
    read.await.map_err(|error| Error::NotReadBack(Arc::new(error)))
}

/// Reaches the request from a field.
pub trait ContextExt {
    fn request(&self) -> &RequestContext;
}

impl ContextExt for Context<'_> {
    fn request(&self) -> &RequestContext {
        self.data_unchecked::<RequestContext>()
    }
}
