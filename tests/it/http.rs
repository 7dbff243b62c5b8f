//! The HTTP surface, as a client sees it.

mod connections;
mod cors;
mod failures;
mod negotiation;
mod playground;
mod probes;
mod request_ids;
mod requests;
mod security;
mod timeouts;
mod wire;
