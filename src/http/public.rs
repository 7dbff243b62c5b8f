//! Answers that anyone may keep: those of a GET for public data, by nobody in particular.
//!
//! Such an answer is the same bytes for everyone: no extensions, no cookies, nothing of the client's window. It says how long it may be
//! kept, by the hints of the types in it (`@cacheControl` in the schema), has a weak `ETag` of its bytes, and names in `Surrogate-Key`
//! what it shows, so that a content delivery network can be told to forget it. `Vary` keeps it from those who bring a token, a key or a
//! cookie: what they are answered is theirs alone. All other answers are `private, no-store`.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::media_type::MediaType;

/// The longest that anyone on the way keeps an answer, in seconds, whatever the schema's hints say. Whoever has written passes such caches
/// by for so much longer than the consistency token counts: an answer from before the write has ended by then.
pub const LONGEST_AGE_SECS: u32 = 60;

/// What tells apart who may be given a kept answer.
const VARY: HeaderValue = HeaderValue::from_static(
    "accept, accept-encoding, cookie, authorization, x-consistency-token, x-storefront-client-key, x-storefront-staff-key",
);

/// The answer, or 304 when the client has it already.
pub fn answer(body: Bytes, max_age_secs: u32, shown: &str, media_type: MediaType, asked: &HeaderMap) -> Response {
    let tag = tag_of(&body);
    let mut response = if has(asked, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type.value())], body).into_response()
    };
    let headers = response.headers_mut();
    let cache_control = format!("public, max-age={}", max_age_secs.min(LONGEST_AGE_SECS));
    for (name, text) in [("cache-control", &*cache_control), ("etag", &tag), ("surrogate-key", shown)] {
        if let Ok(value) = HeaderValue::from_str(text)
            && !text.is_empty()
        {
            headers.insert(name, value);
        }
    }
    headers.insert(header::VARY, VARY);
    response
}

/// Weak: compression changes the bytes, and not what they say.
fn tag_of(body: &[u8]) -> String {
    let hash = Sha256::digest(body);
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2: by weak comparison).
pub fn has(asked: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).any(|named| named.trim() == "*" || opaque(named) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(tags: &[&str]) -> HeaderMap {
        tags.iter().map(|tag| (header::IF_NONE_MATCH, tag.parse().unwrap())).collect()
    }

    #[test]
    fn a_client_that_names_the_tag_has_the_answer() {
        let tag = tag_of(b"{}");
        let strong = tag.trim_start_matches("W/").to_owned();

        for tags in [&[&*tag][..], &["\"a\"", &tag], &[&format!("\"a\", {tag}")], &[&strong], &["*"]] {
            assert!(has(&asking(tags), &tag), "{tags:?}");
        }
        for tags in [&[][..], &["\"a\""], &[""], &["W/"]] {
            assert!(!has(&asking(tags), &tag), "{tags:?}");
        }
    }
}
