//! Queries that run without async-graphql's own steps before.
//!
//! `Schema::execute` walks every document again for its depth, its rules and its skipped fields, in each request: for a small query a tenth
//! of all work. A plan has passed all that, so its fields can be resolved at once. What the library needs for that it gives to
//! resolvers alone: [`Root`] stands around the root of queries, and takes it from a first request, which the engine sends.
//!
//! Mutations, operations with directives and those that ask for the schema go the library's way.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock, PoisonError};

use async_graphql::extensions::Extensions;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Field, OperationType};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Data, IntrospectionMode, ObjectType, OutputType, Positioned, QueryEnv,
    QueryEnvInner, Response, SchemaEnv, ServerResult, Value, Variables,
};

use super::plan::Plan;

/// The root of queries.
pub struct Root<Q>(Arc<Inner<Q>>);

struct Inner<Q> {
    query: Q,
    handed: OnceLock<Handed>,
}

/// What a resolver is handed by its schema.
struct Handed {
    schema: SchemaEnv,
    extensions: Extensions,
}

impl<Q> Clone for Root<Q> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: ObjectType> Root<Q> {
    pub(super) fn new(query: Q) -> Self {
        Self(Arc::new(Inner { query, handed: OnceLock::new() }))
    }

    /// Whether it has what the library gives to resolvers.
    pub(super) fn is_handed(&self) -> bool {
        self.0.handed.get().is_some()
    }

    /// Whether a plan needs none of the steps that are left out.
    pub(super) fn takes(&self, plan: &Plan) -> bool {
        let facts = plan.facts();
        let is_plain = facts.directives == 0 && facts.introspection_fields == 0;
        plan.kind() == OperationType::Query && is_plain && self.is_handed()
    }

    /// The answer to a query that it [takes](Self::takes).
    pub(super) async fn run(&self, document: ExecutableDocument, variables: Variables, data: Data) -> Response {
        let handed = self.0.handed.get().expect("it takes nothing before");
        let operation = match document.operations {
            DocumentOperations::Single(operation) => Some(operation),
            DocumentOperations::Multiple(operations) => operations.into_values().next(),
        };
        let env = QueryEnv::new(QueryEnvInner {
            extensions: handed.extensions.clone(),
            variables,
            operation_name: None,
            operation: operation.expect("a plan has one operation"),
            fragments: document.fragments,
            uploads: Vec::new(),
            session_data: Arc::default(),
            query_data: Arc::new(data),
            // What resolvers set is handed out with the answer by the library's way only; ours set none.
            http_headers: Default::default(),
            introspection_mode: IntrospectionMode::Enabled,
            errors: Default::default(),
        });
        let ctx = env.create_context(&handed.schema, None, &env.operation.node.selection_set, None);
        let mut response = match resolve_container(&ctx, &self.0.query).await {
            Ok(data) => Response::new(data),
            Err(error) => Response::from_errors(vec![error]),
        };
        response.errors.append(&mut env.errors.lock().unwrap_or_else(PoisonError::into_inner));
        response
    }
}

impl<Q: ObjectType> ContainerType for Root<Q> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0
            .handed
            .get_or_init(|| Handed { schema: ctx.schema_env.clone(), extensions: ctx.query_env.extensions.clone() });
        self.0.query.resolve_field(ctx).await
    }
}

impl<Q: ObjectType> OutputType for Root<Q> {
    fn type_name() -> Cow<'static, str> {
        Q::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Q::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.query.resolve(ctx, field).await
    }
}

impl<Q: ObjectType> ObjectType for Root<Q> {}
