//! The node cache: what comes out of it, and that nothing old does.

mod hits;
