//! What became of an operation, as its client may know it: codes, status, and nothing of the inside.

use async_graphql::{PathSegment, Response as GraphQlResponse, ServerError, Value as ConstValue};
use axum::http::StatusCode;
use serde_json::json;

use super::answer::{Failure, Reply};
use super::json;
use super::media_type::MediaType;
use super::request_id::RequestId;
use crate::config::LimitConfig;
use crate::error::{Error, Outcome, code};
use crate::execution::{RequestErrorKind, RequestErrors};
use crate::text::cut;

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
        json["extensions"] = json!({ "code": code, "requestId": &*id.0 });
        json
    });
    Reply::of_errors(status, errors.collect())
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
    let retry_after_secs = throttled_for(&answer).filter(|_| !has_committed);
    answer.errors.truncate(limits.max_errors as usize);
    for error in &mut answer.errors {
        finish(error, limits.max_error_bytes as usize, id);
    }
    if is_unavailable {
        // What has data is an answer ("Status Codes"): this is none.
        let errors = answer.errors.iter().map(|error| json!(error)).collect();
        return Reply::of_errors(StatusCode::SERVICE_UNAVAILABLE, errors);
    }
    if let Some(secs) = retry_after_secs {
        let errors = answer.errors.iter().map(|error| json!(error)).collect();
        return Reply::of_errors(StatusCode::TOO_MANY_REQUESTS, errors).retry_after(secs);
    }
    let most = limits.max_answer_bytes as usize;
    let Some(data) = json::within(&answer.data, most) else {
        let text = format!("the answer is over the maximum of {most} bytes, ask for less at a time");
        let failure = Failure::new(media_type.refused(), code::BAD_USER_INPUT, text);
        return if has_committed { failure.outcome(Outcome::Committed) } else { failure }.reply(id);
    };
    match media_type {
        _ if answer.errors.is_empty() => Reply::of_data(data.into()),
        MediaType::GraphQlResponse => Reply::of_both(partial(), answer),
        MediaType::Json => Reply::of_both(StatusCode::OK, answer),
    }
}

/// 294, the status of GraphQL over HTTP for data that has errors beside it ("Partial success").
fn partial() -> StatusCode {
    StatusCode::from_u16(294).expect("294 is a status code")
}

/// In how many seconds the same may pass, where every root field came too often.
fn throttled_for(answer: &GraphQlResponse) -> Option<u64> {
    let waits = answer.errors.iter().map(|error| error.source::<Error>().and_then(Error::retry_after_secs));
    waits.collect::<Option<Vec<u64>>>()?.into_iter().max().filter(|_| nothing_was_answered(answer))
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
    extensions.set("requestId", &*id.0);
    if let Some(outcome) = outcome {
        extensions.set("outcome", outcome.word());
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
