//! The search for nodes, and what a request has asked for ahead of its fields.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use uuid::Uuid;

use super::key::NodeKey;
use super::value::Cached;
use crate::db::Scope;

/// What one request knows of the cache: what it has asked for before its fields did, in one round trip for nodes that are wanted one after
/// another; and whether Redis answers.
#[derive(Default)]
pub struct Ahead {
    sought: Mutex<HashMap<NodeKey, Sought>>,
    /// Redis did not answer this request: it is not asked again.
    has_given_up: AtomicBool,
}

/// What came of asking for a node ahead.
enum Sought {
    Found(Arc<dyn Any + Send + Sync>),
    /// The store was asked at this moment, and does not hold it.
    Missed(Instant),
}

/// What is found and what is missing while nodes are looked up.
pub struct Search<N> {
    pub found: HashMap<Uuid, Arc<N>>,
    pub missing: Vec<Uuid>,
    /// Those of the missing ones that the store was asked for before.
    asked: HashSet<Uuid>,
    /// No node was asked for before this.
    pub began: Instant,
}

impl<N: Cached> Search<N> {
    pub fn new(ids: &[Uuid]) -> Self {
        let found = HashMap::with_capacity(ids.len());
        Self { found, missing: ids.to_vec(), asked: HashSet::new(), began: Instant::now() }
    }

    /// The names of what the store is still to be asked for.
    pub fn keys(&self, scope: Scope) -> Vec<NodeKey> {
        let unasked = self.missing.iter().filter(|id| !self.asked.contains(*id));
        unasked.map(|id| NodeKey { scope, kind: N::KIND, id: *id }).collect()
    }

    /// Takes what was asked for ahead.
    pub fn take_ahead(&mut self, scope: Scope, ahead: &Ahead) {
        let ahead = ahead.lock();
        if ahead.is_empty() {
            return;
        }
        let key = |id| NodeKey { scope, kind: N::KIND, id };
        self.take(|id| match ahead.get(&key(id))? {
            Sought::Found(node) => node.clone().downcast().ok(),
            Sought::Missed(_) => None,
        });
        for id in &self.missing {
            if let Some(Sought::Missed(at)) = ahead.get(&key(*id)) {
                self.began = self.began.min(*at);
                self.asked.insert(*id);
            }
        }
    }

    /// Moves those that `find` finds from the missing to the found; how many they were.
    pub fn take(&mut self, mut find: impl FnMut(Uuid) -> Option<Arc<N>>) -> usize {
        let before = self.missing.len();
        self.missing.retain(|id| match find(*id) {
            Some(node) => {
                self.found.insert(*id, node);
                false
            }
            None => true,
        });
        before - self.missing.len()
    }

    /// Keeps what was found for the fields that will ask for it. `was_asked`: the store does not hold the others.
    pub fn put_ahead(self, scope: Scope, ahead: &Ahead, was_asked: bool) {
        let key = |id| NodeKey { scope, kind: N::KIND, id };
        let mut ahead = ahead.lock();
        if was_asked {
            ahead.extend(self.missing.into_iter().map(|id| (key(id), Sought::Missed(self.began))));
        }
        ahead.extend(self.found.into_iter().map(|(id, node)| (key(id), Sought::Found(node))));
    }
}

impl Ahead {
    /// A node that was asked for and found.
    pub fn find<N: Cached>(&self, key: NodeKey) -> Option<Arc<N>> {
        match self.lock().get(&key)? {
            Sought::Found(node) => node.clone().downcast().ok(),
            Sought::Missed(_) => None,
        }
    }

    /// Redis has not answered.
    pub fn give_up(&self) {
        self.has_given_up.store(true, Ordering::Release);
    }

    pub fn has_given_up(&self) -> bool {
        self.has_given_up.load(Ordering::Acquire)
    }

    /// Forgets everything: a write of this request may have changed it.
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeKey, Sought>> {
        self.sought.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
