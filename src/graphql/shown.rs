//! What an answer shows, by the names under which HTTP caches are told to forget it: the id of each product, store and category, and
//! the name of the type for lists, which also change with nodes that are not in them yet.

use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::id::{Kind, plain};

/// The most nodes that are named. More come from lists only, whose type is named too.
const MOST_NODES: usize = 100;

/// Gathers what the loaders of one request hand out.
#[derive(Default)]
pub struct Shown(Mutex<Names>);

#[derive(Default)]
struct Names {
    lists: Vec<Kind>,
    nodes: Vec<(Kind, Uuid)>,
}

impl Shown {
    pub fn node(&self, kind: Kind, id: Uuid) {
        let nodes = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).nodes;
        if nodes.len() < MOST_NODES && !nodes.contains(&(kind, id)) {
            nodes.push((kind, id));
        }
    }

    pub fn list(&self, kind: Kind, ids: impl Iterator<Item = Uuid>) {
        ids.for_each(|id| self.node(kind, id));
        let lists = &mut self.0.lock().unwrap_or_else(PoisonError::into_inner).lists;
        if !lists.contains(&kind) {
            lists.push(kind);
        }
    }

    /// The names, joined by spaces, the same for the same things.
    pub fn names(&self) -> String {
        let names = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.lists.sort_unstable();
        names.nodes.sort_unstable();
        let lists = names.lists.iter().map(|kind| kind.type_name().to_owned());
        lists.chain(names.nodes.iter().map(|(kind, id)| plain(*kind, *id).to_string())).collect::<Vec<_>>().join(" ")
    }
}
