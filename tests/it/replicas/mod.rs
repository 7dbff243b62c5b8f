//! Reads on replicas, and nobody behind their own write.

mod commit;
mod routing;
