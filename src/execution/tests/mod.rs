//! The engine on a toy schema. Requests are sent twice, so that each is answered cold and warm.
#![allow(clippy::unwrap_used)]

mod answers;
mod shop;
