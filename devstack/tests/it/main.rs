//! The stack as its users see it: addresses, roles, replication, databases, and that nothing is left behind.

mod database;
mod end;
mod fault;
mod proxy;
mod replication;
mod standby;
mod support;
