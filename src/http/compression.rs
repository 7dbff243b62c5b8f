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

/// Whether what is compressed already may be sent: gzip is named, or anything is, and not with a weight of 0 (RFC 9110, section 12.5.3).
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let codings: Vec<(String, bool)> = lines.flat_map(|line| line.split(',')).map(coding).collect();
    let takes = |name: &str| codings.iter().find(|(coding, _)| coding == name).map(|(_, is_taken)| *is_taken);
    takes("gzip").or_else(|| takes("x-gzip")).or_else(|| takes("*")).unwrap_or(false)
}

/// The name of a coding, and whether its weight is above 0.
fn coding(text: &str) -> (String, bool) {
    let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    let weight = parameters.strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
    (name.trim().to_ascii_lowercase(), weight.is_none_or(|weight| weight > 0.0))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_when_it_is_named_and_not_refused() {
        for (line, is_taken) in [
            ("gzip", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("br, GZIP ; Q=0.001", true),
            ("*", true),
            ("x-gzip", true),
            ("", false),
            ("identity", false),
            ("br, deflate", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
        ] {
            let headers = [(header::ACCEPT_ENCODING, line.parse().unwrap())].into_iter().collect();
            assert_eq!(takes_gzip(&headers), is_taken, "{line}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
