//! The HTTP surface, as a client sees it.

mod batches;
mod caching;
mod callers;
mod connections;
mod cors;
mod documents;
mod failures;
mod negotiation;
mod playground;
mod probes;
mod request_ids;
mod requests;
mod security;
mod timeouts;
mod window;
mod wire;
