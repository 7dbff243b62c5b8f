//! A small shop: every kind of input, nullable and non-null failures, and mutations that count what they commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_graphql::{
    Context, EmptySubscription, Enum, ID, InputObject, InputValueError, InputValueResult,
    MaybeUndefined, Object, Scalar, ScalarType, Schema, SimpleObject, Union, Value, Variables,
};

use crate::execution::{Engine, ScalarChecks, Settings};

pub(super) struct Decimal(String);

fn check_decimal(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.parse::<f64>().is_ok() => Ok(()),
        Value::String(_) => Err("not a decimal number".to_owned()),
        _ => Err("a decimal is a string".to_owned()),
    }
}

#[Scalar]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        check_decimal(&value).map_err(InputValueError::custom)?;
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Any JSON, without a check.
pub(super) struct Anything(Value);

#[Scalar]
impl ScalarType for Anything {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub(super) enum Status {
    Active,
    Draft,
}

#[derive(InputObject)]
pub(super) struct PriceFilter {
    gte: Option<Decimal>,
    lte: Option<Decimal>,
}

#[derive(InputObject)]
pub(super) struct Filter {
    price: Option<PriceFilter>,
    store: Option<ID>,
    status: Option<Vec<Status>>,
    #[graphql(default = 7)]
    weight: i32,
    and: Option<Vec<Filter>>,
}

impl Filter {
    fn text(&self) -> String {
        let price = self.price.as_ref().map(|p| {
            [&p.gte, &p.lte]
                .map(|d| d.as_ref().map_or("-", |d| d.0.as_str()))
                .join("..")
        });
        let store = self.store.as_ref().map(|id| id.to_string());
        let status = self.status.as_ref().map(Vec::len);
        let and: Option<Vec<_>> = self
            .and
            .as_ref()
            .map(|f| f.iter().map(Self::text).collect());
        format!("{price:?} {store:?} {status:?} {} {and:?}", self.weight)
    }
}

#[derive(InputObject)]
pub(super) struct ProductInput {
    id: ID,
    name: MaybeUndefined<String>,
    price: Option<Decimal>,
    #[graphql(default)]
    tags: Vec<String>,
}

#[derive(SimpleObject, Clone)]
pub(super) struct Store {
    name: String,
}

pub(super) struct Node;

#[Object]
impl Node {
    async fn ok(&self) -> i32 {
        1
    }

    async fn bad(&self) -> async_graphql::Result<i32> {
        Err("bad".into())
    }

    async fn own(&self) -> Node {
        Node
    }
}

#[derive(Union)]
pub(super) enum Anyone {
    Store(Store),
    Node(Node),
}

pub(super) struct Query;

#[Object]
impl Query {
    async fn fast(&self) -> i32 {
        2
    }

    async fn slow(&self) -> i32 {
        tokio::task::yield_now().await;
        1
    }

    async fn n(&self) -> Option<Node> {
        Some(Node)
    }

    async fn nn(&self) -> Node {
        Node
    }

    async fn list(&self) -> Vec<Option<Node>> {
        vec![Some(Node), Some(Node)]
    }

    async fn anyone(&self) -> Vec<Anyone> {
        let name = "s".to_owned();
        vec![Anyone::Store(Store { name }), Anyone::Node(Node)]
    }

    async fn products(
        &self,
        #[graphql(default = 20)] first: i32,
        after: MaybeUndefined<String>,
        r#where: Option<Filter>,
    ) -> String {
        let after = match after {
            MaybeUndefined::Undefined => "absent".to_owned(),
            MaybeUndefined::Null => "null".to_owned(),
            MaybeUndefined::Value(value) => value,
        };
        format!("{first} {after} {:?}", r#where.map(|w| w.text()))
    }

    #[allow(clippy::too_many_arguments)]
    async fn echo(
        &self,
        int: Option<i32>,
        float: Option<f64>,
        string: Option<String>,
        boolean: Option<bool>,
        id: Option<ID>,
        ids: Option<Vec<ID>>,
        names: Option<Vec<Option<String>>>,
        grid: Option<Vec<Vec<i32>>>,
        status: Option<Status>,
        price: Option<Decimal>,
        json: Option<Anything>,
    ) -> String {
        let status = status.map(|s| if s == Status::Active { "A" } else { "D" });
        let price = price.map(|p| p.0);
        let json = json.map(|j| j.0.to_string());
        let id = id.map(|id| id.0);
        let ids = ids.map(|ids| ids.into_iter().map(|id| id.0).collect::<Vec<_>>());
        format!(
            "{int:?} {float:?} {string:?} {boolean:?} {id:?} {ids:?} {names:?} {grid:?} {status:?} {price:?} {json:?}"
        )
    }
}

/// How many mutations have committed.
#[derive(Clone, Default)]
pub(super) struct Commits(Arc<AtomicU32>);

impl Commits {
    pub(super) fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(super) struct Mutation;

#[Object]
impl Mutation {
    async fn commit(&self, ctx: &Context<'_>, by: i32) -> i32 {
        ctx.data_unchecked::<Commits>()
            .0
            .fetch_add(1, Ordering::Relaxed);
        by
    }

    async fn price(&self, ctx: &Context<'_>, to: Decimal) -> String {
        ctx.data_unchecked::<Commits>()
            .0
            .fetch_add(1, Ordering::Relaxed);
        to.0
    }

    async fn product_update(&self, input: ProductInput) -> String {
        let name = match input.name {
            MaybeUndefined::Undefined => "unchanged".to_owned(),
            MaybeUndefined::Null => "cleared".to_owned(),
            MaybeUndefined::Value(name) => name,
        };
        let price = input.price.map(|p| p.0);
        format!("{} {name} {price:?} {:?}", input.id.0, input.tags)
    }
}

pub(super) type Shop = Engine<Query, Mutation, EmptySubscription>;

pub(super) fn shop_with(settings: Settings) -> Shop {
    let checks = ScalarChecks::from([("Decimal", check_decimal as _)]);
    Engine::new(
        || Schema::build(Query, Mutation, EmptySubscription),
        Settings {
            scalar_checks: checks,
            ..settings
        },
    )
    .unwrap()
}

pub(super) fn shop() -> Shop {
    shop_with(Settings::default())
}

/// The answer to one request as JSON text.
pub(super) fn send(
    shop: &Shop,
    commits: &Commits,
    text: &str,
    operation_name: Option<&str>,
    variables: serde_json::Value,
) -> String {
    let variables = Variables::from_json(variables);
    let response = match shop.prepare(text, operation_name, variables) {
        Err(errors) => async_graphql::Response::from_errors(errors.into()),
        Ok(prepared) => {
            let executed = shop.execute(prepared, |request| request.data(commits.clone()));
            tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap()
                .block_on(executed)
        }
    };
    serde_json::to_string(&response).unwrap()
}

/// The answer to a request sent to a new shop twice; both must be the same.
pub(super) fn ask_as(
    text: &str,
    operation_name: Option<&str>,
    variables: serde_json::Value,
) -> String {
    let shop = shop();
    let commits = Commits::default();
    let cold = send(&shop, &commits, text, operation_name, variables.clone());
    let warm = send(&shop, &commits, text, operation_name, variables.clone());
    assert_eq!(cold, warm, "{text} with {variables}");
    cold
}

pub(super) fn ask(text: &str, variables: serde_json::Value) -> String {
    ask_as(text, None, variables)
}

/// The messages of the errors of a request, one per line; fails if it was executed.
pub(super) fn refusal(text: &str, variables: serde_json::Value) -> String {
    let answer: serde_json::Value = serde_json::from_str(&ask(text, variables)).unwrap();
    assert_eq!(answer["data"], serde_json::Value::Null, "{answer}");
    let errors = answer["errors"].as_array().unwrap();
    let messages = errors.iter().map(|e| e["message"].as_str().unwrap());
    messages.collect::<Vec<_>>().join("\n")
}

/// The data of a request that has no errors.
pub(super) fn data(text: &str, variables: serde_json::Value) -> serde_json::Value {
    let answer: serde_json::Value = serde_json::from_str(&ask(text, variables)).unwrap();
    assert_eq!(answer.get("errors"), None, "{text}: {answer}");
    answer["data"].clone()
}
