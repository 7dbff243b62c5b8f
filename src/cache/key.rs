//! Names of what is cached. They carry the epoch: after a failover or a restore the cache is cold, and never wrong.
//!
//! The part in braces decides the slot in a Redis Cluster: a node's value and fence lie together, and so do all lists of a database with the
//! marks that end them.

use std::fmt::{self, Display};

use uuid::Uuid;

use crate::db::{NodeKind, Scope};

/// A node in one history of one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeKey {
    pub scope: Scope,
    pub kind: NodeKind,
    pub id: Uuid,
}

impl NodeKey {
    /// Where the value is.
    pub fn value(&self) -> String {
        let Self { scope, kind, id } = self;
        format!("storefront:{{{}:{}:{}}}:v", Slot(*scope), kind.word(), id.simple())
    }

    /// Where the lowest version stands that may be stored.
    pub fn fence(&self) -> String {
        let Self { scope, kind, id } = self;
        format!("storefront:{{{}:{}:{}}}:f", Slot(*scope), kind.word(), id.simple())
    }
}

/// A list in one history of one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListKey {
    pub scope: Scope,
    pub name: &'static str,
    /// A hash of what tells it from other lists of the name.
    pub digest: u128,
}

impl ListKey {
    /// Where its ids are.
    pub fn value(&self) -> String {
        format!("storefront:{{{}:lists}}:{}:{:032x}", Slot(self.scope), self.name, self.digest)
    }
}

/// Where the position of the last write to a node of a kind stands.
pub fn mark(scope: Scope, kind: NodeKind) -> String {
    format!("storefront:{{{}:lists}}:mark:{}", Slot(scope), kind.word())
}

/// Where the whole answer to a question is.
pub fn answer(scope: Scope, digest: u128) -> String {
    format!("storefront:{{{}:answers}}:{digest:032x}", Slot(scope))
}

/// Where the views of products are counted: a failover leaves them.
pub fn views(scope: Scope) -> String {
    format!("storefront:{{{:x}.{:x}:views}}", scope.system, scope.database)
}

struct Slot(Scope);

impl Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:x}.{:x}", self.0.system, self.0.timeline, self.0.database)
    }
}

/// Anything that is read once for all who miss it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Node(NodeKey),
    List(ListKey),
}
