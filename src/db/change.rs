//! What a write transaction changed, as the triggers of the change log saw it.

use futures_util::future::BoxFuture;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::sqlite::SqliteRow;
use sea_orm::sqlx::{self, Row};
use uuid::Uuid;

use super::position::{Lsn, Scope};

/// What can be cached, and therefore named by a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NodeKind {
    Product = 1,
    Stock = 2,
    Store = 3,
    Category = 4,
}

impl NodeKind {
    pub const ALL: [Self; 4] = [Self::Product, Self::Stock, Self::Store, Self::Category];

    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }

    /// The word in keys and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Stock => "stock",
            Self::Store => "store",
            Self::Category => "category",
        }
    }

    /// The kind by its name in the change log.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "PRODUCT" => Self::Product,
            "STOCK" => Self::Stock,
            "STORE" => Self::Store,
            "CATEGORY" => Self::Category,
            _ => return None,
        })
    }
}

/// A node, and the version that a write gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeVersion {
    pub kind: NodeKind,
    pub id: Uuid,
    pub version: i64,
}

/// Nodes that were changed, or all when they are too many to name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    Nodes(Vec<NodeVersion>),
    All,
}

impl Default for Changed {
    fn default() -> Self {
        Self::Nodes(Vec::new())
    }
}

impl Changed {
    /// The most nodes that are named.
    pub const MOST: usize = 16;

    /// The nodes of both, each at its higher version.
    pub fn merge(&mut self, other: &Self) {
        let (Self::Nodes(nodes), Self::Nodes(others)) = (&mut *self, other) else {
            *self = Self::All;
            return;
        };
        for other in others {
            match nodes.iter_mut().find(|node| (node.kind, node.id) == (other.kind, other.id)) {
                Some(node) => node.version = node.version.max(other.version),
                None => nodes.push(*other),
            }
        }
        if nodes.len() > Self::MOST {
            *self = Self::All;
        }
    }

    /// Reads the rows of [`changed_since`].
    pub fn read<R>(rows: &[R]) -> Result<Self, sqlx::Error>
    where
        R: ReadChange,
    {
        let mut changed = Self::default();
        for row in rows {
            let (name, id, version) = row.read()?;
            let Some(kind) = NodeKind::from_name(&name) else { return Ok(Self::All) };
            changed.merge(&Self::Nodes(vec![NodeVersion { kind, id, version }]));
        }
        Ok(changed)
    }
}

/// A row of [`changed_since`] of either database.
pub trait ReadChange {
    fn read(&self) -> Result<(String, Uuid, i64), sqlx::Error>;
}

macro_rules! read_change {
    ($row:ty) => {
        impl ReadChange for $row {
            fn read(&self) -> Result<(String, Uuid, i64), sqlx::Error> {
                Ok((self.try_get("kind")?, self.try_get("node_id")?, self.try_get("version")?))
            }
        }
    };
}

read_change!(PgRow);
read_change!(SqliteRow);

/// The end of the change log, as a transaction finds it that begins.
pub const LAST_CHANGE: &str = "SELECT coalesce(max(seq), 0) AS seq FROM change_log";

/// What was changed since. Rows of others that committed in between are among them: naming more than one's own does no harm.
pub fn changed_since(seq: i64) -> String {
    let most = Changed::MOST + 1;
    format!(
        "SELECT kind, node_id, max(version) AS version FROM change_log WHERE seq > {seq} GROUP BY kind, node_id LIMIT {most}"
    )
}

/// Who hears of a commit, or of one that may have been made, before it is answered.
pub trait Witness: Send + Sync {
    /// `position` is where the log ended after it, where that is known. Waits no longer than a client should for the answer to its write.
    fn committed<'a>(&'a self, scope: Scope, changed: &'a Changed, position: Option<Lsn>) -> BoxFuture<'a, ()>;
}
