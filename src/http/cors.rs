//! Which pages of other sites may ask, and which headers they may send and see.
//!
//! An answer to a listed origin names that origin, so all answers vary by it, with and without one in the request: a cache that kept one would
//! else give it to the wrong page. With `*` all answers are the same.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer, Vary};

use super::consistency::TOKEN_HEADER;
use super::explain::EXPLAIN_HEADER;
use super::request_id::REQUEST_ID_HEADER;
use crate::auth::STAFF_HEADER;

/// What pages may send. The key of a shop's own client is among them: in a browser it is public anyway. The names of other makers
/// are those by which their clients ask for a preflight.
const SENT: [HeaderName; 12] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::ACCEPT,
    header::IF_NONE_MATCH,
    TOKEN_HEADER,
    REQUEST_ID_HEADER,
    HeaderName::from_static("x-storefront-client-key"),
    HeaderName::from_static(EXPLAIN_HEADER),
    HeaderName::from_static(STAFF_HEADER),
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("x-apollo-operation-name"),
];

/// What pages may see of an answer.
const SEEN: [HeaderName; 6] = [
    TOKEN_HEADER,
    REQUEST_ID_HEADER,
    header::RETRY_AFTER,
    header::ETAG,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
];

/// How long a browser may go without asking again whether it may ask.
const PREFLIGHT_HOLDS: Duration = Duration::from_secs(600);

/// Listed origins may send cookies as well; `*` is everyone without cookies.
pub fn layer(origins: &[String]) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(SENT)
        .expose_headers(SEEN)
        .max_age(PREFLIGHT_HOLDS);
    if origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(AllowOrigin::any()).vary(Vary::list([]));
    }
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    layer.allow_credentials(true).allow_origin(origins).vary([header::ORIGIN])
}
