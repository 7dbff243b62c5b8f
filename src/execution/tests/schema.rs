//! A small shop: every kind of input, nullable and non-null failures, and mutations that count what they commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_graphql::{
    Context, Enum, ID, InputObject, InputValueError, InputValueResult, MaybeUndefined, Object, Scalar, ScalarType,
    SimpleObject, Union, Value,
};

pub(super) struct Decimal(String);

pub(super) fn check_decimal(value: &Value) -> Result<(), String> {
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

/// An even number; says itself what is wrong. "Quotes" and \\ in a description.
pub(super) struct Even(i64);

#[Scalar(specified_by_url = "https://example.com/even")]
impl ScalarType for Even {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(n) => match n.as_i64().filter(|n| n % 2 == 0) {
                Some(n) => Ok(Self(n)),
                None => Err(InputValueError::custom("this number is odd")),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        self.0.into()
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
        let price =
            self.price.as_ref().map(|p| [&p.gte, &p.lte].map(|d| d.as_ref().map_or("-", |d| d.0.as_str())).join(".."));
        let store = self.store.as_ref().map(|id| id.to_string());
        let status = self.status.as_ref().map(Vec::len);
        let and: Option<Vec<_>> = self.and.as_ref().map(|f| f.iter().map(Self::text).collect());
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

    #[graphql(deprecation = "too slow")]
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
        even: Option<Even>,
    ) -> String {
        let status = status.map(|s| if s == Status::Active { "A" } else { "D" });
        let price = price.map(|p| p.0);
        let json = json.map(|j| j.0.to_string());
        let id = id.map(|id| id.0);
        let even = even.map(|even| even.0);
        let ids = ids.map(|ids| ids.into_iter().map(|id| id.0).collect::<Vec<_>>());
        format!(
            "{int:?} {float:?} {string:?} {boolean:?} {id:?} {ids:?} {names:?} {grid:?} {status:?} {price:?} {json:?} {even:?}"
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
        ctx.data_unchecked::<Commits>().0.fetch_add(1, Ordering::Relaxed);
        by
    }

    async fn price(&self, ctx: &Context<'_>, to: Decimal) -> String {
        ctx.data_unchecked::<Commits>().0.fetch_add(1, Ordering::Relaxed);
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
