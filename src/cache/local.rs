//! The in-process tier: nodes and lists as they were a moment ago, without a round trip.
//!
//! An entry lives for a second and nobody tells it of changes; so pinned requests pass it by, and those with tokens look at its version.
//! Once half of the room is taken, the rest is for what comes again: what is read once in a while would drive out what is hot, and to
//! keep it costs more than it saves.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::key::{Key, ListKey, NodeKey};
use super::recent::Recent;
use super::seen::Seen;
use super::value::{Cached, Ids};

/// How many nodes and lists are known to have come while there was little room.
const PLACES: usize = 16 * 1024;

/// Nodes and lists by key, bounded in bytes.
pub struct Local {
    entries: Recent<Key, Entry>,
    /// What came while there was little room.
    seen: Seen,
    /// How often this instance has ended the lists.
    lists_ended: AtomicU64,
}

#[derive(Clone)]
struct Entry {
    /// Of a list how often lists had been ended when it was asked for.
    version: i64,
    value: Arc<dyn Any + Send + Sync>,
    kept_at: Instant,
}

impl Local {
    pub fn new(most_bytes: u64, life: Duration) -> Self {
        // What comes again later than that would not be found.
        let seen = Seen::new(PLACES, life);
        Self { entries: Recent::new(most_bytes, life), seen, lists_ended: AtomicU64::new(0) }
    }

    /// A node, and since when it is here.
    pub fn node<N: Cached>(&self, key: NodeKey) -> Option<(Arc<N>, Instant)> {
        let entry = self.entries.get(&Key::Node(key))?;
        Some((entry.value.downcast().ok()?, entry.kept_at))
    }

    /// A list, and since when it is here.
    pub fn list(&self, key: ListKey) -> Option<(Arc<Ids>, Instant)> {
        let entry = self.entries.get(&Key::List(key)).filter(|entry| entry.version == self.lists_ended())?;
        Some((entry.value.downcast().ok()?, entry.kept_at))
    }

    /// A number that is another one after this instance has ended the lists.
    pub fn lists_ended(&self) -> i64 {
        self.lists_ended.load(Ordering::Acquire) as i64
    }

    /// Ends all lists: this instance has just written to a node of one.
    pub fn end_lists(&self) {
        self.lists_ended.fetch_add(1, Ordering::AcqRel);
    }

    /// Keeps a node that Redis holds, in so many bytes.
    pub fn keep_node(&self, key: NodeKey, version: i64, node: Arc<dyn Any + Send + Sync>, bytes: usize) {
        self.keep(Key::Node(key), version, node, bytes);
    }

    /// Keeps a list that Redis holds. `ended` is how often lists had been ended when it was asked for.
    pub fn keep_list(&self, key: ListKey, list: Arc<Ids>, ended: i64) {
        let bytes = list.ids.len() * 16;
        self.keep(Key::List(key), ended, list, bytes);
    }

    /// The length in Redis is near enough to half of what it takes here.
    fn keep(&self, key: Key, version: i64, value: Arc<dyn Any + Send + Sync>, bytes: usize) {
        self.entries.keep(key, 2 * bytes, |held, is_crowded| {
            // What was asked of Redis before a write may come after its fence.
            let is_late = held.is_some_and(|held| held.version > version);
            let is_wanted = !is_late && (!is_crowded || self.seen.again(&key, Instant::now()));
            is_wanted.then(|| Entry { version, value, kept_at: Instant::now() })
        });
    }

    /// Drops what is older than a version that this instance has just written, and keeps it out.
    pub fn fence(&self, key: NodeKey, version: i64) {
        self.entries.keep(Key::Node(key), 0, |held, _| {
            let is_older = held.is_none_or(|held| held.version < version);
            is_older.then(|| Entry { version, value: Arc::new(()), kept_at: Instant::now() })
        });
    }

    /// Drops what nobody will get any more.
    pub fn forget_old(&self) {
        self.entries.forget_old();
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::value::tests::Note;
    use super::*;
    use crate::db::{NodeKind, Scope};

    fn key(id: u128) -> NodeKey {
        NodeKey { scope: Scope::default(), kind: NodeKind::Product, id: Uuid::from_u128(id) }
    }

    #[test]
    fn many_nodes_do_not_make_it_larger_than_it_may_be() {
        let local = Local::new(1024 * 1024, Duration::from_secs(60));

        for id in 0..20_000 {
            (0..2).for_each(|_| local.keep_node(key(id), 1, Note::new(1), 1000));
        }

        assert!(local.entries.bytes() <= 1024 * 1024, "{}", local.entries.bytes());
        assert!(local.entries.number() > 100);
    }

    #[test]
    fn half_of_the_room_is_for_what_comes_again() {
        let local = Local::new(1024 * 1024, Duration::from_secs(60));
        let keep = |id| {
            local.keep_node(key(id), 1, Note::new(1), 1000);
            local.node::<Note>(key(id)).is_some()
        };
        for id in 0..300 {
            keep(id);
        }

        assert!(!keep(1000));
        assert!(keep(1000));
        assert!(local.entries.bytes() < 1024 * 1024 * 6 / 10, "{}", local.entries.bytes());
    }

    #[test]
    fn a_fence_drops_what_is_older_than_it() {
        let local = Local::new(1024 * 1024, Duration::from_secs(60));
        local.keep_node(key(1), 5, Note::new(5), 100);

        local.fence(key(1), 5);
        assert!(local.node::<Note>(key(1)).is_some());

        local.fence(key(1), 6);
        assert!(local.node::<Note>(key(1)).is_none());
    }
}
