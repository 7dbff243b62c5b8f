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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::NodeVersion;

    const PRODUCT: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    #[test]
    fn a_named_node_is_taken_at_its_version_or_above_and_others_freely() {
        let node = |version| NodeVersion { kind: NodeKind::Product, id: PRODUCT, version };
        let rule = Rule::Verified(Changed::Nodes(vec![node(5), node(3)]));

        let taken = [4, 5, 6].map(|version| rule.takes(NodeKind::Product, PRODUCT, version));
        assert_eq!(taken, [false, true, true]);
        assert!(rule.takes(NodeKind::Product, OTHER, 1));
        assert!(rule.takes(NodeKind::Stock, PRODUCT, 1), "the stock of a product has a version of its own");
    }

    #[test]
    fn without_a_token_everything_is_taken_and_pinned_or_after_too_much_nothing() {
        for (rule, takes) in [(Rule::Free, true), (Rule::Bypass, false), (Rule::Verified(Changed::All), false)] {
            assert_eq!(rule.takes(NodeKind::Product, PRODUCT, i64::MAX), takes, "{rule:?}");
        }
    }
}
