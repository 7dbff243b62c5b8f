//! One operation, from its parameters to its answer: found, planned and priced; then, once it is paid for, taken from the cache or executed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use tokio::time::timeout;

use super::answer::{Failure, Reply};
use super::graphql::Call;
use super::parameters::Parameters;
use super::{count, document, outcome, panic};
use crate::cache::{Asked, Whole};
use crate::db::Routing;
use crate::documents::Hash;
use crate::error::{Outcome, code};
use crate::execution::Prepared;
use crate::graphql::{Reads, RequestContext, Shown};
use crate::limit::{REQUEST_ERROR, Receipt};

/// A text that is to be registered costs a point more for each so many bytes: all instances keep it for a while.
const BYTES_PER_POINT: u64 = 64;

/// An operation that may run.
pub struct Ready {
    pub prepared: Prepared,
    /// What it costs, in points.
    pub price: u64,
    pub is_mutation: bool,
    /// Whether the same parameters mean the same operation at the same price at any time.
    pub is_settled: bool,
    /// The body that asked for it, if that is to be known again.
    pub body: Option<Bytes>,
    /// What is to be known by its hash from now on.
    to_register: Option<(Hash, Arc<str>)>,
}

impl Ready {
    /// The fields that change something.
    pub fn mutations(&self) -> u32 {
        if self.is_mutation { self.prepared.plan().facts().changing_fields } else { 0 }
    }
}

/// What came of one operation.
pub struct Answered {
    pub reply: Reply,
    /// What it really cost, in points; `None` when it failed, and nothing is given back.
    pub actual: Option<u64>,
    /// What it shows, if anyone else would be answered the same.
    pub shown: Option<Arc<str>>,
}

impl Call {
    /// Finds the document, plans the operation and prices it. Nothing has run.
    pub async fn prepare(&self, parameters: Parameters) -> Result<Ready, Reply> {
        let document = document::find(&self.app.documents, &parameters, self.media_type)
            .await
            .map_err(|failure| failure.reply(&self.id))?;
        let variables = Variables::from_json(serde_json::Value::Object(parameters.variables.unwrap_or_default()));
        // Forms send an empty name for none.
        let operation_name = parameters.operation_name.as_deref().filter(|name| !name.is_empty());
        let prepared = self.app.engine.prepare(&document.text, operation_name, variables).map_err(|errors| {
            count::refused();
            outcome::refused(&errors, self.media_type, &self.id)
        })?;
        let is_mutation = prepared.kind() == OperationType::Mutation;
        if self.is_get && is_mutation {
            let text = "a mutation is sent with POST, not GET";
            let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, code::BAD_USER_INPUT, text);
            return Err(failure.hint(header::ALLOW, "POST").reply(&self.id));
        }
        let mut price = prepared.price();
        let to_register = document.to_register.map(|hash| (hash, document.text));
        if let Some((_, text)) = &to_register {
            price = price.max(REQUEST_ERROR + text.len() as u64 / BYTES_PER_POINT);
        }
        Ok(Ready { prepared, price, is_mutation, is_settled: document.is_settled, body: None, to_register })
    }

    /// Answers one operation, which is paid for.
    pub async fn answer(&self, ready: Ready, routing: &Routing, receipt: &Receipt, explains: bool) -> Answered {
        let Ready { prepared, price, is_mutation, body, to_register, .. } = ready;
        if let Some((hash, text)) = to_register {
            self.app.documents.register(hash, &text);
        }
        let operations = if is_mutation { &count::MUTATIONS } else { &count::QUERIES };
        let reads = Reads::new(routing.clone(), self.app.shared.cache.clone());
        if receipt.found_silence() {
            reads.ahead().give_up();
        }
        if is_mutation || explains || !self.is_nobodys() {
            return self.execute(prepared, reads, operations).await;
        }
        let (begun, cache) = (Instant::now(), &self.app.shared.cache);
        let variables = serde_json::to_vec(prepared.variables()).ok();
        let asked = variables.and_then(|variables| cache.asked(routing, prepared.key(), variables));
        if let Some(asked) = &asked
            && let Some(Whole { data, actual, shown }) = cache.answer(asked, reads.ahead()).await
        {
            operations.answered(begun, &operations.ok);
            if let Some(body) = body {
                cache.remember(body, asked, price);
            }
            return Answered { reply: Reply::of_data(data), actual: Some(actual), shown: Some(shown) };
        }
        let asked = asked.filter(Asked::comes_again);
        if asked.is_none() && !self.is_get {
            // Nobody will be told what the answer shows.
            return self.execute(prepared, reads, operations).await;
        }
        let shown = Arc::new(Shown::default());
        let mut answered = self.execute(prepared, reads.naming(shown.clone()), operations).await;
        if let Some((data, actual)) = answered.reply.without_errors().zip(answered.actual) {
            let shown: Arc<str> = shown.joined().into();
            answered.shown = Some(shown.clone());
            if let Some(asked) = asked {
                cache.keep_answer(asked, routing, Whole { data, actual, shown });
            }
        }
        answered
    }

    /// Whether nothing is known of who asks: anyone else would be answered the same.
    pub fn is_nobodys(&self) -> bool {
        let is_nobody = self.caller.viewer.is_nobody() && !self.caller.is_keyed && !self.brought.is_any;
        is_nobody && !self.headers.contains_key(header::AUTHORIZATION)
    }

    /// Executes an operation, within the time of a request.
    async fn execute(&self, prepared: Prepared, reads: Reads, operations: &count::Operations) -> Answered {
        let (limits, routing) = (&self.app.config.limits, reads.routing.clone());
        let (bill, is_mutation) = (prepared.bill(), prepared.kind() == OperationType::Mutation);
        if is_mutation {
            routing.pin();
        }
        let (begun, commits) = (Instant::now(), routing.commits());
        let context =
            RequestContext::new(self.caller.viewer, self.caller.visit.clone(), self.app.shared.clone(), reads);
        // The time that the body took is part of the request's.
        let wait = Duration::from_millis(limits.request_timeout_ms).saturating_sub(self.begun.elapsed());
        let execution = self.app.engine.execute(prepared, |request| request.data(context));
        let ran = panic::caught(timeout(wait, execution)).await;
        let outcome = match &ran {
            Ok(Err(_)) => &operations.timeout,
            Ok(Ok(response)) if response.errors.is_empty() => &operations.ok,
            _ => &operations.errors,
        };
        operations.answered(begun, outcome);
        let has_committed = routing.commits() > commits;
        let failure = match ran {
            Ok(Ok(response)) => {
                let actual = response.errors.is_empty().then(|| bill.actual(&response.data));
                let reply = outcome::executed(response, has_committed, self.media_type, limits, &self.id);
                return Answered { reply, actual, shown: None };
            }
            Ok(Err(_)) => {
                let text = format!("the request took longer than {} ms", limits.request_timeout_ms);
                tracing::warn!("{text}");
                Failure::new(StatusCode::SERVICE_UNAVAILABLE, code::TIMEOUT, text)
            }
            Err(failure) => failure,
        };
        // A COMMIT that was sent goes on. Without one nothing is written, and the request can be made again.
        let failure = if has_committed { failure.outcome(Outcome::Unknown) } else { failure };
        Answered { reply: failure.reply(&self.id), actual: None, shown: None }
    }
}
