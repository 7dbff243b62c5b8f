//! What a statement brings beside the nodes it is for: the store, the category or the stock of a product, until fields ask for them.
//!
//! It belongs to one request that reads without the cache. Nothing of it is ever stored.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::value::Cached;
use crate::db::NodeKind;

/// Nodes that statements brought beside those they were for.
#[derive(Default)]
pub struct Beside(Mutex<HashMap<(NodeKind, Uuid), Brought>>);

/// A node that was brought, and whether a field has asked for it by now.
struct Brought {
    node: Arc<dyn Any + Send + Sync>,
    is_asked: bool,
}

impl Beside {
    pub fn has<N: Cached>(&self, id: Uuid) -> bool {
        self.nodes().contains_key(&(N::KIND, id))
    }

    pub fn keep<N: Cached>(&self, node: Arc<N>) {
        self.nodes().insert((N::KIND, node.id()), Brought { node, is_asked: false });
    }

    /// The node, and whether it is asked for for the first time.
    pub fn find<N: Cached>(&self, id: Uuid) -> Option<(Arc<N>, bool)> {
        let mut nodes = self.nodes();
        let found = nodes.get_mut(&(N::KIND, id))?;
        let is_first = !std::mem::replace(&mut found.is_asked, true);
        Some((found.node.clone().downcast().ok()?, is_first))
    }

    pub fn forget(&self) {
        self.nodes().clear();
    }

    fn nodes(&self) -> MutexGuard<'_, HashMap<(NodeKind, Uuid), Brought>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
