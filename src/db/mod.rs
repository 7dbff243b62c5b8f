//! Where a read or a write goes.
//!
//! [`Db`] owns the pools; [`Routing`] is one request's way to them and the only one: resolvers, loaders and writes never see
//! a pool. Reads and writes have pools of their own, so a burst of reads cannot keep a write from its connection.
//! On SQLite the writer is a single connection and the readers are opened read-only.

mod connection;
mod page;
mod pool;
mod routing;
mod sql;
mod value;
mod violation;

pub use connection::{Connection, WriteTransaction};
pub use page::{Beyond, List, Parents, Position, SortKey, Window};
pub use pool::Db;
pub use routing::{Routing, Statement, Trace};
pub use sql::Sql;
pub use value::{now, set};
pub use violation::{Violation, violation};
