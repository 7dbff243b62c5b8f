//! Probes and metrics. Liveness depends on nothing but the process; readiness on the database.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::db::Routing;
use crate::telemetry;

pub fn healthz() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// Whether a read can be answered now, and what each database server is good for, in the order of the settings; addresses stay inside.
pub async fn readyz(app: &App) -> Response {
    let servers: Vec<_> = app
        .db
        .servers()
        .into_iter()
        .map(|(_, status, staleness)| {
            let staleness_ms = staleness.map(|staleness| staleness.as_millis() as u64);
            json!({ "status": status.word(), "stalenessMs": staleness_ms })
        })
        .collect();
    if Routing::new(app.db.clone()).can_read().await {
        Json(json!({ "status": "ok", "database": "ok", "servers": servers })).into_response()
    } else {
        let body = Json(json!({ "status": "unavailable", "database": "unreachable", "servers": servers }));
        (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
    }
}

pub fn metrics(app: &App) -> Response {
    metrics::gauge!("storefront_plans").set(app.engine.kept_plans() as f64);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], telemetry::metrics().render())
        .into_response()
}
