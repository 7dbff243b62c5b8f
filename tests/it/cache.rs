//! The node cache: what comes out of it, and that nothing old does.

mod breaker;
mod categories;
mod cluster;
mod differential;
mod embedded;
mod failpoints;
mod hits;
mod hot;
mod lists;
mod local_tier;
mod market;
mod metrics;
mod process;
mod redis_faults;
mod settings;
mod stall;
mod sweeper;
mod warming;
