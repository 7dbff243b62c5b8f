//! gzip, for answers that are worth it and clients that take it.

use std::convert::Infallible;
use std::future::ready;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, Request, header};
use axum::response::Response;
use tower::{Layer, Service, service_fn};
use tower_http::compression::CompressionLayer;

/// Answers up to so many bytes are sent as they are: they fit a packet or two, and a compressor is dearer than that.
const NOT_COMPRESSED: u64 = 1024;

/// What a request says of codings, for the compressor to read.
pub struct Accepted(HeaderMap);

impl Accepted {
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
        Self(lines.map(|line| (header::ACCEPT_ENCODING, line.clone())).collect())
    }
}

/// The answer, compressed if it is long and the client takes that.
pub async fn compress(response: Response, accepted: Accepted) -> Response {
    if response.body().size_hint().exact().is_some_and(|size| size <= NOT_COMPRESSED) {
        return response;
    }
    let mut request = Request::new(());
    *request.headers_mut() = accepted.0;
    let mut response = Some(response);
    let give = service_fn(|_| ready(Ok::<_, Infallible>(response.take().expect("it is asked for once"))));
    let Ok(response) = CompressionLayer::new().layer(give).call(request).await;
    response.map(Body::new)
}
