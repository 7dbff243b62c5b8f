//! async-graphql's validation of a document, without executing it and without variables, so that what it says depends on the text only.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute};
use async_graphql::{Name, ObjectType, Request, Response, Schema, SubscriptionType};
use async_graphql_parser::types::{DocumentOperations, ExecutableDocument};
use futures_util::FutureExt;

use super::error::{RequestError, RequestErrorKind};

/// Makes a schema answer valid documents with nothing instead of executing them.
pub(crate) struct OnlyValidate;

impl ExtensionFactory for OnlyValidate {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for OnlyValidate {
    async fn execute(
        &self,
        _ctx: &ExtensionContext<'_>,
        _operation_name: Option<&str>,
        _next: NextExecute<'_>,
    ) -> Response {
        Response::default()
    }
}

/// What validation finds, in no particular order. `schema` must have been built with [`OnlyValidate`].
pub(crate) fn validate<Q, M, S>(schema: &Schema<Q, M, S>, document: &ExecutableDocument) -> Vec<RequestError>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let mut request = Request::new("");
    // All operations are validated, whichever is named.
    if let DocumentOperations::Multiple(operations) = &document.operations {
        request.operation_name = operations.keys().next().map(Name::to_string);
    }
    request.set_parsed_query(document.clone());
    let response = schema.execute(request).now_or_never();
    // Nothing between parsing and execution waits for anything.
    let errors = response.expect("validation does not wait").errors;
    errors.into_iter().map(|e| RequestError::new(RequestErrorKind::Validation, e.message, e.locations)).collect()
}

/// Whether our own rules say the same better; see [`super::validation`]. That subscriptions are not executed is said when one is chosen.
pub(crate) fn is_superseded(error: &RequestError) -> bool {
    let message = error.message.as_str();
    message.starts_with("Variable \"") || message == "Schema is not configured for subscriptions."
}

/// Whether it repeats, with a text that may vary from run to run, what our own rules found too.
pub(crate) fn is_repeated(error: &RequestError) -> bool {
    let message = error.message.as_str();
    ["Invalid value for argument", "Invalid default value", "Unknown directive", "Directive \"@"]
        .iter()
        .any(|start| message.starts_with(start))
        || message.ends_with("is required but not provided")
}
