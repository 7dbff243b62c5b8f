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

/// The node in the bytes.
pub fn decode<N: Cached>(bytes: &[u8]) -> Result<Arc<N>, Unreadable> {
    let (version, node) = read::<N>(N::SCHEMA, bytes)?;
    if node.version() == version { Ok(Arc::new(node)) } else { Err(Unreadable::Corrupt) }
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
