//! `/graphql`: GraphQL over HTTP, from who asks to what is charged.
//!
//! In this order: who sends it and whether their window has anything left, before anything is read; the parameters; the
//! document, its plan and its price; the charge; the answer, out of the cache or executed; what was not used is given back. Whatever is
//! refused on the way costs as well.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{self, Failure, MediaType, Reply};
use super::caller::{Caller, Unknown};
use super::consistency::{Brought, Issued};
use super::parameters::{self, Asked, Parameters};
use super::request_id::RequestId;
use super::{count, csrf, document, explain, panic, public, window};
use crate::app::App;
use crate::cache::{self, Whole};
use crate::db::Routing;
use crate::error::code;
use crate::execution::Prepared;
use crate::graphql::{RequestContext, Shown};
use crate::limit::{Receipt, Refusal};

/// What a request costs at least that is refused, or that registers a document, in points.
const REQUEST_ERROR: u64 = 10;

pub async fn post(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    id: RequestId,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let call = match Call::begin(app, peer, id, headers, false).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    match parameters::read(&call.app.config.limits, &call.headers, body).await {
        Ok(asked) => call.serve(asked).await,
        Err(failure) => call.refuse(failure.reply(&call.id)).await,
    }
}

pub async fn get(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    id: RequestId,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let call = match Call::begin(app, peer, id, headers, true).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    if let Err(refusal) = csrf::check(&call.headers, &call.app.config.cors_origins) {
        let failure = Failure::new(StatusCode::FORBIDDEN, code::FORBIDDEN, refusal.to_string());
        return call.refuse(failure.reply(&call.id)).await;
    }
    match Parameters::of_address(&uri) {
        Ok(asked) => call.serve(Asked::One(Box::new(asked))).await,
        Err(failure) => call.refuse(failure.reply(&call.id)).await,
    }
}

/// A request, and who sent it.
struct Call {
    app: Arc<App>,
    id: RequestId,
    headers: HeaderMap,
    media_type: MediaType,
    is_get: bool,
    begun: Instant,
    caller: Caller,
    brought: Brought,
}

/// An operation that may run.
struct Ready {
    prepared: Prepared,
    /// What it costs, in points.
    price: u64,
    is_mutation: bool,
}

impl Call {
    /// Finds out who asks. Those who have nothing left, and those who are not who they say, get their answer here.
    async fn begin(
        app: Arc<App>,
        peer: SocketAddr,
        id: RequestId,
        headers: HeaderMap,
        is_get: bool,
    ) -> Result<Self, Response> {
        let begun = Instant::now();
        let negotiated = MediaType::negotiate(&headers);
        let media_type = negotiated.unwrap_or(MediaType::Json);
        let caller = match Caller::of(&app, peer.ip(), &headers).await {
            Ok(caller) => caller,
            Err(Unknown { failure, who }) => {
                return Err(match app.limiter.charge(&who, REQUEST_ERROR, 0).await {
                    Ok(_) => failure.answer(media_type, &id),
                    Err(refusal) => throttled(&refusal, media_type, &id),
                });
            }
        };
        if let Some(refusal) = app.limiter.refused_for(&caller.who) {
            return Err(throttled(&refusal, media_type, &id));
        }
        let brought = Brought::read(&headers, &app.tokens);
        let call = Self { app, id, headers, media_type, is_get, begun, caller, brought };
        if negotiated.is_none() {
            let text = "answers are application/graphql-response+json or application/json";
            let failure = Failure::new(StatusCode::NOT_ACCEPTABLE, code::BAD_USER_INPUT, text);
            return Err(call.refuse(failure.reply(&call.id)).await);
        }
        Ok(call)
    }

    async fn serve(mut self, asked: Asked) -> Response {
        let Some(_place) = self.app.admission.try_enter() else {
            let failure =
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, "the server is too busy, try again");
            return failure.answer(self.media_type, &self.id);
        };
        let explains = explain::is_asked_for(&self.app, self.caller.viewer, &self.headers);
        let routing = Routing::with_tokens(self.app.db.clone(), &self.brought.tokens, explains);
        match asked {
            Asked::One(parameters) => self.serve_one(*parameters, &routing, explains).await,
            Asked::Batch(batch) => self.serve_batch(batch, &routing).await,
        }
    }

    async fn serve_one(&mut self, parameters: Parameters, routing: &Routing, explains: bool) -> Response {
        let ready = match self.prepare(parameters).await {
            Ok(ready) => ready,
            Err(refused) => return self.refuse(refused).await,
        };
        let mutations = if ready.is_mutation { ready.prepared.plan().facts().root_fields } else { 0 };
        let receipt = match self.app.limiter.charge(&self.caller.who, ready.price, mutations).await {
            Ok(receipt) => receipt,
            Err(refusal) => return throttled(&refusal, self.media_type, &self.id),
        };
        let price = ready.price;
        let max_age = ready.prepared.plan().max_age();
        let answered = self.answer(ready, routing, explains).await;
        if let Some(actual) = answered.actual {
            self.app.limiter.refund(&receipt, price - actual.min(price));
        }
        let issued = self.issue(routing);
        let mut reply = answered.reply;
        if !self.is_get {
            reply.extend("cost", window::cost(price, answered.actual, &receipt));
        } else if let (Some(shown), Some(max_age)) = (answered.shown, max_age) {
            return public::answer(reply.body().into(), max_age, &shown, self.media_type, &self.headers);
        }
        if let Some(consistency) = consistency(issued.as_ref(), routing, explains) {
            reply.extend("consistency", consistency);
        }
        if explains {
            reply.extend("explain", explain::explanation(routing));
        }
        let mut response = reply.answer(self.media_type);
        self.finish(&mut response, issued, &receipt);
        response
    }

    /// Operations that are sent together are priced together, and run one after another.
    async fn serve_batch(&mut self, batch: Vec<Parameters>, routing: &Routing) -> Response {
        let mut readies = Vec::with_capacity(batch.len());
        for parameters in batch {
            readies.push(self.prepare(parameters).await);
        }
        let price_of = |ready: &Result<Ready, Reply>| ready.as_ref().map_or(REQUEST_ERROR, |ready| ready.price);
        let price = readies.iter().map(price_of).fold(0, u64::saturating_add);
        let most = self.app.config.limits.max_cost;
        if price > most {
            let text = format!("the batch costs {price} points, over the maximum of {most}");
            let failure = Failure::new(self.media_type.refused(), code::MAX_COST_EXCEEDED, text);
            return self.refuse(failure.reply(&self.id)).await;
        }
        let mutations = readies.iter().flatten().filter(|ready| ready.is_mutation);
        let mutations = mutations.map(|ready| ready.prepared.plan().facts().root_fields).sum();
        let receipt = match self.app.limiter.charge(&self.caller.who, price, mutations).await {
            Ok(receipt) => receipt,
            Err(refusal) => return throttled(&refusal, self.media_type, &self.id),
        };
        let are_mutations: Vec<bool> =
            readies.iter().map(|ready| matches!(ready, Ok(ready) if ready.is_mutation)).collect();
        let mut replies = Vec::with_capacity(readies.len());
        let mut unused = 0;
        for ready in readies {
            let (mut reply, requested, actual) = match ready {
                Ok(ready) => {
                    let price = ready.price;
                    let answered = self.answer(ready, routing, false).await;
                    (answered.reply, price, answered.actual)
                }
                Err(refused) => (refused, REQUEST_ERROR, None),
            };
            unused += actual.map_or(0, |actual| requested - actual.min(requested));
            reply.extend("cost", window::cost(requested, actual, &receipt));
            replies.push(reply);
        }
        self.app.limiter.refund(&receipt, unused);
        let issued = self.issue(routing);
        for (reply, is_mutation) in replies.iter_mut().zip(are_mutations) {
            let issued = issued.as_ref().filter(|_| is_mutation);
            if let Some(consistency) = consistency(issued, routing, false) {
                reply.extend("consistency", consistency);
            }
        }
        let mut response = answer::batch(&replies, self.media_type);
        self.finish(&mut response, issued, &receipt);
        response
    }

    /// Finds the document, plans the operation and prices it. Nothing has run.
    async fn prepare(&self, parameters: Parameters) -> Result<Ready, Reply> {
        let document = document::find(&self.app.documents, &parameters, self.media_type)
            .await
            .map_err(|failure| failure.reply(&self.id))?;
        let variables = Variables::from_json(serde_json::Value::Object(parameters.variables.unwrap_or_default()));
        // Forms send an empty name for none.
        let operation_name = parameters.operation_name.as_deref().filter(|name| !name.is_empty());
        let prepared = self.app.engine.prepare(&document.text, operation_name, variables).map_err(|errors| {
            count::refused();
            answer::refused(&errors, self.media_type, &self.id)
        })?;
        let is_mutation = prepared.kind() == OperationType::Mutation;
        if self.is_get && is_mutation {
            let text = "a mutation is sent with POST, not GET";
            let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, code::BAD_USER_INPUT, text);
            return Err(failure.hint(header::ALLOW, "POST").reply(&self.id));
        }
        let mut price = prepared.price();
        if let Some(hash) = document.to_register {
            self.app.documents.register(hash, &document.text);
            price = price.max(REQUEST_ERROR);
        }
        Ok(Ready { prepared, price, is_mutation })
    }

    /// Answers one operation, which is paid for.
    async fn answer(&self, ready: Ready, routing: &Routing, explains: bool) -> Answered {
        let Ready { prepared, is_mutation, .. } = ready;
        let operations = if is_mutation { &count::MUTATIONS } else { &count::QUERIES };
        let asked = if self.is_anyones(is_mutation, explains) { self.asked(routing, &prepared) } else { None };
        let kept = match &asked {
            Some(asked) => self.app.shared.cache.answer(asked).await,
            None => None,
        };
        if let Some(Whole { data, actual, shown }) = kept {
            operations.answered(self.begun, &operations.ok);
            return Answered { reply: Reply::of_data(data), actual: Some(actual), shown: Some(shown) };
        }
        let bill = prepared.bill();
        let shown = Arc::new(Shown::default());
        let ran = panic::caught(self.run(prepared, routing, shown.clone())).await;
        let outcome = match &ran {
            Ok(None) => &operations.timeout,
            Ok(Some(response)) if response.errors.is_empty() => &operations.ok,
            _ => &operations.errors,
        };
        operations.answered(self.begun, outcome);
        let has_committed = routing.has_committed();
        let failure = match ran {
            Ok(Some(response)) => {
                let actual = response.errors.is_empty().then(|| bill.actual(&response.data));
                let reply =
                    answer::executed(response, has_committed, self.media_type, &self.app.config.limits, &self.id);
                let mut answered = Answered { reply, actual, shown: None };
                if self.is_anyones(is_mutation, explains) {
                    self.keep(&mut answered, asked, routing, &shown);
                }
                return answered;
            }
            Ok(None) => {
                let text = format!("the request took longer than {} ms", self.app.config.limits.request_timeout_ms);
                tracing::warn!("{text}");
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, code::TIMEOUT, text)
            }
            Err(failure) => failure,
        };
        // A COMMIT that was sent goes on. Without one nothing is written, and the request can be made again.
        let failure = if has_committed { failure.outcome_unknown() } else { failure };
        Answered { reply: failure.reply(&self.id), actual: None, shown: None }
    }

    /// Whether anyone else would be answered the same.
    fn is_anyones(&self, is_mutation: bool, explains: bool) -> bool {
        let is_nobody = !self.caller.viewer.is_staff() && !self.caller.is_keyed && !self.brought.is_any;
        is_nobody && !is_mutation && !explains && !self.headers.contains_key(header::AUTHORIZATION)
    }

    /// The question as the cache knows it, where its answer may be kept.
    fn asked(&self, routing: &Routing, prepared: &Prepared) -> Option<cache::Asked> {
        let variables = serde_json::to_vec(prepared.variables()).ok()?;
        self.app.shared.cache.asked(routing, prepared.key(), variables)
    }

    /// Keeps an answer without errors for those who ask the same in the next moment, and for caches on the way.
    fn keep(&self, answered: &mut Answered, asked: Option<cache::Asked>, routing: &Routing, shown: &Shown) {
        let Some((data, actual)) = answered.reply.without_errors().zip(answered.actual) else { return };
        let shown: Arc<str> = shown.names().into();
        answered.shown = Some(shown.clone());
        if let Some(asked) = asked {
            self.app.shared.cache.keep_answer(asked, routing, Whole { data, actual, shown });
        }
    }

    /// Executes within the time of a request; `None` when it did not end in time.
    async fn run(&self, prepared: Prepared, routing: &Routing, shown: Arc<Shown>) -> Option<async_graphql::Response> {
        let is_mutation = prepared.kind() == OperationType::Mutation;
        if is_mutation {
            routing.pin();
        }
        let (viewer, shared) = (self.caller.viewer, self.app.shared.clone());
        let context = if self.is_anyones(is_mutation, false) {
            RequestContext::naming(viewer, routing.clone(), shared, shown)
        } else {
            RequestContext::new(viewer, routing.clone(), shared)
        };
        // The time that the body took is part of the request's.
        let wait =
            Duration::from_millis(self.app.config.limits.request_timeout_ms).saturating_sub(self.begun.elapsed());
        let execution = self.app.engine.execute(prepared, |request| request.data(context));
        tokio::time::timeout(wait, execution).await.ok()
    }

    /// The token of what this request has committed, or may have.
    fn issue(&mut self, routing: &Routing) -> Option<Issued> {
        let token = routing.token()?;
        let brought = std::mem::take(&mut self.brought);
        Some(Issued::new(&token, &self.app.tokens, brought, self.app.config.replication.token_life_ms))
    }

    /// Charges for a request of which nothing ran, and answers it.
    async fn refuse(&self, reply: Reply) -> Response {
        match self.app.limiter.charge(&self.caller.who, REQUEST_ERROR, 0).await {
            Ok(receipt) => {
                let mut response = reply.answer(self.media_type);
                window::tell(response.headers_mut(), &receipt);
                response
            }
            Err(refusal) => throttled(&refusal, self.media_type, &self.id),
        }
    }

    /// What an answer to this client alone carries in its headers.
    fn finish(&self, response: &mut Response, issued: Option<Issued>, receipt: &Receipt) {
        window::tell(response.headers_mut(), receipt);
        if let Some(issued) = issued {
            issued.attach(response);
        }
    }
}

/// The value of `extensions.consistency`: the token, and in an answer that is explained who served it.
fn consistency(issued: Option<&Issued>, routing: &Routing, explains: bool) -> Option<Value> {
    let mut consistency = issued.map(Issued::extension);
    if let Some((host, lag_ms)) = explains.then(|| explain::served_by(routing)).flatten() {
        let consistency = consistency.get_or_insert_with(|| json!({}));
        consistency["servedBy"] = json!(host);
        consistency["lagMs"] = json!(lag_ms);
    }
    consistency
}

fn throttled(refusal: &Refusal, media_type: MediaType, id: &RequestId) -> Response {
    let (reply, headers) = window::throttled(refusal, media_type, id);
    let mut response = reply.answer(media_type);
    response.headers_mut().extend(headers);
    response
}

/// What came of one operation.
struct Answered {
    reply: Reply,
    /// What it really cost, in points; `None` when it failed, and nothing is given back.
    actual: Option<u64>,
    /// What it shows, if anyone else would be answered the same.
    shown: Option<Arc<str>>,
}
