//! Probes and metrics. Liveness depends on nothing but the process; readiness on the database.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::telemetry;

pub async fn healthz() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

pub async fn readyz(State(app): State<Arc<App>>) -> Response {
    if app.db.is_reachable().await {
        Json(json!({ "status": "ok", "database": "ok" })).into_response()
    } else {
        let body = Json(json!({ "status": "unavailable", "database": "unreachable" }));
        (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
    }
}

pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    metrics::gauge!("storefront_plans").set(app.engine.kept_plans() as f64);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], telemetry::metrics().render())
        .into_response()
}
