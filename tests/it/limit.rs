//! The windows in Redis: the script against the arithmetic, and what several instances spend together.

mod script;
mod shared;
