//! Reads on replicas, and nobody behind their own write.

mod acme;
mod client;
mod commit;
mod embedded;
mod explain;
mod failover;
mod instances;
mod metrics;
mod old_primary;
mod outage;
mod overload;
mod resting;
mod retry;
mod routing;
mod settings;
mod split_brain;
mod staleness;
mod standby;
mod statistics;
mod token;
