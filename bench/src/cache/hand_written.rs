//! What the server is compared with: a handler that does one GET and sends the bytes.

use std::io::Write;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// What the keys begin with.
pub const PREFIX: &str = "floor:";

/// Serves until it is told to stop; says its address in the same words as the server does.
pub async fn serve(redis_url: &str) -> anyhow::Result<()> {
    let redis = redis::Client::open(redis_url)?.get_connection_manager().await?;
    let router = Router::new().route("/products/{id}", get(product)).with_state(redis);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "A handler by hand on http://{}", listener.local_addr()?)?;
    let mut stop = signal(SignalKind::terminate())?;
    let stopped = async move { stop.recv().await.unwrap_or_default() };
    Ok(axum::serve(listener, router).with_graceful_shutdown(stopped).await?)
}

async fn product(State(mut redis): State<ConnectionManager>, Path(id): Path<String>) -> Response {
    match redis.get::<_, Option<Vec<u8>>>(format!("{PREFIX}{id}")).await {
        Ok(Some(bytes)) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
