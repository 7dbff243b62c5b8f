//! Answers on the wire: media types, status codes, and what an error may tell.

use async_graphql::{PathSegment, Response as GraphQlResponse, ServerError, Value as ConstValue};
use async_graphql_axum::GraphQLResponse;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::request_id::RequestId;
use crate::config::LimitConfig;
use crate::error::{Error, OUTCOME_UNKNOWN, code};
use crate::execution::{RequestErrorKind, RequestErrors};
use crate::text::cut;

/// The longest text of an error of ours, in bytes.
const LONGEST_MESSAGE: usize = 300;
/// What a client that is told to try again should wait, in seconds.
const RETRY_AFTER_SECS: u64 = 1;
/// What a client that proves itself in vain is asked for (RFC 9110, section 11.6.1 wants a challenge beside every 401).
const CHALLENGE: HeaderValue = HeaderValue::from_static("Key realm=\"storefront\"");

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

    /// The type that the client likes best; `None` when it takes neither (RFC 9110, section 12.5.1). Of two that it likes alike, the one that
    /// it names more exactly, then earlier; `*/*` alone is plain JSON, for those who know nothing of the other.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if accepts.peek().is_none() {
            return Some(Self::Json);
        }
        let ranges: Vec<Range<'_>> = accepts.flat_map(|value| value.split(',')).map(Range::read).collect();
        let [json, graphql] = [Self::JSON, Self::GRAPHQL_RESPONSE].map(|name| Liking::of(name, &ranges));
        match (json, graphql) {
            (Some(json), Some(graphql)) if graphql.is_over(&json) => Some(Self::GraphQlResponse),
            (None, Some(_)) => Some(Self::GraphQlResponse),
            (Some(_), _) => Some(Self::Json),
            (None, None) => None,
        }
    }

    /// The status of a well-formed request that was not executed. Clients that know `application/graphql-response+json` learn it from
    /// there as well; the others take nothing but 200 for an answer in GraphQL.
    pub fn refused(self) -> StatusCode {
        match self {
            Self::GraphQlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }

    pub fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// An entry of `Accept`.
struct Range<'a> {
    name: &'a str,
    weight: f32,
}

impl<'a> Range<'a> {
    fn read(entry: &'a str) -> Self {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Self { name, weight: weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)) }
    }

    /// How exactly it names a media type; `None` when it means others.
    fn exactness(&self, name: &str) -> Option<u8> {
        match self.name {
            "*/*" => Some(0),
            range if range.eq_ignore_ascii_case("application/*") => Some(1),
            range if range.eq_ignore_ascii_case(name) => Some(2),
            _ => None,
        }
    }
}

/// What a client says of one media type.
struct Liking {
    weight: f32,
    exactness: u8,
    place: usize,
}

impl Liking {
    /// By the range that names it most exactly; `None` when the client does not take it.
    fn of(name: &str, ranges: &[Range<'_>]) -> Option<Self> {
        let named = ranges
            .iter()
            .enumerate()
            .filter_map(|(place, range)| Some(Self { weight: range.weight, exactness: range.exactness(name)?, place }));
        let most_exact = named.min_by_key(|liking| (std::cmp::Reverse(liking.exactness), liking.place));
        most_exact.filter(|liking| liking.weight > 0.0)
    }

    fn is_over(&self, other: &Self) -> bool {
        let rank = |liking: &Self| (liking.exactness, std::cmp::Reverse(liking.place));
        self.weight > other.weight || self.weight == other.weight && rank(self) > rank(other)
    }
}

/// A header that names what would have been taken.
type Hint = (HeaderName, &'static str);

/// The answer to one operation, before it is put on the wire.
pub struct Reply {
    pub status: StatusCode,
    content: Content,
    /// When to try again, in seconds.
    retry_after_secs: Option<u64>,
    hint: Option<Hint>,
}

enum Content {
    /// Of an operation that has just run.
    Live(Box<GraphQlResponse>),
    /// The JSON of `data`, which may have been kept, and `extensions`.
    Data(Bytes, Map<String, Value>),
    /// `errors` and `extensions`: nothing ran, or nothing came of it.
    Errors(Vec<Value>, Map<String, Value>),
}

impl Reply {
    /// An answer without errors whose `data` is at hand as JSON.
    pub fn of_data(data: Bytes) -> Self {
        Self::new(StatusCode::OK, Content::Data(data, Map::new()))
    }

    fn new(status: StatusCode, content: Content) -> Self {
        Self { status, content, retry_after_secs: None, hint: None }
    }

    /// The answer of an operation that ran without errors, and its `data` as JSON.
    pub fn without_errors(&mut self) -> Option<Bytes> {
        let Content::Live(live) = &self.content else { return None };
        if !live.errors.is_empty() {
            return None;
        }
        let data = Bytes::from(serde_json::to_vec(&live.data).expect("an answer's data is plain JSON"));
        self.content = Content::Data(data.clone(), Map::new());
        Some(data)
    }

    /// Adds to the `extensions` of the answer.
    pub fn extend(&mut self, name: &str, value: Value) {
        match &mut self.content {
            Content::Live(live) => {
                let value = ConstValue::from_json(value).expect("an extension is plain JSON");
                live.extensions.insert(name.to_owned(), value);
            }
            Content::Data(_, extensions) | Content::Errors(_, extensions) => {
                extensions.insert(name.to_owned(), value);
            }
        }
    }

    /// The answer as JSON. One without errors and extensions is the same whenever its data is.
    pub fn body(&self) -> Vec<u8> {
        match &self.content {
            Content::Live(live) => serde_json::to_vec(live).expect("an answer is plain JSON"),
            Content::Data(data, extensions) => {
                let mut body = Vec::with_capacity(data.len() + 160);
                body.extend_from_slice(b"{\"data\":");
                body.extend_from_slice(data);
                if !extensions.is_empty() {
                    body.extend_from_slice(b",\"extensions\":");
                    body.extend_from_slice(json!(extensions).to_string().as_bytes());
                }
                body.push(b'}');
                body
            }
            Content::Errors(errors, extensions) if extensions.is_empty() => {
                json!({ "errors": errors }).to_string().into()
            }
            Content::Errors(errors, extensions) => {
                json!({ "errors": errors, "extensions": extensions }).to_string().into()
            }
        }
    }

    pub fn answer(mut self, media_type: MediaType) -> Response {
        let (status, retry_after_secs, hint) = (self.status, self.retry_after_secs, self.hint.take());
        let mut response = match self.content {
            Content::Live(live) => GraphQLResponse::from(*live).into_response(),
            _ => self.body().into_response(),
        };
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, media_type.value());
        if let Some(secs) = retry_after_secs {
            headers.insert(header::RETRY_AFTER, secs.into());
        }
        if let Some((name, value)) = hint {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}

/// Why a request was not executed, or why nobody knows what it did.
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Option<Hint>,
    retry_after_secs: Option<u64>,
    outcome_unknown: bool,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let retry_after_secs = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_SECS);
        Self { status, code, message: message.into(), hint: None, retry_after_secs, outcome_unknown: false }
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code::BAD_USER_INPUT, message)
    }

    /// Names in a header what would have been taken.
    pub fn hint(mut self, name: HeaderName, value: &'static str) -> Self {
        self.hint = Some((name, value));
        self
    }

    /// Says when it is worth trying again.
    pub fn retry_after(mut self, secs: u64) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    /// Says that a write may have happened all the same, so that nobody tries again unseeing.
    pub fn outcome_unknown(mut self) -> Self {
        self.outcome_unknown = true;
        self.retry_after_secs = None;
        self
    }

    pub fn reply(self, id: &RequestId) -> Reply {
        let mut extensions = json!({ "code": self.code, "requestId": id.0 });
        if self.outcome_unknown {
            extensions["outcome"] = json!(OUTCOME_UNKNOWN);
        }
        let errors = vec![json!({ "message": cut(self.message, LONGEST_MESSAGE), "extensions": extensions })];
        let content = Content::Errors(errors, Map::new());
        Reply { retry_after_secs: self.retry_after_secs, hint: self.hint, ..Reply::new(self.status, content) }
    }

    pub fn answer(self, media_type: MediaType, id: &RequestId) -> Response {
        self.reply(id).answer(media_type)
    }
}

/// The answer to a document or variables that were refused: nothing ran, so there is no `data`.
pub fn refused(errors: &RequestErrors, media_type: MediaType, id: &RequestId) -> Reply {
    let of_operation = errors.iter().any(|error| error.kind == RequestErrorKind::Operation);
    let status = match media_type {
        MediaType::GraphQlResponse if of_operation => StatusCode::UNPROCESSABLE_ENTITY,
        media_type => media_type.refused(),
    };
    let errors = errors.iter().map(|error| {
        let code = match error.kind {
            RequestErrorKind::Cost => code::MAX_COST_EXCEEDED,
            _ => code::BAD_USER_INPUT,
        };
        let mut json = json!({ "message": error.message });
        if !error.locations.is_empty() {
            json["locations"] =
                error.locations.iter().map(|pos| json!({ "line": pos.line, "column": pos.column })).collect();
        }
        json["extensions"] = json!({ "code": code, "requestId": id.0 });
        json
    });
    Reply::new(status, Content::Errors(errors.collect(), Map::new()))
}

/// The answer of an operation that ran. Its errors get their codes, and lose what is not for clients. When nothing was answered
/// and nothing was committed for a passing reason, the client is told to send it again.
pub fn executed(
    mut answer: GraphQlResponse,
    has_committed: bool,
    media_type: MediaType,
    limits: &LimitConfig,
    id: &RequestId,
) -> Reply {
    answer.errors.sort_by_cached_key(|error| (path_key(&error.path), error.locations.clone(), error.message.clone()));
    log(&answer.errors);
    let is_unavailable = !has_committed && answer.errors.iter().all(is_passing) && nothing_was_answered(&answer);
    answer.errors.truncate(limits.max_errors as usize);
    for error in &mut answer.errors {
        finish(error, limits.max_error_bytes as usize, id);
    }
    if is_unavailable {
        // What has data is an answer ("Status Codes"): this is none.
        let errors = answer.errors.iter().map(|error| json!(error)).collect();
        let content = Content::Errors(errors, Map::new());
        return Reply {
            retry_after_secs: Some(RETRY_AFTER_SECS),
            ..Reply::new(StatusCode::SERVICE_UNAVAILABLE, content)
        };
    }
    let status = match media_type {
        MediaType::GraphQlResponse if !answer.errors.is_empty() => partial(),
        _ => StatusCode::OK,
    };
    Reply::new(status, Content::Live(Box::new(answer)))
}

/// 294, the status of GraphQL over HTTP for data that has errors beside it ("Partial success").
fn partial() -> StatusCode {
    StatusCode::from_u16(294).expect("294 is a status code")
}

/// The answers to several operations that were sent together.
pub fn batch(replies: &[Reply], media_type: MediaType) -> Response {
    let mut body = vec![b'['];
    for (index, reply) in replies.iter().enumerate() {
        body.extend((index > 0).then_some(b','));
        body.extend(reply.body());
    }
    body.push(b']');
    ([(header::CONTENT_TYPE, media_type.value())], body).into_response()
}

/// Whether every root field failed. One that is null and has no error was answered.
fn nothing_was_answered(answer: &GraphQlResponse) -> bool {
    let failed = |name: &str| {
        let at = |error: &ServerError| matches!(error.path.first(), Some(PathSegment::Field(field)) if field == name);
        answer.errors.iter().any(at)
    };
    match &answer.data {
        ConstValue::Null => !answer.errors.is_empty(),
        ConstValue::Object(fields) => {
            !fields.is_empty() && fields.iter().all(|(name, value)| *value == ConstValue::Null && failed(name))
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

fn finish(error: &mut ServerError, longest_message: usize, id: &RequestId) {
    let outcome = error.source::<Error>().and_then(Error::outcome);
    let (code, message) = match error.source::<Error>() {
        Some(ours) => (ours.code(), ours.to_string()),
        // What the library itself refuses while it executes is a value that does not fit.
        None => (code::BAD_USER_INPUT, std::mem::take(&mut error.message)),
    };
    error.message = cut(message, longest_message);
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
