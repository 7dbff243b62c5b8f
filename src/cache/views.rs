//! Which products are viewed most: the first that a new server reads, before anyone asks.
//!
//! A view weighs twice as much as one of a week before (forward decay: Cormode, Shkapenyuk, Srivastava, Xu, "Forward Decay", ICDE 2009), so
//! nothing ever has to be counted down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::{Cache, Store};
use crate::db::{Db, Scope};

/// So many seconds halve the weight of a view.
const HALF_LIFE_SECS: f64 = 7.0 * 24.0 * 3600.0;
/// Weights count from the first of January 2026.
const REFERENCE_SECS: f64 = 1_767_225_600.0;
/// The most products whose views are counted between two flushes.
const MOST_COUNTED: usize = 10_000;
/// The most products that are written at one time.
const MOST_FLUSHED: usize = 500;

/// Views since the last flush.
#[derive(Default)]
pub struct Views {
    counted: Mutex<HashMap<Uuid, u32>>,
}

impl Views {
    fn add(&self, product: Uuid) {
        let mut counted = self.counted();
        let has_room = counted.len() < MOST_COUNTED;
        match counted.get_mut(&product) {
            Some(count) => *count += 1,
            None if has_room => drop(counted.insert(product, 1)),
            None => {}
        }
    }

    /// Takes the most viewed ones, each with its weight.
    fn take(&self) -> Vec<(Uuid, f64)> {
        let counted = std::mem::take(&mut *self.counted());
        let mut counted: Vec<_> = counted.into_iter().collect();
        counted.sort_unstable_by_key(|(_, count)| std::cmp::Reverse(*count));
        counted.truncate(MOST_FLUSHED);
        let now_secs = chrono::Utc::now().timestamp() as f64;
        let weight = ((now_secs - REFERENCE_SECS) / HALF_LIFE_SECS).exp2();
        counted.into_iter().map(|(product, count)| (product, f64::from(count) * weight)).collect()
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<Uuid, u32>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    /// Counts a view of a product.
    pub fn viewed(&self, product: Uuid) {
        if matches!(self.store, Store::Redis { .. }) {
            self.views.add(product);
        }
    }

    /// Tells Redis of the views since the last time.
    pub(super) async fn flush_views(&self, scope: Scope) {
        let Store::Redis { remote, .. } = &self.store else { return };
        let views = self.views.take();
        if !views.is_empty() {
            remote.count_views(scope, &views).await;
        }
    }

    /// The products that were viewed most, the first one most of all. Empty on the embedded database, whose cache ends with the process.
    pub async fn most_viewed(self: &Arc<Self>, db: &Db, most: usize) -> Vec<Uuid> {
        let (Store::Redis { remote, .. }, Some(scope)) = (&self.store, db.scope()) else { return Vec::new() };
        remote.most_viewed(scope, most).await
    }
}
