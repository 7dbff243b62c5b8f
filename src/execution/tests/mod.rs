//! The engine on a toy schema. Requests are sent twice, so that each is answered cold and warm.

#![allow(clippy::unwrap_used)]

mod absences;
mod answers;
mod coercions;
mod documents;
mod literals;
mod measures;
mod operations;
mod price;
mod random;
mod requests;
mod schema;
mod shop;
