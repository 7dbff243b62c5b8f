//! `/graphql`: GraphQL over HTTP, from who asks to what is charged.
//!
//! In this order: whether a page may ask; who sends it and whether their window has anything left, before anything is read; the
//! parameters; the document, its plan and its price; the charge; the answer, out of the cache or executed; what was not used is given
//! back. Whatever is refused on the way because of what was sent costs as well; what the server is to blame for does not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{Failure, Reply};
use super::caller::{Caller, Rejection, takes_plain_cookie};
use super::consistency::{Brought, Issued};
use super::media_type::MediaType;
use super::parameters::{self, Asked, Parameters};
use super::request_id::RequestId;
use super::window::Cost;
use super::{count, csrf, explain, public, window};
use crate::app::App;
use crate::auth::session::{Carrier, Sent};
use crate::db::Routing;
use crate::error::code;
use crate::limit::{REQUEST_ERROR, Receipt, Refusal};

/// So many bytes that are sent cost a point at least.
const BYTES_PER_POINT: u64 = 2048;

pub async fn post(app: &Arc<App>, request: Request, peer: SocketAddr, id: &RequestId) -> Response {
    let (parts, body) = request.into_parts();
    let mut call = match Call::begin(app, parts.headers, peer, id, false).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    let limits = &app.config.limits;
    let body = match parameters::read(limits, &call.headers, body).await {
        Ok(body) => body,
        Err(failure) => return call.refuse(failure.reply(&call.id)).await,
    };
    call.bytes = body.len();
    if let Some(response) = call.serve_again(&body).await {
        return response;
    }
    match parameters::of_body(limits, &body) {
        // Apart, so that a request which is answered before it comes to this does not carry its room about.
        Ok(asked) => Box::pin(call.serve(asked, Some(body))).await,
        Err(failure) => call.refuse(failure.reply(&call.id)).await,
    }
}

pub async fn get(app: &Arc<App>, request: Request, peer: SocketAddr, id: &RequestId) -> Response {
    let (parts, _) = request.into_parts();
    let mut call = match Call::begin(app, parts.headers, peer, id, true).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    call.bytes = parts.uri.query().map_or(0, str::len);
    match Parameters::of_address(&parts.uri) {
        Ok(asked) => Box::pin(call.serve(Asked::One(Box::new(asked)), None)).await,
        Err(failure) => call.refuse(failure.reply(&call.id)).await,
    }
}

/// A request, and who sent it.
pub struct Call {
    pub app: Arc<App>,
    pub id: RequestId,
    pub headers: HeaderMap,
    pub media_type: MediaType,
    pub is_get: bool,
    pub begun: Instant,
    /// How long what was sent is.
    pub bytes: usize,
    pub caller: Caller,
    pub brought: Brought,
}

impl Call {
    /// Finds out who asks. Those who have nothing left, and those who are not who they say, get their answer here.
    async fn begin(
        app: &Arc<App>,
        headers: HeaderMap,
        peer: SocketAddr,
        id: &RequestId,
        is_get: bool,
    ) -> Result<Self, Response> {
        let begun = Instant::now();
        let negotiated = MediaType::negotiate(&headers);
        let media_type = negotiated.unwrap_or(MediaType::Json);
        if let Err(refusal) = csrf::check(&headers, &app.origins) {
            // The visitor of that page has not asked for it, and does not pay for it.
            let failure = Failure::new(StatusCode::FORBIDDEN, code::FORBIDDEN, refusal.to_string());
            return Err(failure.answer(media_type, id));
        }
        let sent = match Sent::read(&headers, takes_plain_cookie(app, peer.ip())) {
            Ok(sent) => sent,
            Err(several) => return Err(Failure::bad_request(several.to_string()).answer(media_type, id)),
        };
        let by_cookie = sent.as_ref().is_some_and(|sent| sent.carrier != Carrier::Bearer);
        if by_cookie && !is_get && !csrf::is_meant(&headers, &app.origins) {
            let failure = Failure::new(StatusCode::FORBIDDEN, code::FORBIDDEN, csrf::Unmeant.to_string());
            return Err(failure.answer(media_type, id));
        }
        let caller = match Caller::of(app, peer.ip(), &headers, sent.as_ref()).await {
            Ok(caller) => caller,
            Err(Rejection::Wrong(failure, who)) => {
                let charged = app.limiter.charge(&who, REQUEST_ERROR, 0).await;
                return Err(refused(failure.reply(id), charged, media_type, id));
            }
            Err(Rejection::Unavailable(failure)) => return Err(failure.answer(media_type, id)),
            Err(Rejection::Throttled(refusal)) => return Err(throttled(&refusal, media_type, id)),
        };
        let brought = Brought::read(&headers, &app.tokens);
        let (app, id) = (app.clone(), id.clone());
        let call = Self { app, id, headers, media_type, is_get, begun, bytes: 0, caller, brought };
        if negotiated.is_none() {
            let text = "answers are application/graphql-response+json or application/json";
            let failure = Failure::new(StatusCode::NOT_ACCEPTABLE, code::BAD_USER_INPUT, text);
            return Err(call.refuse(failure.reply(&call.id)).await);
        }
        Ok(call)
    }

    /// The answer to a body that was sent a moment ago, where it is kept: what it asks for and what that costs is known.
    async fn serve_again(&self, body: &[u8]) -> Option<Response> {
        let is_explained = explain::is_asked_for(&self.app, self.caller.viewer, &self.headers);
        if is_explained || !self.is_nobodys() {
            return None;
        }
        let begun = Instant::now();
        let again = self.app.shared.cache.answer_again(&self.app.db, body)?;
        let price = again.price;
        let Some(_place) = self.app.admission.try_enter() else { return Some(self.too_busy()) };
        let receipt = match self.app.limiter.charge(&self.caller.who, price, 0).await {
            Ok(receipt) => receipt,
            Err(refusal) => return Some(throttled(&refusal, self.media_type, &self.id)),
        };
        let whole = again.take();
        count::QUERIES.answered(begun, &count::QUERIES.ok);
        let mut reply = Reply::of_data(whole.data);
        reply.extensions.cost = Some(self.settle(price, Some(whole.actual), &receipt));
        let mut response = reply.answer(self.media_type);
        self.finish(&mut response, None, &receipt);
        Some(response)
    }

    fn too_busy(&self) -> Response {
        let failure =
            Failure::new(StatusCode::SERVICE_UNAVAILABLE, code::UNAVAILABLE, "the server is too busy, try again");
        failure.answer(self.media_type, &self.id)
    }

    /// Gives back what was not used of a price; what the client is told of it.
    fn settle(&self, price: u64, actual: Option<u64>, receipt: &Receipt) -> Cost {
        let actual = actual.map(|actual| actual.clamp(self.least(), price));
        self.app.limiter.refund(receipt, price - actual.unwrap_or(price));
        Cost::new(price, actual, receipt)
    }

    async fn serve(mut self, asked: Asked, body: Option<Bytes>) -> Response {
        let Some(_place) = self.app.admission.try_enter() else { return self.too_busy() };
        let explains = explain::is_asked_for(&self.app, self.caller.viewer, &self.headers);
        let routing = Routing::with_tokens(self.app.db.clone(), &self.brought.tokens, explains);
        match asked {
            Asked::One(parameters) => self.serve_one(*parameters, body, &routing, explains).await,
            Asked::Batch(batch) => self.serve_batch(batch, &routing).await,
        }
    }

    async fn serve_one(
        &mut self,
        parameters: Parameters,
        body: Option<Bytes>,
        routing: &Routing,
        explains: bool,
    ) -> Response {
        let mut ready = match self.prepare(parameters).await {
            Ok(ready) => ready,
            Err(refused) => return self.refuse(refused).await,
        };
        ready.price = ready.price.max(self.least());
        ready.body = body.filter(|_| ready.is_settled);
        let price = ready.price;
        let receipt = match self.app.limiter.charge(&self.caller.who, price, ready.mutations()).await {
            Ok(receipt) => receipt,
            Err(refusal) => return throttled(&refusal, self.media_type, &self.id),
        };
        let max_age = ready.prepared.plan().max_age();
        let answered = self.answer(ready, routing, &receipt, explains).await;
        let cost = self.settle(price, answered.actual, &receipt);
        let issued = self.issue(routing);
        let mut reply = answered.reply;
        if !self.is_get {
            reply.extensions.cost = Some(cost);
        } else if let (Some(shown), Some(max_age)) = (answered.shown, max_age) {
            return public::answer(reply.body().into(), max_age, &shown, self.media_type, &self.headers);
        }
        reply.extensions.consistency = consistency(issued.as_ref(), routing, explains);
        reply.extensions.explain = explains.then(|| explain::explanation(routing));
        let mut response = reply.answer(self.media_type);
        self.finish(&mut response, issued, &receipt);
        response
    }

    /// The token of what this request has committed, or may have.
    pub fn issue(&mut self, routing: &Routing) -> Option<Issued> {
        let token = routing.token()?;
        let brought = std::mem::take(&mut self.brought);
        Some(Issued::new(&token, &self.app.tokens, brought, self.app.config.replication.token_life_ms))
    }

    /// The points that a request costs at least, because all that is sent is read.
    pub fn least(&self) -> u64 {
        self.bytes as u64 / BYTES_PER_POINT
    }

    /// Charges for a request of which nothing ran, and answers it.
    pub async fn refuse(&self, reply: Reply) -> Response {
        self.refuse_at(REQUEST_ERROR, reply).await
    }

    /// The same at a price.
    pub async fn refuse_at(&self, price: u64, reply: Reply) -> Response {
        let charged = self.app.limiter.charge(&self.caller.who, price.max(self.least()), 0).await;
        refused(reply, charged, self.media_type, &self.id)
    }

    /// What an answer to this client alone carries in its headers.
    pub fn finish(&self, response: &mut Response, issued: Option<Issued>, receipt: &Receipt) {
        window::tell(response.headers_mut(), receipt);
        if let Some(issued) = issued {
            issued.attach(response);
        }
        if let Some(cookie) = self.caller.visit.cookie() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// The value of `extensions.consistency`: the token, and in an answer that is explained who served it.
pub fn consistency(issued: Option<&Issued>, routing: &Routing, explains: bool) -> Option<Value> {
    let mut consistency = issued.map(Issued::extension);
    if let Some((host, lag_ms)) = explains.then(|| explain::served_by(routing)).flatten() {
        let consistency = consistency.get_or_insert_with(|| json!({}));
        consistency["servedBy"] = json!(host);
        consistency["lagMs"] = json!(lag_ms);
    }
    consistency
}

/// The answer to a request of which nothing ran, if that could be paid for. A window that is smaller than that is no reason not to answer.
fn refused(reply: Reply, charged: Result<Receipt, Refusal>, media_type: MediaType, id: &RequestId) -> Response {
    match charged {
        Err(refusal) if refusal.retry_after.is_some() => throttled(&refusal, media_type, id),
        charged => {
            let mut response = reply.answer(media_type);
            window::tell(response.headers_mut(), &charged.unwrap_or_default());
            response
        }
    }
}

pub fn throttled(refusal: &Refusal, media_type: MediaType, id: &RequestId) -> Response {
    let (reply, headers) = window::throttled(refusal, media_type, id);
    let mut response = reply.answer(media_type);
    response.headers_mut().extend(headers);
    response
}
