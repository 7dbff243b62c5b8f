//! Claims about the server, tested through HTTP against real databases.
//!
//! `on_both!` makes two tests of a claim: one on SQLite, one on Postgres. Each has a server and a database of its own.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod support;

mod accounts;
mod attacks;
mod batching;
mod cache;
mod catalogue;
mod clients;
mod execution;
mod facets;
mod house;
mod http;
mod import;
mod levels;
mod limit;
mod pages;
mod people;
mod plans;
mod replicas;
mod schema;
mod search;
mod sessions;
mod startup;
mod visibility;
mod writes;
