//! The id of a request: the client's, where it sent a sound one, else ours. It is in the answer's header, beside every error,
//! and in every line that is logged.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 64;

#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    fn from_headers(headers: &HeaderMap) -> Self {
        let sent = headers.get(REQUEST_ID_HEADER).and_then(|value| value.to_str().ok());
        let is_sound = |id: &&str| {
            (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        Self(sent.filter(is_sound).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_else(|| Self::from_headers(&parts.headers)))
    }
}

/// Gives the request its id, and the answer the same.
pub async fn assign(mut request: Request, next: Next) -> Response {
    let id = RequestId::from_headers(request.headers());
    let header = HeaderValue::from_str(&id.0).expect("a request id is letters, digits and hyphens");
    let span = tracing::info_span!("request", id = %id.0);
    request.extensions_mut().insert(id);
    let mut response = next.run(request).instrument(span).await;
    response.headers_mut().insert(REQUEST_ID_HEADER, header);
    response
}
