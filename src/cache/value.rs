//! What is cached: nodes and lists as bytes, and back.
//!
//! A value is one byte for its schema, eight for its version or mark (big-endian), and the rest in postcard's format. Another schema, or bytes
//! that make no sense, are a miss.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Connection, NodeKind};
use crate::error::Result;

/// The longest value, in bytes. A longer one is read from the database each time.
pub const LONGEST: usize = 64 * 1024;
const HEAD: usize = 9;

/// A resolved node that can be cached.
pub trait Cached: Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: NodeKind;
    /// Raised with every change of the type. Instances of two versions of the program take each other's values for misses.
    const SCHEMA: u8;
    /// The name in explain and in the metrics.
    const NAME: &'static str;

    fn id(&self) -> Uuid;

    /// The version of the aggregate.
    fn version(&self) -> i64;

    /// Reads nodes by id, all in one statement. A node that is not there is left out.
    fn read(db: &Connection, ids: &[Uuid]) -> impl Future<Output = Result<HashMap<Uuid, Arc<Self>>>> + Send;
}

/// A node that can be read together with that of another kind with the same id.
pub trait Paired<M: Cached>: Cached {
    /// Reads the nodes of both kinds by id, all in one statement. A node that is not there is left out.
    fn read_both(db: &Connection, ids: &[Uuid]) -> impl Future<Output = Result<Both<Self, M>>> + Send;
}

/// Nodes of two kinds by the ids that they share.
pub type Both<N, M> = (HashMap<Uuid, Arc<N>>, HashMap<Uuid, Arc<M>>);

/// What is kept of a list: who is in it, and whether there are more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ids {
    pub ids: Vec<Uuid>,
    pub has_previous: bool,
    pub has_next: bool,
}

/// Why bytes are not a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    OtherSchema,
    Corrupt,
}

/// The bytes of a node; `None` when they would be too many.
pub fn encode<N: Cached>(node: &N) -> Option<Vec<u8>> {
    write(N::SCHEMA, node.version(), node)
}

/// The node of this id in the bytes.
pub fn decode<N: Cached>(id: Uuid, bytes: &[u8]) -> Result<Arc<N>, Unreadable> {
    let (version, node) = read::<N>(N::SCHEMA, bytes)?;
    if node.version() == version && node.id() == id { Ok(Arc::new(node)) } else { Err(Unreadable::Corrupt) }
}

/// The bytes of a list as it was at a mark.
pub fn encode_list(schema: u8, mark: i64, list: &Ids) -> Option<Vec<u8>> {
    write(schema, mark, list)
}

/// The mark and the list in the bytes.
pub fn decode_list(schema: u8, bytes: &[u8]) -> Result<(i64, Ids), Unreadable> {
    read(schema, bytes)
}

fn write<T: Serialize>(schema: u8, number: i64, value: &T) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1024);
    bytes.push(schema);
    bytes.extend(number.to_be_bytes());
    let bytes = postcard::to_extend(value, bytes).ok()?;
    (bytes.len() <= LONGEST).then_some(bytes)
}

fn read<T: DeserializeOwned>(schema: u8, bytes: &[u8]) -> Result<(i64, T), Unreadable> {
    let (head, body) = bytes.split_first_chunk::<HEAD>().ok_or(Unreadable::Corrupt)?;
    let [found, number @ ..] = *head;
    if found != schema {
        return Err(Unreadable::OtherSchema);
    }
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok((i64::from_be_bytes(number), value)),
        _ => Err(Unreadable::Corrupt),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A node of nothing but its version and a text.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Note {
        pub id: Uuid,
        pub version: i64,
        pub text: String,
    }

    impl Note {
        pub fn new(version: i64) -> Arc<Self> {
            Arc::new(Self { id: Uuid::nil(), version, text: String::new() })
        }
    }

    impl Cached for Note {
        const KIND: NodeKind = NodeKind::Product;
        const SCHEMA: u8 = 7;
        const NAME: &'static str = "Note";

        fn id(&self) -> Uuid {
            self.id
        }

        fn version(&self) -> i64 {
            self.version
        }

        async fn read(_: &Connection, _: &[Uuid]) -> Result<HashMap<Uuid, Arc<Self>>> {
            Ok(HashMap::new())
        }
    }

    fn note() -> impl Strategy<Value = Note> {
        (any::<u128>(), any::<i64>(), any::<String>()).prop_map(|(id, version, text)| Note {
            id: Uuid::from_u128(id),
            version,
            text,
        })
    }

    proptest! {
        #[test]
        fn a_node_comes_back_as_it_was_and_shows_its_version_to_the_scripts(note in note()) {
            let bytes = encode(&note).unwrap();

            prop_assert_eq!(bytes[0], Note::SCHEMA);
            prop_assert_eq!(&bytes[1..HEAD], note.version.to_be_bytes());
            prop_assert_eq!(&*decode::<Note>(note.id, &bytes).unwrap(), &note);
        }

        #[test]
        fn a_list_comes_back_as_it_was(mark: i64, ids: Vec<u128>, has_previous: bool, has_next: bool) {
            let list = Ids { ids: ids.into_iter().map(Uuid::from_u128).collect(), has_previous, has_next };

            let bytes = encode_list(3, mark, &list).unwrap();

            prop_assert_eq!(decode_list(3, &bytes), Ok((mark, list)));
        }

        #[test]
        fn any_bytes_are_a_value_or_a_miss(bytes: Vec<u8>, schema: u8) {
            let _ = decode::<Note>(Uuid::nil(), &bytes);
            let _ = decode_list(schema, &bytes);
        }

        #[test]
        fn what_was_cut_or_added_to_is_corrupt(note in note(), cut in 1_usize..40, added in prop::collection::vec(any::<u8>(), 1..9)) {
            let bytes = encode(&note).unwrap();

            prop_assert_eq!(decode::<Note>(note.id, &bytes[..bytes.len().saturating_sub(cut)]), Err(Unreadable::Corrupt));
            prop_assert_eq!(decode::<Note>(note.id, &[bytes, added].concat()), Err(Unreadable::Corrupt));
        }

        #[test]
        fn the_node_of_another_id_is_corrupt(note in note(), other: u128) {
            prop_assume!(note.id != Uuid::from_u128(other));

            prop_assert_eq!(decode::<Note>(Uuid::from_u128(other), &encode(&note).unwrap()), Err(Unreadable::Corrupt));
        }

        #[test]
        fn another_schema_is_told_from_corruption(note in note(), schema: u8) {
            prop_assume!(schema != Note::SCHEMA);
            let mut bytes = encode(&note).unwrap();
            bytes[0] = schema;

            prop_assert_eq!(decode::<Note>(note.id, &bytes), Err(Unreadable::OtherSchema));
        }
    }

    #[test]
    fn a_head_that_claims_another_version_than_the_node_is_corrupt() {
        let mut bytes = encode(&*Note::new(5)).unwrap();
        bytes[HEAD - 1] = 6;

        assert_eq!(decode::<Note>(Uuid::nil(), &bytes), Err(Unreadable::Corrupt));
    }

    #[test]
    fn a_value_over_the_bound_has_no_bytes() {
        let node = |length| Note { id: Uuid::nil(), version: 1, text: "x".repeat(length) };
        let rest = encode(&node(40_000)).unwrap().len() - 40_000;

        assert_eq!(encode(&node(LONGEST - rest)).unwrap().len(), LONGEST);
        assert_eq!(encode(&node(LONGEST - rest + 1)), None);
    }
}
