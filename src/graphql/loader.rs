//! Batched reads: what the fields of one request ask for one by one is read from the database together.
//!
//! A domain names what it loads by implementing [`Batch`]; this file turns that into a loader of the `dataloader` crate. Loaders
//! live as long as one request: what they hold is never seen by another one. Failures are values, so one lost batch fails
//! the fields that asked and nothing else.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use dataloader::BatchFn;
use dataloader::cached::Loader;

use crate::db::Routing;
use crate::error::{Error, Result};

/// No operation within the limits asks one loader for more keys at once: a page of 100 under each of 100 parents, ten skus each.
const LARGEST_BATCH: usize = 100_000;

/// A read by key that is done for many keys in one statement.
pub trait Batch: Send + Sync + 'static {
    type Key: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    type Value: Clone + Send + Sync + 'static;

    /// The name in explain and in the metrics.
    const NAME: &'static str;

    /// The values of those keys that have one. Runs when the batch is complete, so the host is chosen then.
    fn load(routing: &Routing, keys: &[Self::Key]) -> impl Future<Output = Result<HashMap<Self::Key, Self::Value>>> + Send;
}

/// All loaders of one request, made when first asked for.
pub struct Loaders {
    routing: Arc<Routing>,
    by_batch: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Loaders {
    pub fn new(routing: Arc<Routing>) -> Self {
        Self { routing, by_batch: Mutex::default() }
    }

    /// The value of a key, read together with all keys that are asked for at the same moment; `None` when there is none.
    pub async fn load<B: Batch>(&self, key: B::Key) -> Result<Option<B::Value>> {
        let loader = self.loader::<B>();
        loop {
            // A loader knows nothing of a key only when the field whose turn it was to run the batch was dropped half-way,
            // because a sibling of it failed. The key is asked for again: this time by a field that is alive.
            if let Ok(value) = loader.try_load(key.clone()).await {
                return value;
            }
        }
    }

    /// Forgets everything read so far: a write of this request may have changed it.
    pub fn forget(&self) {
        self.by_batch.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn loader<B: Batch>(&self) -> BatchLoader<B> {
        let mut loaders = self.by_batch.lock().unwrap_or_else(PoisonError::into_inner);
        let loader = loaders.entry(TypeId::of::<B>()).or_insert_with(|| {
            let run = Run::<B> { routing: self.routing.clone(), batch: std::marker::PhantomData };
            let loader: BatchLoader<B> = Loader::new(run).with_yield_count(1).with_max_batch_size(LARGEST_BATCH);
            Arc::new(loader)
        });
        loader.downcast_ref::<BatchLoader<B>>().expect("a loader is kept under the type of its batch").clone()
    }
}

type BatchLoader<B> = Loader<<B as Batch>::Key, Result<Option<<B as Batch>::Value>>, Run<B>>;

/// The batch function as the `dataloader` crate calls it: every key gets a value, be it `None` or the failure.
struct Run<B> {
    routing: Arc<Routing>,
    batch: std::marker::PhantomData<fn() -> B>,
}

impl<B: Batch> BatchFn<B::Key, Result<Option<B::Value>>> for Run<B> {
    async fn load(&mut self, keys: &[B::Key]) -> HashMap<B::Key, Result<Option<B::Value>>> {
        metrics::histogram!("storefront_batch_keys", "loader" => B::NAME).record(keys.len() as f64);
        match B::load(&self.routing, keys).await {
            Ok(mut found) => keys.iter().map(|key| (key.clone(), Ok(found.remove(key)))).collect(),
            Err(error) => keys.iter().map(|key| (key.clone(), Err::<_, Error>(error.clone()))).collect(),
        }
    }
}
