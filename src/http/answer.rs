//! Answers on the wire: their status, their JSON and their headers.

use async_graphql::{Response as GraphQlResponse, ServerError, Value as ConstValue, to_value};
use async_graphql_axum::GraphQLResponse;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::media_type::MediaType;
use super::request_id::RequestId;
use super::window::Cost;
use crate::error::{Outcome, code};
use crate::text::cut;

/// The longest text of an error of ours, in bytes.
const LONGEST_MESSAGE: usize = 300;
/// What a client that is told to try again should wait, in seconds.
const RETRY_AFTER_SECS: u64 = 1;
/// What a client that proves itself in vain is asked for, if nothing else is said (RFC 9110, section 11.6.1 wants a challenge beside every 401).
const CHALLENGE: HeaderValue = HeaderValue::from_static("Key realm=\"storefront\"");

/// What `extensions` take in most answers, in bytes.
const ROOM_FOR_EXTENSIONS: usize = 192;

/// A header that names what would have been taken.
type Hint = (HeaderName, &'static str);

/// The answer to one operation, before it is put on the wire.
pub struct Reply {
    pub status: StatusCode,
    pub extensions: Extensions,
    content: Content,
    /// When to try again, in seconds.
    retry_after_secs: Option<u64>,
    hint: Option<Hint>,
}

enum Content {
    /// `data` and `errors` of an operation that has just run.
    Live(Box<GraphQlResponse>),
    /// The JSON of `data`, just made or kept.
    Data(Bytes),
    /// `errors`: nothing ran, or nothing came of it.
    Errors(Vec<Value>),
}

/// What an answer says beside its data and its errors.
#[derive(Default, Serialize)]
pub struct Extensions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Value>,
}

/// An answer with data and errors.
#[derive(Serialize)]
struct Both<'a> {
    data: &'a ConstValue,
    #[serde(skip_serializing_if = "Extensions::is_empty")]
    extensions: &'a Extensions,
    errors: &'a [ServerError],
}

/// An answer of errors alone.
#[derive(Serialize)]
struct Failed<'a> {
    errors: &'a [Value],
    #[serde(skip_serializing_if = "Extensions::is_empty")]
    extensions: &'a Extensions,
}

impl Extensions {
    fn is_empty(&self) -> bool {
        self.consistency.is_none() && self.cost.is_none() && self.explain.is_none()
    }
}

impl Reply {
    /// An answer without errors whose `data` is at hand as JSON.
    pub fn of_data(data: Bytes) -> Self {
        Self::new(StatusCode::OK, Content::Data(data))
    }

    /// An answer of which nothing ran, or nothing came.
    pub fn of_errors(status: StatusCode, errors: Vec<Value>) -> Self {
        Self::new(status, Content::Errors(errors))
    }

    /// An answer with data and errors.
    pub fn of_both(status: StatusCode, live: GraphQlResponse) -> Self {
        Self::new(status, Content::Live(Box::new(live)))
    }

    fn new(status: StatusCode, content: Content) -> Self {
        // What is not served now may be in a moment.
        let retry_after_secs = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_SECS);
        Self { status, extensions: Extensions::default(), content, retry_after_secs, hint: None }
    }

    /// Says when it is worth trying again.
    pub fn retry_after(mut self, secs: u64) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }

    /// The `data` of an answer without errors, as JSON.
    pub fn without_errors(&self) -> Option<Bytes> {
        match &self.content {
            Content::Data(data) => Some(data.clone()),
            _ => None,
        }
    }

    /// The answer as JSON. One without errors and extensions is the same whenever its data is.
    pub fn body(&self) -> Vec<u8> {
        let extensions = &self.extensions;
        match &self.content {
            Content::Live(live) => plain_json(&Both { data: &live.data, extensions, errors: &live.errors }),
            Content::Errors(errors) => plain_json(&Failed { errors, extensions }),
            Content::Data(data) => {
                let mut body = Vec::with_capacity(data.len() + ROOM_FOR_EXTENSIONS);
                body.extend_from_slice(b"{\"data\":");
                body.extend_from_slice(data);
                if !extensions.is_empty() {
                    body.extend_from_slice(b",\"extensions\":");
                    serde_json::to_writer(&mut body, extensions).expect("extensions are plain JSON");
                }
                body.push(b'}');
                body
            }
        }
    }

    pub fn answer(mut self, media_type: MediaType) -> Response {
        let (status, retry_after_secs, hint) = (self.status, self.retry_after_secs, self.hint.take());
        let mut response = match self.content {
            Content::Live(live) => GraphQLResponse::from(with_extensions(*live, &self.extensions)).into_response(),
            _ => Response::new(Body::from(self.body())),
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
            headers.entry(header::WWW_AUTHENTICATE).or_insert(CHALLENGE);
        }
        response
    }
}

fn with_extensions(live: GraphQlResponse, extensions: &Extensions) -> GraphQlResponse {
    match to_value(extensions).expect("extensions are plain JSON") {
        ConstValue::Object(fields) => {
            fields.into_iter().fold(live, |live, (name, value)| live.extension(name.as_str(), value))
        }
        _ => live,
    }
}

fn plain_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("an answer is plain JSON")
}

/// Why a request was not executed, or why nobody knows what it did.
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    hint: Option<Hint>,
    retry_after_secs: Option<u64>,
    /// What became of a write.
    outcome: Option<Outcome>,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), hint: None, retry_after_secs: None, outcome: None }
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

    /// Says what became of a write all the same, so that nobody tries again unseeing.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    pub fn reply(self, id: &RequestId) -> Reply {
        let mut extensions = json!({ "code": self.code, "requestId": &*id.0 });
        if let Some(outcome) = self.outcome {
            extensions["outcome"] = json!(outcome.word());
        }
        let error = json!({ "message": cut(self.message, LONGEST_MESSAGE), "extensions": extensions });
        let mut reply = Reply::of_errors(self.status, vec![error]);
        reply.hint = self.hint;
        reply.retry_after_secs = match self.outcome {
            Some(_) => None,
            None => self.retry_after_secs.or(reply.retry_after_secs),
        };
        reply
    }

    pub fn answer(self, media_type: MediaType, id: &RequestId) -> Response {
        self.reply(id).answer(media_type)
    }
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
