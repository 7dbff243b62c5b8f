//! The node cache: what comes out of it, and that nothing old does.

mod categories;
mod cluster;
mod differential;
mod embedded;
mod hits;
mod hot;
mod lists;
mod local_tier;
mod metrics;
mod settings;
mod warming;
