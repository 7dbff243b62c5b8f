//! The HTTP surface: routes, and what happens around every request.
//!
//! | route | answers |
//! | --- | --- |
//! | `/graphql` | GraphQL over HTTP, POST and GET |
//! | `/`, `/playground/assets/…` | GraphiQL, in development |
//! | `/healthz` | whether the process lives |
//! | `/readyz` | whether it can serve: the database answers |
//! | `/metrics` | Prometheus |

mod admission;
mod answer;
mod batch;
mod caller;
mod compression;
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
mod json;
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

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use tower::{Layer, Service, service_fn};
use tower_http::cors::CorsLayer;

pub use admission::Admission;
pub use json::within as json_within;
pub use playground::{Asset, Bundle, EXAMPLES};
pub use serve::{bind, serve};

use crate::app::App;
use crate::config::Environment;
use crate::error::code;
use crate::telemetry;
use answer::Failure;
use compression::Accepted;
use media_type::MediaType;
use request_id::{REQUEST_ID_HEADER, RequestId};

/// The longest path with parameters, in bytes. hyper's own bound, on all of a head, is between 64 and 128 KiB.
const LONGEST_ADDRESS: usize = 16 * 1024;

/// So many headers an answer gets, as a rule.
const MOST_HEADERS: usize = 10;

/// What a request is for, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    GraphQl,
    Playground,
    Assets,
    Healthz,
    Readyz,
    Metrics,
    Nothing,
}

impl Route {
    /// The methods that it takes. HEAD is one of them wherever GET is: the same, and the answer's body is left out.
    fn methods(self) -> &'static str {
        if self == Self::GraphQl { "GET,HEAD,POST" } else { "GET,HEAD" }
    }
}

/// Answers requests. Plain functions, not a tower of layers: each of those costs several allocations a request.
#[derive(Clone)]
pub struct Routes(Arc<Shared>);

struct Shared {
    app: Arc<App>,
    /// Without an origin in the settings no page of another site may read an answer; of metrics and probes none may in any case.
    cors: Option<CorsLayer>,
    has_playground: bool,
    /// The playground that is served; without it, the page of the CDN.
    bundle: Option<Bundle>,
}

impl Routes {
    pub fn new(app: Arc<App>) -> Self {
        Self::with_playground(app, Bundle::BUILT)
    }

    /// With another playground than the one that was built, or with none.
    pub fn with_playground(app: Arc<App>, bundle: Option<Bundle>) -> Self {
        let cors = (!app.origins.is_empty()).then(|| cors::layer(&app.origins));
        let has_playground = app.config.environment() == Environment::Development;
        Self(Arc::new(Shared { app, cors, has_playground, bundle }))
    }

    /// Answers a request that comes from this address.
    pub async fn answer(&self, request: Request, peer: SocketAddr) -> Response {
        let route = self.route(request.uri().path());
        let (is_head, accepted) = (request.method() == Method::HEAD, Accepted::of(request.headers()));
        let answer = async |request, id: &RequestId| {
            let response = self.routed(route, request, peer, id).await;
            if is_head { without_body(response) } else { compression::compress(response, accepted).await }
        };
        around(route, request, answer).await
    }

    fn route(&self, path: &str) -> Route {
        match path {
            "/graphql" => Route::GraphQl,
            "/" if self.0.has_playground => Route::Playground,
            "/healthz" => Route::Healthz,
            "/readyz" => Route::Readyz,
            "/metrics" => Route::Metrics,
            _ if self.0.has_playground && path.starts_with(playground::ASSETS) => Route::Assets,
            _ => Route::Nothing,
        }
    }

    async fn routed(&self, route: Route, request: Request, peer: SocketAddr, id: &RequestId) -> Response {
        let Some(cors) = self.0.cors.as_ref().filter(|_| route == Route::GraphQl) else {
            return self.handle(route, request, peer, id).await;
        };
        let handle = |request| async move { Ok::<_, Infallible>(self.handle(route, request, peer, id).await) };
        let Ok(response) = cors.layer(service_fn(handle)).call(request).await;
        response
    }

    async fn handle(&self, route: Route, request: Request, peer: SocketAddr, id: &RequestId) -> Response {
        let (app, bundle, method) = (&self.0.app, self.0.bundle.as_ref(), request.method());
        let is_get = method == Method::GET || method == Method::HEAD;
        match route {
            // Boxed once: what is awaited around them would be moved with all their room.
            Route::GraphQl if method == Method::POST => Box::pin(graphql::post(app, request, peer, id)).await,
            Route::GraphQl if is_get => Box::pin(graphql::get(app, request, peer, id)).await,
            Route::Playground if is_get => playground::page(app, bundle, &request, peer),
            Route::Assets if is_get => {
                playground::asset(bundle, &request).unwrap_or_else(|| not_found(request.uri(), id))
            }
            Route::Healthz if is_get => health::healthz(),
            Route::Readyz if is_get => health::readyz(app).await,
            Route::Metrics if is_get => health::metrics(app),
            Route::Nothing => not_found(request.uri(), id),
            _ => method_not_allowed(route, &request, id),
        }
    }
}

fn not_found(uri: &Uri, id: &RequestId) -> Response {
    let text = format!("there is nothing at {}", crate::text::shorten(uri.path()));
    Failure::new(StatusCode::NOT_FOUND, code::NOT_FOUND, text).answer(MediaType::Json, id)
}

fn method_not_allowed(route: Route, request: &Request, id: &RequestId) -> Response {
    let (path, method) = (crate::text::shorten(request.uri().path()), crate::text::shorten(request.method().as_str()));
    let text = format!("{path} does not take {method}");
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, code::BAD_USER_INPUT, text);
    failure.hint(header::ALLOW, route.methods()).answer(MediaType::Json, id)
}

/// The answer to HEAD: it says how long the body would be that GET is answered with.
fn without_body(mut response: Response) -> Response {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
    response.map(|_| Body::empty())
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
/// that says otherwise, browsers are told what not to do with it, and it is counted.
async fn around(route: Route, request: Request, answer: impl AsyncFnOnce(Request, &RequestId) -> Response) -> Response {
    let id = RequestId::from_headers(request.headers());
    let counted = count::Request::of(request.method(), route);
    let response = match check_address(request.uri()).and_then(|()| host::check(&request)) {
        Ok(()) => telemetry::in_request(id.0.clone(), panic::caught(answer(request, &id))).await,
        Err(failure) => Err(failure),
    };
    let mut response = response.unwrap_or_else(|failure| failure.answer(MediaType::Json, &id));
    let headers = response.headers_mut();
    // Once, not as they come.
    headers.reserve(MOST_HEADERS);
    headers.insert(REQUEST_ID_HEADER, id.header());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    security::protect(headers);
    counted.answered(response.status());
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn a_panic_in_any_route_is_answered_with_the_id_of_its_request() {
        telemetry::metrics();

        for route in [Route::GraphQl, Route::Nothing] {
            let request = Request::get("/").header(header::HOST, "localhost").header(REQUEST_ID_HEADER, "the-one");
            let request = request.body(Body::empty()).unwrap();
            let answer = around(route, request, async |_, _| panic!("told to nobody")).await;

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
