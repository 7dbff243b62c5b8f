//! The HTTP surface: routes, and what happens around every request.
//!
//! | route | answers |
//! | --- | --- |
//! | `/graphql` | GraphQL over HTTP, POST and GET |
//! | `/` | GraphiQL, in development |
//! | `/healthz` | whether the process lives |
//! | `/readyz` | whether it can serve: the database answers |
//! | `/metrics` | Prometheus |

mod admission;
mod answer;
mod batch;
mod caller;
mod connection;
mod consistency;
mod cors;
mod count;
mod csrf;
mod document;
mod explain;
mod graphql;
mod health;
mod host;
mod media_type;
mod object;
mod operation;
mod outcome;
mod panic;
mod parameters;
mod playground;
mod public;
mod request_id;
mod security;
mod serve;
mod window;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tracing::Instrument;

pub use admission::Admission;
pub use playground::EXAMPLES;
pub use serve::{bind, serve};

use crate::app::App;
use crate::config::Environment;
use crate::error::code;
use answer::Failure;
use media_type::MediaType;
use request_id::{REQUEST_ID_HEADER, RequestId};

/// Answers up to so many bytes are sent as they are: they fit a packet or two, and a compressor is dearer than that.
const NOT_COMPRESSED: u16 = 1024;
/// The longest path with parameters, in bytes. hyper's own bound, on all of a head, is between 64 and 128 KiB.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// So many headers an answer gets, as a rule.
const MOST_HEADERS: usize = 10;

/// The routes with their layers, outermost last.
pub fn router(app: Arc<App>) -> Router {
    let mut graphql = get(graphql::get).post(graphql::post).fallback(method_not_allowed);
    // Without an origin in the settings no page of another site may read an answer; of metrics and probes none may in any case.
    if !app.origins.is_empty() {
        graphql = graphql.layer(cors::layer(&app.origins));
    }
    let mut routes = Router::new()
        .route("/graphql", graphql)
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics));
    if app.config.environment() == Environment::Development {
        routes = routes.route("/", get(playground::page));
    }
    let compression =
        CompressionLayer::new().compress_when(DefaultPredicate::new().and(SizeAbove::new(NOT_COMPRESSED)));
    routes
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .with_state(app)
        .layer(ServiceBuilder::new().layer(from_fn(around)).layer(compression))
}

async fn not_found(id: RequestId, uri: Uri) -> Response {
    let text = format!("there is nothing at {}", crate::text::shorten(uri.path()));
    Failure::new(StatusCode::NOT_FOUND, code::NOT_FOUND, text).answer(MediaType::Json, &id)
}

/// The methods that a route takes are added by it. HEAD is one of them wherever GET is: the same, and the answer's body is left out.
async fn method_not_allowed(id: RequestId, uri: Uri, method: Method) -> Response {
    let (path, method) = (crate::text::shorten(uri.path()), crate::text::shorten(method.as_str()));
    let text = format!("{path} does not take {method}");
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, code::BAD_USER_INPUT, text).answer(MediaType::Json, &id)
}

fn check_address(uri: &Uri) -> Result<(), Failure> {
    let length = uri.path_and_query().map_or(0, |address| address.as_str().len());
    if length > LONGEST_ADDRESS {
        let text = format!("the address has {length} bytes, over the maximum of {LONGEST_ADDRESS}");
        return Err(Failure::new(StatusCode::URI_TOO_LONG, code::BAD_USER_INPUT, text));
    }
    Ok(())
}

/// What happens around every request: it gets its id, it is answered even when it panics, nobody on the way may keep the answer unless
/// that says otherwise, browsers are told what not to do with it, and it is counted. One layer: each costs several allocations.
async fn around(mut request: Request, next: Next) -> Response {
    let id = RequestId::from_headers(request.headers());
    let counted = count::Request::of(&request);
    let span = tracing::info_span!("request", id = %id.0);
    let own_id = HeaderValue::from_str(&id.0).expect("a request id is letters, digits and hyphens");
    request.extensions_mut().insert(id.clone());
    let response = match check_address(request.uri()).and_then(|()| host::check(&request)) {
        Ok(()) => panic::caught(next.run(request)).instrument(span).await,
        Err(failure) => Err(failure),
    };
    let mut response = response.unwrap_or_else(|failure| failure.answer(MediaType::Json, &id));
    let headers = response.headers_mut();
    // Once, not as they come.
    headers.reserve(MOST_HEADERS);
    headers.insert(REQUEST_ID_HEADER, own_id);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    security::protect(headers);
    counted.answered(response.status());
    response
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use tower::Service;

    use super::*;
    use crate::telemetry;

    #[tokio::test]
    async fn a_panic_in_any_route_is_answered_with_the_id_of_its_request() {
        async fn panics() -> Response {
            panic!("told to nobody")
        }
        telemetry::metrics();
        let mut routes = Router::new().route("/", get(panics)).fallback(panics).layer(from_fn(around));

        for path in ["/", "/elsewhere"] {
            let request = Request::get(path).header(header::HOST, "localhost").header(REQUEST_ID_HEADER, "the-one");
            let request = request.body(Body::empty()).unwrap();
            let answer = routes.call(request).await.unwrap();

            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(answer.headers()[REQUEST_ID_HEADER], "the-one");
            assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            let body: serde_json::Value =
                serde_json::from_slice(&to_bytes(answer.into_body(), 10_000).await.unwrap()).unwrap();
            assert_eq!(body["errors"][0]["message"], "internal error");
            assert_eq!(
                body["errors"][0]["extensions"],
                serde_json::json!({ "code": "INTERNAL", "requestId": "the-one" })
            );
        }
        let count = telemetry::metrics().render();
        let count = count.lines().find_map(|line| line.strip_prefix("storefront_panics_total ")).unwrap();
        assert!(count.parse::<u64>().unwrap() >= 2, "{count}");
    }
}
