//! Reads on replicas, and nobody behind their own write.

mod commit;
mod outage;
mod overload;
mod retry;
mod routing;
mod standby;
