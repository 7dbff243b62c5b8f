//! The schema, put together from what the domains hand out.

use std::sync::Arc;

use async_graphql::{EmptySubscription, Interface, MergedObject, ObjectType, SDLExportOptions, Schema, SchemaBuilder};

use super::directive::MaxAge;
use super::node::{Node, NodeQuery};
use super::scalar::{BigInt, CurrencyCode, DateTime, Decimal, Json, Url};
use crate::account::{AccountMutation, AccountQuery, AccountUserError, MailboxMutation, SessionMutation};
use crate::category::{CategoryMutation, CategoryQuery, CategoryUserError};
use crate::config::{Environment, LimitConfig};
use crate::execution::{Engine, Limits, ScalarCheck, ScalarChecks, Settings, parses_as};
use crate::product::{ProductMutation, ProductQuery, ProductUserError, SuggestionQuery};
use crate::sku::{SkuMutation, SkuUserError};
use crate::stock::{StockMutation, StockUserError};
use crate::store::{StoreMutation, StoreQuery, StoreUserError};
use crate::user::{UserMutation, UserQuery, UserUserError};

/// Everything that can be read.
#[derive(MergedObject, Default)]
#[graphql(directive = MaxAge::apply(60))]
pub struct Query(NodeQuery, ProductQuery, SuggestionQuery, StoreQuery, CategoryQuery, UserQuery, AccountQuery);

/// Everything that can be changed. Each field commits by itself: one that fails leaves what the others did standing.
#[derive(MergedObject, Default)]
pub struct Mutation(
    ProductMutation,
    SkuMutation,
    StockMutation,
    StoreMutation,
    CategoryMutation,
    UserMutation,
    AccountMutation,
    SessionMutation,
    MailboxMutation,
);

/// Why a write was refused. Every type of it adds a `code` for programs.
#[derive(Interface)]
#[graphql(
    field(
        name = "field",
        ty = "&Option<Vec<String>>",
        desc = "The path of the input field that was refused, beginning with `input`; null when it is about no single field."
    ),
    field(
        name = "message",
        ty = "&String",
        desc = "What was refused and what would be accepted, in words for a developer."
    )
)]
pub enum UserError {
    Product(ProductUserError),
    Sku(SkuUserError),
    Stock(StockUserError),
    Store(StoreUserError),
    Category(CategoryUserError),
    User(UserUserError),
    Account(AccountUserError),
}

/// The path from a text to an answer, over this schema.
pub type StorefrontEngine = Engine<Query, Mutation, EmptySubscription>;

/// The engine that a server keeps for its whole life. In production it neither shows the schema nor suggests names from it.
pub fn engine(limits: &LimitConfig, environment: Environment) -> anyhow::Result<Arc<StorefrontEngine>> {
    let shows_schema = environment == Environment::Development;
    let settings = Settings {
        limits: Limits {
            tokens: limits.max_tokens,
            depth: limits.max_depth,
            expanded_fields: limits.max_fields,
            aliases: limits.max_aliases,
            directives: limits.max_directives,
            root_fields: limits.max_root_fields,
            mutations: limits.max_mutations,
            introspection_depth: limits.max_introspection_depth,
            introspection_fields: if shows_schema { limits.max_introspection_fields } else { 0 },
            cost: limits.max_cost,
            pages: limits.pages(),
            list_argument: limits.max_nodes,
            filter_terms: limits.max_filter_terms,
            list_input: limits.max_list_input,
            errors: limits.max_errors,
            error_bytes: limits.max_error_bytes,
        },
        plan_cache_bytes: limits.plan_cache_bytes,
        variant: "public",
        scalar_checks: scalar_checks(),
    };
    let build = |root| if shows_schema { builder(root) } else { builder(root).disable_suggestions() };
    Ok(Arc::new(Engine::new(Query::default(), build, settings)?))
}

/// The schema as it is checked in: sorted, so that a change is a small difference.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items().include_specified_by();
    builder(Query::default()).finish().sdl_with_options(options)
}

fn builder<Q: ObjectType + 'static>(query: Q) -> SchemaBuilder<Q, Mutation, EmptySubscription> {
    Schema::build(query, Mutation::default(), EmptySubscription)
        .register_output_type::<Node>()
        .register_output_type::<UserError>()
}

/// What each custom scalar takes, checked before anything executes.
fn scalar_checks() -> ScalarChecks {
    ScalarChecks::from([
        ("BigInt", parses_as::<BigInt> as ScalarCheck),
        ("CurrencyCode", parses_as::<CurrencyCode>),
        ("DateTime", parses_as::<DateTime>),
        ("Decimal", parses_as::<Decimal>),
        ("JSON", parses_as::<Json>),
        ("URL", parses_as::<Url>),
    ])
}
