//! What an answer shows, by the names under which HTTP caches are told to forget it: the id of each product, store and category, and
//! the name of the type for lists, which also change with nodes that are not in them yet.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::id::{Kind, plain};

/// The most nodes that are named. Of the others the type is, as if they came from a list.
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
    /// What a look-up found. Where that is nothing the type is named: what is looked for may come to be.
    pub fn one(&self, kind: Kind, id: Option<Uuid>) {
        match id {
            Some(id) => self.names().node(kind, id),
            None => self.names().kind(kind),
        }
    }

    pub fn list(&self, kind: Kind, ids: impl Iterator<Item = Uuid>) {
        let mut names = self.names();
        ids.for_each(|id| names.node(kind, id));
        names.kind(kind);
    }

    /// The names, joined by spaces, the same for the same things.
    pub fn joined(&self) -> String {
        let names = &mut *self.names();
        names.lists.sort_unstable();
        names.nodes.sort_unstable();
        let lists = names.lists.iter().map(|kind| kind.type_name().to_owned());
        lists.chain(names.nodes.iter().map(|(kind, id)| plain(*kind, *id).to_string())).collect::<Vec<_>>().join(" ")
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Names {
    fn node(&mut self, kind: Kind, id: Uuid) {
        if self.nodes.contains(&(kind, id)) {
            return;
        }
        if self.nodes.len() < MOST_NODES { self.nodes.push((kind, id)) } else { self.kind(kind) }
    }

    fn kind(&mut self, kind: Kind) {
        if !self.lists.contains(&kind) {
            self.lists.push(kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_too_much_to_name_the_type_is_named() {
        let shown = Shown::default();
        let ids = |from: u128| (from..).map(Uuid::from_u128);

        shown.list(Kind::Product, ids(0).take(99));
        ids(0).take(2).for_each(|id| shown.one(Kind::Store, Some(id)));

        let names = shown.joined();
        let names: Vec<&str> = names.split(' ').collect();
        assert_eq!(names[..2], ["Product", "Store"]);
        assert_eq!(names.len(), 2 + MOST_NODES);
        assert!(names.contains(&plain(Kind::Store, Uuid::from_u128(0)).as_str()));
        assert!(!names.contains(&plain(Kind::Store, Uuid::from_u128(1)).as_str()));
    }
}
