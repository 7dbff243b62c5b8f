//! The stack as its users see it: addresses, roles, replication, databases, faults, and that nothing is left behind.

mod console;
mod database;
mod end;
mod fault;
mod proxy;
mod redis_server;
mod replication;
mod standby;
mod support;
mod upstream;
