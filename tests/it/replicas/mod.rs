//! Reads on replicas, and nobody behind their own write.

mod acme;
mod routing;
mod staleness;
mod token;
