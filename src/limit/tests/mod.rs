//! Claims about windows: the arithmetic against a plain list of charges, and who is charged for what, in the process.

#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod arithmetic;
mod charges;
mod model;
