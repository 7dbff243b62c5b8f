//! The HTTP surface, as a client sees it.

mod batches;
mod caching;
mod documents;
mod failures;
mod negotiation;
mod playground;
mod probes;
mod request_ids;
mod requests;
mod timeouts;
mod window;
