//! Reads on replicas, and nobody behind their own write.

mod acme;
mod commit;
mod embedded;
mod explain;
mod metrics;
mod outage;
mod overload;
mod retry;
mod routing;
mod settings;
mod staleness;
mod standby;
mod token;
