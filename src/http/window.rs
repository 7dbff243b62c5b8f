//! What a client is told of its windows: in headers by the draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10),
//! in `extensions.cost`, and in the refusal when there is too little left.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use super::answer::{Failure, Reply};
use super::media_type::MediaType;
use super::request_id::RequestId;
use crate::error::code;
use crate::limit::{Policy, Receipt, Refusal};

/// What is left of each window, and in how many seconds it is whole again.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// The size of each window, and its length in seconds.
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Tells of the windows that were charged.
pub fn tell(headers: &mut HeaderMap, receipt: &Receipt) {
    let (mut policies, mut states) = (String::new(), String::new());
    for window in receipt.standings() {
        let (name, comma) = (window.policy.word(), if states.is_empty() { "" } else { ", " });
        let _ = write!(policies, "{comma}\"{name}\";q={};w={}", window.limit, window.period.as_secs());
        let _ = write!(states, "{comma}\"{name}\";r={};t={}", window.remaining, window.resets_in.as_secs());
    }
    insert(headers, RATE_LIMIT_POLICY, policies);
    insert(headers, RATE_LIMIT, states);
}

/// The value of `extensions.cost`.
#[derive(Serialize)]
pub struct Cost {
    actual: u64,
    requested: u64,
    window: Option<Left>,
}

/// What is left of a window in points.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Left {
    limit: u64,
    remaining: u64,
    reset_seconds: u64,
}

impl Cost {
    /// Without `actual` nothing is given back.
    pub fn new(requested: u64, actual: Option<u64>, receipt: &Receipt) -> Self {
        let window = receipt.points().map(|window| Left {
            limit: window.limit,
            remaining: window.remaining,
            reset_seconds: window.resets_in.as_secs(),
        });
        Self { actual: actual.unwrap_or(requested), requested, window }
    }
}

/// The answer to a client whose window has too little left.
pub fn throttled(refusal: &Refusal, media_type: MediaType, id: &RequestId) -> (Reply, HeaderMap) {
    let Refusal { policy, limit, remaining, retry_after, period } = refusal;
    let (name, secs) = (policy.word(), period.as_secs());
    let what = match policy {
        Policy::Mutations => "mutations",
        Policy::Logins => "logins",
        Policy::Points | Policy::Buyer => "points",
    };
    let window = format!("the window of {limit} {what} in {secs} s");
    let mut headers = HeaderMap::new();
    insert(&mut headers, RATE_LIMIT_POLICY, format!("\"{name}\";q={limit};w={secs}"));
    let failure = match retry_after.map(|wait| wait.as_secs()) {
        Some(wait) => {
            insert(&mut headers, RATE_LIMIT, format!("\"{name}\";r={remaining};t={wait}"));
            let text = format!("{window} has {remaining} left, and this needs more: try again in {wait} s");
            Failure::new(StatusCode::TOO_MANY_REQUESTS, code::THROTTLED, text).retry_after(wait)
        }
        None => {
            let text = format!("this costs more than {window} ever has: ask for less at a time");
            Failure::new(media_type.refused(), code::MAX_COST_EXCEEDED, text)
        }
    };
    (failure.reply(id), headers)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, text: String) {
    if text.is_empty() {
        return;
    }
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(name, value);
    }
}
