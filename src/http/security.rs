//! What every answer tells browsers: that it is data, no page, for nobody's frame and nobody's `<script>`.
//!
//! `cross-origin-resource-policy` keeps answers from tags of other origins; what a listed origin asks by CORS is not looked at by it
//! (Fetch standard, "cross-origin resource policy check": `no-cors` and navigations of frames alone).
//! `strict-transport-security` is missing on purpose: browsers pass it over on plain HTTP, which is what this server speaks, and
//! only the proxy that ends TLS knows whether all of its host is reached by TLS.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

static HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ),
];

/// Adds what an answer does not say by itself.
pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in &HEADERS {
        headers.entry(name).or_insert_with(|| value.clone());
    }
}
