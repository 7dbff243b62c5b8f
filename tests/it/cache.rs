//! The node cache: what comes out of it, and that nothing old does.

mod breaker;
mod failpoints;
mod hits;
mod market;
mod process;
mod redis_faults;
mod stall;
mod sweeper;
