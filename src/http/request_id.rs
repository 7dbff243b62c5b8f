//! The id of a request: the client's, where it sent a sound one, else ours. It is in the answer's header, beside every error,
//! and in every line that is logged.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::{Builder, Uuid};

pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 64;

/// Letters, digits and hyphens.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// The id of the request with these headers. Of several that were sent none is meant.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(REQUEST_ID_HEADER).iter();
        let (first, more) = (lines.next(), lines.next());
        let sent = first.filter(|_| more.is_none()).and_then(|value| value.to_str().ok());
        let is_sound = |id: &&str| {
            (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        Self(sent.filter(is_sound).map_or_else(new, Arc::from))
    }

    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("a request id is letters, digits and hyphens")
    }
}

/// An id that sorts by time (version 7), of this thread's random numbers: the system's cost a call into the kernel each.
fn new() -> Arc<str> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let id = Builder::from_unix_timestamp_millis(since_1970.as_millis() as u64, &rand::random()).into_uuid();
    Arc::from(&*id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
}
