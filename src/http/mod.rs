//! The HTTP surface: routes, and what happens around every request.
//!
//! | route | answers |
//! | --- | --- |
//! | `/graphql` | GraphQL over HTTP, POST and GET |
//! | `/` | GraphiQL, in development |
//! | `/healthz` | whether the process lives |
//! | `/readyz` | whether it can serve: the database answers |
//! | `/metrics` | Prometheus |

mod answer;
mod consistency;
mod cors;
mod explain;
mod graphql;
mod health;
mod panic;
mod playground;
mod request_id;
mod serve;

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

pub use playground::EXAMPLES;
pub use serve::{bind, serve};

use crate::app::App;
use crate::config::Environment;
use crate::error::code;
use answer::{Failure, MediaType};
use request_id::RequestId;

/// The routes with their layers, outermost last.
pub fn router(app: Arc<App>) -> Router {
    let mut routes = Router::new()
        .route("/graphql", get(graphql::get).post(graphql::post).fallback(method_not_allowed))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics));
    if app.config.environment() == Environment::Development {
        routes = routes.route("/", get(playground::page));
    }
    // Without an origin in the settings no page of another site may read an answer.
    if !app.config.cors_origins.is_empty() {
        routes = routes.layer(cors::layer(&app.config.cors_origins));
    }
    routes
        .fallback(not_found)
        .with_state(app)
        .layer(CompressionLayer::new())
        .layer(from_fn(keep_private))
        .layer(from_fn(panic::catch))
        .layer(from_fn(count))
        .layer(from_fn(request_id::assign))
}

async fn not_found(id: RequestId, uri: Uri) -> Response {
    let text = format!("there is nothing at {}", crate::text::shorten(uri.path()));
    Failure::new(StatusCode::NOT_FOUND, code::NOT_FOUND, text).answer(MediaType::Json, &id)
}

async fn method_not_allowed(id: RequestId, method: Method) -> Response {
    let text = format!("/graphql takes GET and POST, not {method}");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, code::BAD_USER_INPUT, text);
    failure.allow("GET, POST").answer(MediaType::Json, &id)
}

/// Answers depend on who asks: nothing on the way may keep them, unless the answer itself says otherwise.
async fn keep_private(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    response
}

/// Counts every request under its route, never under a path that a client made up.
async fn count(request: Request, next: Next) -> Response {
    let method = match *request.method() {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        _ => "other",
    };
    let route = request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::counter!("storefront_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
    response
}
