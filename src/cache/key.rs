//! Names of what is cached. They carry the epoch: after a failover or a restore the cache is cold, and never wrong.
//!
//! The part in braces decides the slot in a Redis Cluster: a node's value and fence lie together, and so do all lists of a database with the
//! marks that end them.

use std::fmt::{self, Display};

use uuid::Uuid;

use crate::db::{NodeKind, Scope};

/// As long as the name of a node is, at most.
const LONGEST_NAME: usize = 96;

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
        self.name(":v")
    }

    /// Where the lowest version stands that may be stored.
    pub fn fence(&self) -> String {
        self.name(":f")
    }

    /// Written piece by piece: formatting takes several times as long, and there are a few names in every request that misses.
    fn name(&self, what: &str) -> String {
        let Self { scope, kind, id } = self;
        let mut name = String::with_capacity(LONGEST_NAME);
        name.push_str("storefront:{");
        push_hex(&mut name, scope.system);
        for number in [scope.timeline, scope.database] {
            name.push('.');
            push_hex(&mut name, number.into());
        }
        for part in [":", kind.word(), ":", id.simple().encode_lower(&mut Uuid::encode_buffer()), "}", what] {
            name.push_str(part);
        }
        name
    }
}

/// Lower-case, without leading zeros.
fn push_hex(text: &mut String, number: u64) {
    let digits = (u64::BITS - number.leading_zeros()).div_ceil(4).max(1);
    text.extend((0..digits).rev().map(|place| char::from(b"0123456789abcdef"[(number >> (4 * place) & 15) as usize])));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_the_same_name_in_every_version_of_the_program() {
        let scope = Scope { system: 0x6a_00ff, timeline: 10, database: 0 };
        let key = NodeKey { scope, kind: NodeKind::Product, id: Uuid::from_u128(0xabc) };

        assert_eq!(key.value(), format!("storefront:{{{}:product:{}}}:v", Slot(scope), key.id.simple()));
        assert_eq!(key.fence(), "storefront:{6a00ff.a.0:product:00000000000000000000000000000abc}:f");
    }
}
