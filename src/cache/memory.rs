//! The rules of the cache in one process, for the embedded database, which has no other readers.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::ops::compute::Op;
use moka::sync::Cache;

use super::key::{ListKey, NodeKey};
use super::value::{Cached, Ids};
use crate::db::NodeKind;

/// Nodes with their fences, and lists with their marks, bounded in bytes.
pub struct Memory {
    nodes: Cache<NodeKey, Entry>,
    lists: Cache<ListKey, List>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When everything was forgotten for the last time. What was read before may be older than what another process wrote.
    cleared: Option<Instant>,
    /// How often nodes of each kind were written.
    marks: HashMap<NodeKind, i64>,
}

#[derive(Clone, Default)]
struct Entry {
    /// The lowest version that may be stored, and until when.
    fence: Option<(i64, Instant)>,
    value: Option<Value>,
}

#[derive(Clone)]
struct Value {
    version: i64,
    bytes: usize,
    node: Arc<dyn Any + Send + Sync>,
    until: Instant,
}

#[derive(Clone)]
struct List {
    mark: i64,
    ids: Arc<Ids>,
    until: Instant,
}

/// What became of a value that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    Stored,
    /// A newer version was announced.
    Fenced,
    /// The same or a newer one is there.
    Older,
    /// It came when a fence that would refuse it may have ended.
    Late,
    /// The store takes nothing more.
    Full,
}

impl Put {
    /// As the script says it.
    pub fn of_word(word: &str) -> Self {
        match word {
            "stored" => Self::Stored,
            "fenced" => Self::Fenced,
            "late" => Self::Late,
            _ => Self::Older,
        }
    }
}

struct UntilTheLast;

impl Expiry<NodeKey, Entry> for UntilTheLast {
    fn expire_after_create(&self, _: &NodeKey, entry: &Entry, now: Instant) -> Option<Duration> {
        entry.until().map(|until| until.saturating_duration_since(now))
    }

    fn expire_after_update(&self, _: &NodeKey, entry: &Entry, now: Instant, _: Option<Duration>) -> Option<Duration> {
        entry.until().map(|until| until.saturating_duration_since(now))
    }
}

impl Entry {
    fn until(&self) -> Option<Instant> {
        self.fence.map(|(_, until)| until).max(self.value.as_ref().map(|value| value.until))
    }
}

impl Memory {
    pub fn new(most_bytes: u64) -> Self {
        let node_weight = |_: &NodeKey, entry: &Entry| {
            let bytes = entry.value.as_ref().map_or(0, |value| value.bytes.saturating_mul(2));
            u32::try_from(bytes + 200).unwrap_or(u32::MAX)
        };
        let list_weight = |_: &ListKey, list: &List| u32::try_from(list.ids.ids.len() * 16 + 200).unwrap_or(u32::MAX);
        let (for_lists, for_nodes) = (most_bytes / 8, most_bytes - most_bytes / 8);
        Self {
            nodes: Cache::builder().max_capacity(for_nodes).weigher(node_weight).expire_after(UntilTheLast).build(),
            lists: Cache::builder().max_capacity(for_lists).weigher(list_weight).build(),
            state: Mutex::default(),
        }
    }

    pub fn node<N: Cached>(&self, key: NodeKey) -> Option<Arc<N>> {
        let value = self.nodes.get(&key)?.value.filter(|value| value.until > Instant::now())?;
        value.node.downcast().ok()
    }

    /// Stores a node whose read began at `began`.
    pub fn put<N: Cached>(&self, key: NodeKey, node: Arc<N>, bytes: usize, life: Duration, began: Instant) -> Put {
        let (now, version) = (Instant::now(), node.version());
        let state = self.state();
        if state.cleared.is_some_and(|cleared| began <= cleared) {
            return Put::Fenced;
        }
        let mut outcome = Put::Stored;
        self.nodes.entry(key).and_compute_with(|entry| {
            let held = entry.map(moka::Entry::into_value).unwrap_or_default();
            if held.fence.is_some_and(|(lowest, until)| until > now && version < lowest) {
                outcome = Put::Fenced;
                return Op::Nop;
            }
            if held.value.as_ref().is_some_and(|value| value.until > now && value.version >= version) {
                outcome = Put::Older;
                return Op::Nop;
            }
            Op::Put(Entry { value: Some(Value { version, bytes, node, until: now + life }), ..held })
        });
        outcome
    }

    pub fn fence(&self, key: NodeKey, version: i64, life: Duration) {
        let now = Instant::now();
        self.nodes.entry(key).and_upsert_with(|entry| {
            let held = entry.map(moka::Entry::into_value).unwrap_or_default();
            let lowest =
                held.fence.filter(|(_, until)| *until > now).map_or(version, |(lowest, _)| lowest.max(version));
            Entry { fence: Some((lowest, now + life)), value: held.value.filter(|value| value.version >= version) }
        });
    }

    /// A number that is another one after each write to a node of these kinds.
    pub fn mark(&self, kinds: &[NodeKind]) -> i64 {
        let state = self.state();
        kinds.iter().filter_map(|kind| state.marks.get(kind)).sum()
    }

    /// Ends the lists that hold nodes of a kind.
    pub fn raise_mark(&self, kind: NodeKind) {
        *self.state().marks.entry(kind).or_default() += 1;
    }

    /// A list, if it was stored at this mark.
    pub fn list(&self, key: ListKey, mark: i64) -> Option<Arc<Ids>> {
        let list = self.lists.get(&key).filter(|list| list.mark == mark && list.until > Instant::now())?;
        Some(list.ids)
    }

    /// Stores a list as it was at a mark. Its read began at `began`.
    pub fn put_list(&self, key: ListKey, mark: i64, ids: Arc<Ids>, life: Duration, began: Instant) -> Put {
        let state = self.state();
        if state.cleared.is_some_and(|cleared| began <= cleared) {
            return Put::Fenced;
        }
        self.lists.insert(key, List { mark, ids, until: Instant::now() + life });
        Put::Stored
    }

    /// Forgets everything: another process wrote, and nobody knows what.
    pub fn clear(&self) {
        let mut state = self.state();
        state.cleared = Some(Instant::now());
        self.nodes.invalidate_all();
        self.lists.invalidate_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::value::tests::Note;
    use super::*;
    use crate::db::Scope;

    const LONG: Duration = Duration::from_secs(60);

    fn key(id: u128) -> NodeKey {
        NodeKey { scope: Scope::default(), kind: NodeKind::Product, id: Uuid::from_u128(id) }
    }

    fn list_key(digest: u128) -> ListKey {
        ListKey { scope: Scope::default(), name: "Notes", digest }
    }

    fn ids(number: u128) -> Arc<Ids> {
        Arc::new(Ids { ids: (0..number).map(Uuid::from_u128).collect(), has_previous: false, has_next: false })
    }

    fn memory() -> Memory {
        Memory::new(1024 * 1024)
    }

    fn put(memory: &Memory, version: i64) -> Put {
        memory.put(key(1), Note::new(version), 100, LONG, Instant::now())
    }

    fn held(memory: &Memory) -> Option<i64> {
        memory.node::<Note>(key(1)).map(|note| note.version)
    }

    #[test]
    fn of_two_puts_in_any_order_the_newer_one_stays() {
        for versions in [[4, 5], [5, 4]] {
            let memory = memory();
            for version in versions {
                put(&memory, version);
            }

            assert_eq!(held(&memory), Some(5), "{versions:?}");
            assert_eq!((put(&memory, 5), put(&memory, 4)), (Put::Older, Put::Older));
        }
    }

    #[test]
    fn a_fence_drops_what_is_older_and_lets_only_newer_in() {
        let memory = memory();
        put(&memory, 4);

        memory.fence(key(1), 5, LONG);
        assert_eq!(held(&memory), None);
        assert_eq!((put(&memory, 4), held(&memory)), (Put::Fenced, None));
        assert_eq!((put(&memory, 5), held(&memory)), (Put::Stored, Some(5)));

        memory.fence(key(1), 5, LONG);
        assert_eq!(held(&memory), Some(5));
    }

    #[test]
    fn a_fence_never_falls() {
        let memory = memory();

        memory.fence(key(1), 7, LONG);
        memory.fence(key(1), 5, LONG);

        assert_eq!((put(&memory, 6), put(&memory, 7)), (Put::Fenced, Put::Stored));
    }

    #[test]
    fn fences_and_values_end_with_their_time() {
        let memory = memory();
        memory.fence(key(1), 7, Duration::ZERO);
        assert_eq!(put(&memory, 6), Put::Stored);

        let memory = self::memory();
        memory.put(key(1), Note::new(6), 100, Duration::ZERO, Instant::now());
        assert_eq!(held(&memory), None);
        assert_eq!((put(&memory, 6), held(&memory)), (Put::Stored, Some(6)));
    }

    #[test]
    fn what_was_read_before_everything_was_forgotten_is_not_stored() {
        let memory = memory();
        put(&memory, 5);
        let before = Instant::now();

        memory.clear();

        assert_eq!(held(&memory), None);
        assert_eq!(memory.put(key(1), Note::new(5), 100, LONG, before), Put::Fenced);
        assert_eq!(memory.put_list(list_key(1), 0, ids(1), LONG, before), Put::Fenced);
        assert_eq!((put(&memory, 5), held(&memory)), (Put::Stored, Some(5)));
    }

    #[test]
    fn a_list_is_taken_only_at_the_mark_it_was_stored_with() {
        let memory = memory();
        let kinds = [NodeKind::Product, NodeKind::Category];
        let before = memory.mark(&kinds);
        memory.put_list(list_key(1), before, ids(2), LONG, Instant::now());
        assert_eq!(memory.list(list_key(1), memory.mark(&kinds)), Some(ids(2)));

        memory.raise_mark(NodeKind::Store);
        assert_eq!(memory.mark(&kinds), before);

        memory.raise_mark(NodeKind::Category);
        assert_eq!(memory.list(list_key(1), memory.mark(&kinds)), None);
        // A read that began before the write stores what nobody takes.
        memory.put_list(list_key(1), before, ids(2), LONG, Instant::now());
        assert_eq!(memory.list(list_key(1), memory.mark(&kinds)), None);
    }

    #[test]
    fn it_grows_no_larger_than_it_may() {
        let memory = memory();

        for id in 0..20_000 {
            memory.put(key(id), Note::new(1), 1000, LONG, Instant::now());
            memory.put_list(list_key(id), 0, ids(20), LONG, Instant::now());
        }
        memory.nodes.run_pending_tasks();
        memory.lists.run_pending_tasks();

        assert!(memory.nodes.weighted_size() + memory.lists.weighted_size() <= 1024 * 1024);
        assert!(memory.nodes.entry_count() > 100 && memory.lists.entry_count() > 50);
    }
}
