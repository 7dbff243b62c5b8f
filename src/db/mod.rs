//! Where a read or a write goes.
//!
//! | file | holds |
//! | --- | --- |
//! | `routing` | one request's choice of host, and its tokens |
//! | `connection`, `in_flight` | statements on their way: bounds, and attempts elsewhere |
//! | `transaction`, `commit` | writes, the tail of a commit, and what the client must be told of it |
//! | `token` | what a client brings to see its own writes |
//! | `cluster`, `view` | all servers, and the choice among them |
//! | `health`, `knowledge`, `election` | the checks, what they have found out, which server is written to |
//! | `position`, `change` | where a server's log stands; what a transaction changed |
//! | `host`, `pool`, `idle`, `session` | one server, its pools, connections at rest, one connection |
//! | `page`, `ranked` | keyset pages, from an index or by a rank |
//! | `sql`, `row`, `record` | statements in the making; the columns of a row, and rows within one |
//! | `bulk` | many rows in one statement |
//!
//! [`Db`] owns the pools; [`Routing`] is one request's way to them and the only one: resolvers, loaders and writes never see
//! a pool. Reads and writes have pools of their own, so a burst of reads cannot keep a write from its connection.

pub mod bulk;
mod change;
mod cluster;
mod commit;
mod connection;
mod database;
mod election;
mod health;
mod host;
mod idle;
mod in_flight;
mod knowledge;
pub mod moment;
mod page;
mod pool;
mod position;
mod ranked;
mod record;
mod routing;
mod row;
mod session;
mod sql;
mod token;
mod trace;
mod transaction;
mod value;
mod view;
mod violation;

pub use change::{Changed, NodeKind, NodeVersion, Witness};
pub use cluster::Role;
pub use connection::{Connection, Source};
pub use database::Db;
pub use knowledge::Status;
pub use page::{Beyond, List, Parents, Position, SortKey, Window};
pub use position::{END_OF_LOG, Epoch, Lsn, Scope};
pub use ranked::Ranking;
pub use record::{record, records};
pub use routing::Routing;
pub use row::{Columns, records_by_id};
pub use sql::Sql;
pub use token::{Token, TokenCodec};
pub use trace::{Load, Record, Statement, Trace};
pub use transaction::WriteTransaction;
pub use value::{now, set};
pub use violation::{Violation, violation};
