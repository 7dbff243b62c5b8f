//! One operation, from its parameters to its answer: found, planned and priced; then, once it is paid for, taken from the cache or executed.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Variables;
use async_graphql::parser::types::OperationType;
use axum::http::{StatusCode, header};

use super::answer::{self, Failure, Reply};
use super::graphql::{Call, REQUEST_ERROR};
use super::parameters::Parameters;
use super::{count, document, panic};
use crate::cache::{self, Whole};
use crate::db::Routing;
use crate::documents::Hash;
use crate::error::code;
use crate::execution::Prepared;
use crate::graphql::{RequestContext, Shown};

/// An operation that may run.
pub struct Ready {
    pub prepared: Prepared,
    /// What it costs, in points.
    pub price: u64,
    pub is_mutation: bool,
    /// What is to be known by its hash from now on.
    to_register: Option<(Hash, Arc<str>)>,
}

impl Ready {
    /// The fields that change something.
    pub fn mutations(&self) -> u32 {
        if self.is_mutation { self.prepared.plan().facts().root_fields } else { 0 }
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
        let document =
            document::find(&self.app.documents, &parameters).await.map_err(|failure| failure.reply(&self.id))?;
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
            return Err(failure.allow("POST").reply(&self.id));
        }
        let mut price = prepared.price();
        let to_register = document.to_register.map(|hash| (hash, document.text));
        if to_register.is_some() {
            price = price.max(REQUEST_ERROR);
        }
        Ok(Ready { prepared, price, is_mutation, to_register })
    }

    /// Answers one operation, which is paid for.
    pub async fn answer(&self, ready: Ready, routing: &Routing, explains: bool) -> Answered {
        let Ready { prepared, is_mutation, to_register, .. } = ready;
        if let Some((hash, text)) = to_register {
            self.app.documents.register(hash, &text);
        }
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
        let has_committed = is_mutation && routing.has_committed();
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
}
