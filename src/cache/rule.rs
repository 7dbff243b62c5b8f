//! What a request may take from the cache.

use uuid::Uuid;

use crate::db::{Changed, NodeKind, Routing};

/// How far a request trusts what is cached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nothing is taken: the request is pinned to the primary, or wrote more than its token could name.
    Bypass,
    /// A node that its tokens name is taken at that version or above, any other freely. It joins nobody else's read.
    Verified(Changed),
    /// Everything is taken.
    Free,
}

impl Rule {
    pub fn of(routing: &Routing) -> Self {
        if routing.is_pinned() {
            return Self::Bypass;
        }
        match routing.named() {
            None => Self::Free,
            Some(Changed::All) => Self::Bypass,
            Some(named) => Self::Verified(named),
        }
    }

    /// Whether a node may be taken at this version.
    pub fn takes(&self, kind: NodeKind, id: Uuid, version: i64) -> bool {
        match self {
            Self::Bypass | Self::Verified(Changed::All) => false,
            Self::Free => true,
            Self::Verified(Changed::Nodes(nodes)) => {
                nodes.iter().all(|node| (node.kind, node.id) != (kind, id) || version >= node.version)
            }
        }
    }
}
