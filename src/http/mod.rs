//! The HTTP surface: routes, and what happens around every request.
//!
//! | route | answers |
//! | --- | --- |
//! | `/graphql` | GraphQL over HTTP, POST and GET |
//! | `/` | GraphiQL, in development |
//! | `/healthz` | whether the process lives |
//! | `/readyz` | whether it can serve: the database answers |
//! | `/metrics` | Prometheus |

pub mod admission;
mod answer;
mod consistency;
mod cors;
mod count;
pub mod csrf;
mod explain;
mod graphql;
mod health;
mod panic;
mod playground;
mod request_id;
mod serve;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;

pub use playground::EXAMPLES;
pub use serve::{bind, serve};

use crate::app::App;
use crate::config::Environment;
use crate::error::code;
use answer::{Failure, MediaType};
use request_id::{REQUEST_ID_HEADER, RequestId};

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
        .layer(ServiceBuilder::new().layer(from_fn(around)).layer(CompressionLayer::new()))
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

/// What happens around every request: it gets its id, it is answered even when it panics, nobody on the way may keep the answer unless
/// that says otherwise, and it is counted. One layer: each costs several allocations.
async fn around(mut request: Request, next: Next) -> Response {
    let id = RequestId::from_headers(request.headers());
    let counted = count::Request::of(&request);
    let span = tracing::info_span!("request", id = %id.0);
    let own_id = HeaderValue::from_str(&id.0).expect("a request id is letters, digits and hyphens");
    request.extensions_mut().insert(id.clone());
    let response = panic::caught(next.run(request)).instrument(span).await;
    let mut response = response.unwrap_or_else(|failure| failure.answer(MediaType::Json, &id));
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID_HEADER, own_id);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    counted.answered(response.status());
    response
}
