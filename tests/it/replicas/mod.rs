//! Reads on replicas, and nobody behind their own write.

mod acme;
mod embedded;
mod explain;
mod metrics;
mod routing;
mod settings;
mod staleness;
mod token;
