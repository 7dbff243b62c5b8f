//! What an operation ran, for the developer who asks why it is slow.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::Viewer;
use crate::config::Environment;
use crate::db::Routing;

/// The header that asks for `extensions.explain`.
pub const EXPLAIN_HEADER: &str = "x-storefront-explain";
const EXPLAIN: HeaderName = HeaderName::from_static(EXPLAIN_HEADER);

/// Whether a request asks to be explained, and may: staff may, and everyone on a development server.
pub fn is_asked_for(app: &App, viewer: Viewer, headers: &HeaderMap) -> bool {
    let may = viewer.is_staff() || app.config.environment() == Environment::Development;
    may && headers.get(EXPLAIN).is_some_and(|value| value == "1")
}

/// The value of `extensions.explain`.
pub fn explanation(routing: &Routing) -> Value {
    let record = routing.trace().record();
    let statements: Vec<_> = record
        .statements
        .iter()
        .map(|statement| {
            json!({
                "label": statement.label,
                "sql": statement.sql,
                "host": statement.host,
                "role": statement.role.word(),
                "waitMilliseconds": milliseconds(statement.waited),
                "milliseconds": milliseconds(statement.took),
            })
        })
        .collect();
    let loads: Vec<_> = record
        .loads
        .iter()
        .map(|load| json!({ "loader": load.loader, "keys": load.keys, "cacheHits": load.keys.saturating_sub(load.read) }))
        .collect();
    let cached: Vec<_> = record
        .cached
        .iter()
        .map(|reads| {
            json!({ "loader": reads.name, "inProcess": reads.local, "stored": reads.stored, "missed": reads.missed })
        })
        .collect();
    json!({
        "pinned": routing.is_pinned(),
        "statementCount": statements.len(),
        "statements": statements,
        "loads": loads,
        "cache": { "calls": record.cache_calls, "reads": cached },
    })
}

/// The part of `extensions.consistency` that only an explained answer has: who answered its last statement, and how old what that server may
/// lack was. `None` when it ran none: all came from the cache.
pub fn served_by(routing: &Routing) -> Option<(String, f64)> {
    let last = routing.trace().record().statements.pop()?;
    Some((last.host, milliseconds(last.staleness)))
}

/// To the hundredth.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 1e2
}
