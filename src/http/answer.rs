//! Answers on the wire: media types, status codes, and what an error may tell.

use async_graphql::{PathSegment, Response as GraphQlResponse, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::request_id::RequestId;
use crate::error::{Error, OUTCOME_UNKNOWN, code};
use crate::execution::RequestErrors;
use crate::text::cut;

/// The most errors of one answer. The causes of all are in the log.
const MOST_ERRORS: usize = 20;
/// The longest text of one error, in bytes.
const LONGEST_MESSAGE: usize = 300;
/// What a client that is told to try again should wait, in seconds.
const RETRY_AFTER_SECS: HeaderValue = HeaderValue::from_static("1");

/// The media type of an answer (GraphQL over HTTP, "Media Types").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status code tells whether the operation ran.
    GraphQlResponse,
    /// `application/json`: 200 for every answer to a well-formed request.
    Json,
}

impl MediaType {
    const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
    const JSON: &str = "application/json";

    /// The type that the client asks for; `None` when it takes neither.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if accepts.peek().is_none() {
            return Some(Self::Json);
        }
        let ranges = accepts.flat_map(|value| value.split(',')).filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>).unwrap_or(0.0);
            let media_type = match name.as_str() {
                Self::GRAPHQL_RESPONSE => Self::GraphQlResponse,
                Self::JSON | "application/*" | "*/*" => Self::Json,
                _ => return None,
            };
            (weight > 0.0).then_some((media_type, weight))
        });
        // Of equal weights the first one wins.
        ranges
            .fold(None, |best: Option<(Self, f32)>, next| match best {
                Some(best) if best.1 >= next.1 => Some(best),
                _ => Some(next),
            })
            .map(|(media_type, _)| media_type)
    }

    fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQlResponse => Self::GRAPHQL_RESPONSE,
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// An answer to a request of which nothing ran, or nobody knows what ran.
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    allow: Option<&'static str>,
    outcome_unknown: bool,
    extensions: serde_json::Map<String, serde_json::Value>,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            allow: None,
            outcome_unknown: false,
            extensions: Default::default(),
        }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::BAD_USER_INPUT, message)
    }

    /// Names the methods that would have been taken.
    pub fn allow(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Says that a write may have happened all the same, so that nobody tries again unseeing.
    pub fn outcome_unknown(mut self) -> Self {
        self.outcome_unknown = true;
        self
    }

    /// Adds to the `extensions` of the answer.
    pub fn extension(mut self, name: &str, value: serde_json::Value) -> Self {
        self.extensions.insert(name.to_owned(), value);
        self
    }

    pub fn answer(self, media_type: MediaType, id: &RequestId) -> Response {
        let mut extensions = json!({ "code": self.code, "requestId": id.0 });
        if self.outcome_unknown {
            extensions["outcome"] = json!(OUTCOME_UNKNOWN);
        }
        let mut body =
            json!({ "errors": [{ "message": cut(self.message, LONGEST_MESSAGE), "extensions": extensions }] });
        if !self.extensions.is_empty() {
            body["extensions"] = self.extensions.into();
        }
        let mut response =
            (self.status, [(header::CONTENT_TYPE, media_type.value())], body.to_string()).into_response();
        if let Some(methods) = self.allow {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE && !self.outcome_unknown {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECS);
        }
        response
    }
}

/// The answer to a document or variables that were refused: nothing ran, so there is no `data`.
pub fn refused(errors: RequestErrors, media_type: MediaType, id: &RequestId) -> Response {
    let errors: Vec<_> = errors
        .iter()
        .map(|error| {
            let mut json = json!({ "message": error.message });
            if !error.locations.is_empty() {
                json["locations"] =
                    error.locations.iter().map(|pos| json!({ "line": pos.line, "column": pos.column })).collect();
            }
            json["extensions"] = json!({ "code": code::BAD_USER_INPUT, "requestId": id.0 });
            json
        })
        .collect();
    let status = match media_type {
        MediaType::GraphQlResponse => StatusCode::BAD_REQUEST,
        MediaType::Json => StatusCode::OK,
    };
    let body = json!({ "errors": errors }).to_string();
    (status, [(header::CONTENT_TYPE, media_type.value())], body).into_response()
}

/// The answer of an operation that ran. Its errors get their codes, and lose what is not for clients. When nothing was answered
/// and nothing was committed for a passing reason, the client is told to send it again.
pub fn executed(mut answer: GraphQlResponse, has_committed: bool, media_type: MediaType, id: &RequestId) -> Response {
    answer.errors.sort_by_cached_key(|error| (path_key(&error.path), error.locations.clone(), error.message.clone()));
    log(&answer.errors);
    let unavailable = !has_committed && answer.errors.iter().all(is_passing) && nothing_was_answered(&answer);
    answer.errors.truncate(MOST_ERRORS);
    for error in &mut answer.errors {
        finish(error, id);
    }
    let mut response = GraphQLResponse::from(answer).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, media_type.value());
    if unavailable {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECS);
    }
    response
}

/// An answer that was given a moment ago.
pub fn kept(body: Bytes, media_type: MediaType) -> Response {
    ([(header::CONTENT_TYPE, media_type.value())], body).into_response()
}

/// Whether every root field failed. One that is null and has no error was answered.
fn nothing_was_answered(answer: &GraphQlResponse) -> bool {
    let failed = |name: &str| {
        let at = |error: &ServerError| matches!(error.path.first(), Some(PathSegment::Field(field)) if field == name);
        answer.errors.iter().any(at)
    };
    match &answer.data {
        Value::Null => !answer.errors.is_empty(),
        Value::Object(fields) => {
            !fields.is_empty() && fields.iter().all(|(name, value)| *value == Value::Null && failed(name))
        }
        _ => false,
    }
}

/// Whether a later attempt may succeed.
fn is_passing(error: &ServerError) -> bool {
    error.source::<Error>().is_some_and(Error::is_passing)
}

/// Logs each cause once, however many fields it failed.
fn log(errors: &[ServerError]) {
    let mut seen = Vec::new();
    for error in errors {
        let Some(ours) = error.source::<Error>() else { continue };
        let Some(cause) = ours.cause() else { continue };
        if !seen.iter().any(|logged| std::ptr::eq(*logged, cause)) {
            seen.push(cause);
            let path: Vec<String> = error.path.iter().map(segment).collect();
            let (code, path, cause) = (ours.code(), path.join("."), format!("{cause:#}"));
            if ours.is_passing() {
                tracing::warn!(code, path, cause, "a field failed");
            } else {
                tracing::error!(code, path, cause, "a field failed");
            }
        }
    }
}

fn finish(error: &mut ServerError, id: &RequestId) {
    let outcome = error.source::<Error>().and_then(Error::outcome);
    let (code, message) = match error.source::<Error>() {
        Some(ours) => (ours.code(), ours.to_string()),
        // What the library itself refuses while it executes is a value that does not fit.
        None => (code::BAD_USER_INPUT, std::mem::take(&mut error.message)),
    };
    error.message = cut(message, LONGEST_MESSAGE);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code);
    extensions.set("requestId", id.0.as_str());
    if let Some(outcome) = outcome {
        extensions.set("outcome", outcome);
    }
}

/// Errors are found in any order; sorted by their path, the same answer has them in the same order.
fn path_key(path: &[PathSegment]) -> Vec<(usize, String)> {
    path.iter()
        .map(|segment| match segment {
            PathSegment::Index(index) => (*index, String::new()),
            PathSegment::Field(name) => (usize::MAX, name.clone()),
        })
        .collect()
}

fn segment(segment: &PathSegment) -> String {
    match segment {
        PathSegment::Index(index) => index.to_string(),
        PathSegment::Field(name) => name.clone(),
    }
}
