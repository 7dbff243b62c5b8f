//! The consistency token: which answers carry it, in which ways it comes back, and what it asks for.

mod carried;
mod cookies;
mod cors;
mod judged;
mod late;
mod waits;
