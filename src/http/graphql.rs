//! `/graphql`: GraphQL over HTTP. Reads the request, looks at the operation before it runs, and sends the answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::answer::{self, Failure, MediaType};
use super::consistency::{Brought, Issued};
use super::request_id::RequestId;
use super::{count, explain, panic};
use crate::app::App;
use crate::auth::Viewer;
use crate::cache::Asked;
use crate::db::Routing;
use crate::error::code;
use crate::execution::Prepared;
use crate::graphql::RequestContext;

/// The parameters of a request (GraphQL over HTTP, "Request Parameters").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The same in an address, where variables are a JSON text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddressParameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
}

pub async fn post(State(app): State<Arc<App>>, id: RequestId, headers: HeaderMap, body: Body) -> Response {
    let begun = Instant::now();
    let Some(media_type) = MediaType::negotiate(&headers) else { return not_acceptable(&id) };
    match read_body(&app, &headers, body).await {
        Ok(parameters) => answer(&app, &id, &headers, media_type, parameters, false, begun).await,
        Err(failure) => failure.answer(media_type, &id),
    }
}

pub async fn get(
    State(app): State<Arc<App>>,
    id: RequestId,
    headers: HeaderMap,
    query: Result<Query<AddressParameters>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Some(media_type) = MediaType::negotiate(&headers) else { return not_acceptable(&id) };
    let parameters = query
        .map_err(|_| Failure::bad_request("the address has parameters that cannot be read"))
        .and_then(|Query(address)| {
            let variables = match address.variables.as_deref().filter(|text| !text.is_empty()) {
                Some(text) => serde_json::from_str(text)
                    .map_err(|error| Failure::bad_request(format!("variables are not a JSON object: {error}")))?,
                None => None,
            };
            Ok(Parameters { query: address.query, operation_name: address.operation_name, variables })
        });
    match parameters {
        Ok(parameters) => answer(&app, &id, &headers, media_type, parameters, true, Instant::now()).await,
        Err(failure) => failure.answer(media_type, &id),
    }
}

async fn read_body(app: &App, headers: &HeaderMap, body: Body) -> Result<Parameters, Failure> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = content_type.split(';').next().unwrap_or_default().trim();
    if !name.eq_ignore_ascii_case("application/json") {
        let text = format!("the content type is {:?}, it must be application/json", crate::text::shorten(name));
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code::BAD_USER_INPUT, text));
    }
    let most = app.config.limits.max_body_bytes as usize;
    let wait = Duration::from_millis(app.config.limits.request_timeout_ms);
    let read = tokio::time::timeout(wait, axum::body::to_bytes(body, most)).await;
    let bytes: Bytes = match read {
        Err(_) => {
            return Err(Failure::new(StatusCode::REQUEST_TIMEOUT, code::TIMEOUT, "the body did not arrive in time"));
        }
        Ok(Err(error)) if is_too_large(&error) => {
            let text = format!("the body is over the maximum of {most} bytes");
            return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, code::BAD_USER_INPUT, text));
        }
        Ok(Err(_)) => return Err(Failure::bad_request("the body did not arrive whole")),
        Ok(Ok(bytes)) => bytes,
    };
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Failure::bad_request("the body is not a JSON object"));
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::bad_request(format!("the body is not a GraphQL request: {error}")))
}

fn is_too_large(error: &axum::Error) -> bool {
    use std::error::Error as _;
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

async fn answer(
    app: &App,
    id: &RequestId,
    headers: &HeaderMap,
    media_type: MediaType,
    parameters: Parameters,
    is_get: bool,
    begun: Instant,
) -> Response {
    let Ok(viewer) = app.staff_key.viewer(headers) else {
        let failure = Failure::new(
            StatusCode::UNAUTHORIZED,
            code::UNAUTHENTICATED,
            "the staff key is not the one of this server",
        );
        return failure.answer(media_type, id);
    };
    let Some(text) = parameters.query.as_deref().filter(|text| !text.is_empty()) else {
        return Failure::bad_request("the request has no query").answer(media_type, id);
    };
    let variables = Variables::from_json(serde_json::Value::Object(parameters.variables.unwrap_or_default()));
    // Forms send an empty name for none.
    let operation_name = parameters.operation_name.as_deref().filter(|name| !name.is_empty());
    let prepared = match app.engine.prepare(text, operation_name, variables) {
        Ok(prepared) => prepared,
        Err(errors) => {
            metrics::counter!("storefront_graphql_operations_total", "kind" => "none", "outcome" => "refused")
                .increment(1);
            return answer::refused(errors, media_type, id);
        }
    };
    let is_mutation = prepared.kind() == OperationType::Mutation;
    if is_get && is_mutation {
        let failure =
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, code::BAD_USER_INPUT, "a mutation is sent with POST, not GET");
        return failure.allow("POST").answer(media_type, id);
    }
    let operations = if is_mutation { &count::MUTATIONS } else { &count::QUERIES };
    let explains = explain::is_asked_for(app, viewer, headers);
    let brought = Brought::read(headers, &app.tokens);
    let routing = Routing::with_tokens(app.db.clone(), &brought.tokens, explains);
    let is_anyones = !is_mutation && !viewer.is_staff() && !explains && brought.tokens.is_empty();
    let asked = if is_anyones { asked(app, &routing, &prepared) } else { None };
    let kept = match &asked {
        Some(asked) => app.shared.cache.answer(asked).await,
        None => None,
    };
    if let Some(body) = kept {
        operations.seconds.record(begun.elapsed().as_secs_f64());
        operations.ok.increment(1);
        return answer::kept(body, media_type);
    }

    let response = panic::caught(run(app, prepared, viewer, &routing, begun)).await;

    operations.seconds.record(begun.elapsed().as_secs_f64());
    let token = routing.token();
    let issued = token.map(|token| Issued::new(&token, &app.tokens, brought, app.config.replication.token_life_ms));
    match &response {
        Ok(None) => &operations.timeout,
        Ok(Some(response)) if response.errors.is_empty() => &operations.ok,
        _ => &operations.errors,
    }
    .increment(1);
    let failure = match response {
        Ok(Some(mut response)) => {
            let asked = asked.filter(|_| response.errors.is_empty());
            response.extensions = extensions(&routing, issued.as_ref(), explains);
            let mut response = answer::executed(response, issued.is_some(), media_type, id);
            if let Some(issued) = issued {
                issued.attach(&mut response);
            }
            if let Some(asked) = asked {
                return keep(app, asked, &routing, response).await;
            }
            return response;
        }
        Ok(None) => {
            let text = format!("the request took longer than {} ms", app.config.limits.request_timeout_ms);
            tracing::warn!("{text}");
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, code::TIMEOUT, text)
        }
        Err(failure) => failure,
    };
    // A COMMIT that was sent goes on. Without one nothing is written, and the request can be made again.
    let Some(issued) = issued else { return failure.answer(media_type, id) };
    let failure = failure.outcome_unknown().extension("consistency", issued.extension());
    let mut response = failure.answer(media_type, id);
    issued.attach(&mut response);
    response
}

/// The question as the cache knows it, where its answer may be kept.
fn asked(app: &App, routing: &Routing, prepared: &Prepared) -> Option<Asked> {
    let variables = serde_json::to_vec(prepared.variables()).ok()?;
    app.shared.cache.asked(routing, prepared.key(), variables)
}

/// Keeps the answer for those who ask the same in the next moment.
async fn keep(app: &App, asked: Asked, routing: &Routing, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    // It is in memory: this waits for nothing.
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    app.shared.cache.keep_answer(asked, routing, body.clone());
    Response::from_parts(parts, Body::from(body))
}

/// Executes within the time of a request; `None` when it did not end in time.
async fn run(
    app: &App,
    prepared: Prepared,
    viewer: Viewer,
    routing: &Routing,
    begun: Instant,
) -> Option<async_graphql::Response> {
    if prepared.kind() == OperationType::Mutation {
        routing.pin();
    }
    let context = RequestContext::new(viewer, routing.clone(), app.shared.clone());
    // The time that the body took is part of the request's.
    let wait = Duration::from_millis(app.config.limits.request_timeout_ms).saturating_sub(begun.elapsed());
    let execution = app.engine.execute(prepared, |request| request.data(context));
    tokio::time::timeout(wait, execution).await.ok()
}

/// What an answer carries beside its data.
fn extensions(routing: &Routing, issued: Option<&Issued>, explains: bool) -> BTreeMap<String, async_graphql::Value> {
    let mut consistency = issued.map(Issued::extension);
    let mut extensions = BTreeMap::new();
    if explains {
        extensions.insert("explain".to_owned(), plain(explain::explanation(routing)));
        if let Some((host, lag_ms)) = explain::served_by(routing) {
            let consistency = consistency.get_or_insert_with(|| json!({}));
            consistency["servedBy"] = json!(host);
            consistency["lagMs"] = json!(lag_ms);
        }
    }
    if let Some(consistency) = consistency {
        extensions.insert("consistency".to_owned(), plain(consistency));
    }
    extensions
}

fn plain(json: serde_json::Value) -> async_graphql::Value {
    async_graphql::Value::from_json(json).expect("an extension is plain JSON")
}

fn not_acceptable(id: &RequestId) -> Response {
    let text = "answers are application/graphql-response+json or application/json";
    Failure::new(StatusCode::NOT_ACCEPTABLE, code::BAD_USER_INPUT, text).answer(MediaType::Json, id)
}
