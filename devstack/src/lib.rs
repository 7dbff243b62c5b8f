//! A real Postgres primary, its streaming replicas and a Redis, from the programs installed on this machine.
//!
//! A [`Stack`] lives in a temporary folder on free ports of 127.0.0.1. It is gone when its owner is: after `stop`, after a
//! drop, after a panic, and after `kill -9` as well, because a supervisor process outside the owner clears up.
//!
//! A stack of one's own ([`Stack::faulty`]) may be broken, and nothing about it is pretended: each [`Node`] can be stopped,
//! killed, frozen, paused, delayed, promoted and re-pointed, its Redis likewise, and a [`Proxy`] breaks the wire between.
//!
//! ```no_run
//! # async fn example() -> devstack::Result<()> {
//! let stack = devstack::Stack::shared().await?;
//! stack.create_template("migrated", async |url| { let _ = url; Ok(()) }).await?;
//! stack.clone_database("migrated", "my_test").await?;
//! let (primary, replicas) = (stack.primary_url("my_test"), stack.replica_urls("my_test"));
//! # let _ = (primary, replicas);
//! # Ok(())
//! # }
//! ```

mod account;
mod cluster;
mod database;
mod deadline;
mod family;
mod fault;
mod node;
mod port;
mod process;
mod programs;
mod proxy;
mod redis_cluster;
mod redis_server;
mod replay;
mod server;
mod stack;
mod standby;
mod supervisor;
mod upstream;

pub use node::Node;
pub use proxy::{Fate, Proxy};
pub use redis_cluster::RedisCluster;
pub use redis_server::RedisServer;
pub use stack::{Stack, StackOptions};

/// Errors are for a developer's eyes: a sentence with what failed and the last lines of the program's log.
pub type Result<T, E = anyhow::Error> = std::result::Result<T, E>;
