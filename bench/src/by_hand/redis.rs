//! One GET, whose bytes are the answer.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use redis::AsyncCommands;
use redis::aio::ConnectionManager;

use super::json;

/// What the keys begin with.
pub const PREFIX: &str = "floor:";

pub async fn router(redis_url: &str) -> anyhow::Result<Router> {
    let redis = redis::Client::open(redis_url)?.get_connection_manager().await?;
    Ok(Router::new().route("/products/{id}", get(product)).with_state(redis))
}

async fn product(State(mut redis): State<ConnectionManager>, Path(id): Path<String>) -> Response {
    match redis.get::<_, Option<Vec<u8>>>(format!("{PREFIX}{id}")).await {
        Ok(Some(bytes)) => json(bytes),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
