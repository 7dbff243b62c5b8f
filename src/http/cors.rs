//! Which pages of other sites may ask, and which headers they may send and see.

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::consistency::TOKEN_HEADER;
use super::explain::EXPLAIN_HEADER;
use super::request_id::REQUEST_ID_HEADER;
use crate::auth::STAFF_HEADER;

/// Listed origins may send cookies as well; `*` is everyone without cookies.
pub fn layer(origins: &[String]) -> CorsLayer {
    let headers = [
        header::CONTENT_TYPE,
        header::ACCEPT,
        TOKEN_HEADER,
        REQUEST_ID_HEADER,
        HeaderName::from_static(EXPLAIN_HEADER),
        HeaderName::from_static(STAFF_HEADER),
    ];
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(headers)
        .expose_headers([TOKEN_HEADER, REQUEST_ID_HEADER, header::RETRY_AFTER])
        .max_age(std::time::Duration::from_secs(600));
    if origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(AllowOrigin::any());
    }
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    layer.allow_credentials(true).allow_origin(origins)
}
