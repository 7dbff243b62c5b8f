//! Storefront: a headless commerce GraphQL API.
//!
//! The folders are the design. `db` decides where a read or a write goes, `auth` who is calling, `limit` how
//! much of the window is left to whom, `redis` speaks to Redis for `cache` and `limit`, `mail` sends messages, `execution` turns a text into an
//! answer, `http` carries it, `graphql` holds what all types share, `seed` and `csv` fill the shop; every other folder is a noun of the shop. ARCHITECTURE.md walks
//! a query and a mutation through them.

// Futures within futures, from the socket to the statement: their layout is deeper than the compiler's usual limit.
#![recursion_limit = "256"]

pub mod account;
pub mod app;
pub mod auth;
pub mod cache;
pub mod category;
pub mod command;
pub mod config;
pub mod csv;
pub mod db;
pub mod documents;
pub mod error;
pub mod execution;
pub mod graphql;
pub mod http;
pub mod limit;
pub mod mail;
pub mod order;
pub mod product;
pub mod redis;
pub mod refusal;
pub mod seed;
pub mod sku;
pub mod stock;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod user;
