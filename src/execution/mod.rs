//! From text to answer.
//!
//! ```ignore
//! let engine = Engine::new(Query, |root| Schema::build(root, Mutation, Subscription), Settings::default())?;
//! let prepared = engine.prepare(text, operation_name, variables)?;   // RequestErrors: nothing has run, the client's fault
//! // here: prepared.kind(), prepared.operation_name(), prepared.plan().root_fields(), prepared.price()
//! let response = engine.execute(prepared, |request| request.data(context)).await;
//! ```
//!
//! A document that was not seen before is scanned (`scan`), parsed, measured (`prepass`), validated (`validation` and
//! `strict`) and kept as a [`Plan`]. Every request, known or not, then has its variables coerced (`coercion`), is priced, loses the
//! arguments whose variables have no value (`absent`), and runs on a schema that validates nothing, most queries past that too (`root`).
//! Known and unknown documents are answered with the same bytes, errors included.
//!
//! What it costs is known before it runs (`price`). What is not here: who asks, who pays, and which connection serves it.

mod absent;
mod cache;
mod coercion;
mod engine;
mod error;
mod hints;
mod limits;
mod literal;
mod plan;
mod prepass;
mod price;
mod root;
mod scan;
mod sdl;
mod strict;
#[cfg(test)]
mod tests;
mod types;
mod usage;
mod validation;

pub use coercion::Coerced;
pub use engine::{Engine, Prepared, Settings};
pub use error::{RequestError, RequestErrorKind, RequestErrors};
pub use limits::Limits;
pub use plan::Plan;
pub use prepass::Facts;
pub use price::{Bill, PageRules};
pub use root::Root;
pub use scan::tokens;
pub use types::{ScalarCheck, ScalarChecks, SchemaError, parses_as};
