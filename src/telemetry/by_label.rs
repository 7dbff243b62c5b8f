//! Metrics that differ by one label. They are kept once they were made: the look-up in the recorder is dearer than the count.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use foldhash::fast::FixedState;

/// The metrics of one name, by a label that the program itself gives.
pub struct ByLabel<M> {
    make: fn(&'static str) -> M,
    made: RwLock<HashMap<&'static str, M, FixedState>>,
}

impl<M: Clone> ByLabel<M> {
    pub const fn new(make: fn(&'static str) -> M) -> Self {
        Self { make, made: RwLock::new(HashMap::with_hasher(FixedState::with_seed(0))) }
    }

    pub fn of(&self, label: &'static str) -> M {
        if let Some(made) = self.made.read().unwrap_or_else(PoisonError::into_inner).get(label) {
            return made.clone();
        }
        let made = (self.make)(label);
        self.made.write().unwrap_or_else(PoisonError::into_inner).insert(label, made.clone());
        made
    }
}
