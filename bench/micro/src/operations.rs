//! The steps before execution: the plan of a document, its variables, its price.

use std::path::Path;
use std::sync::Arc;

use async_graphql::Variables;
use clap::Parser;
use serde_json::{Value, json};
use storefront::config::{Environment, LimitConfig};
use storefront::graphql::{Kind, StorefrontEngine, engine, plain_id};
use uuid::Uuid;

use crate::case::{Call, Case};

pub const CARD: &str = include_str!("../../../operations/product-card.graphql");
pub const CARDS: &str = include_str!("../../../operations/product-cards.graphql");
const LIST: &str = include_str!("../../../operations/products.graphql");

pub const CASES: &[Case] = &[
    Case { name: "plan/known", what: "looks up the plan of a card's document, which is known", make: known },
    Case { name: "plan/card", what: "parses, validates and plans a card's document", make: |_| plan(CARD) },
    Case { name: "plan/page", what: "the same for a page of cards", make: |_| plan(CARDS) },
    Case { name: "variables/card", what: "coerces the id of a card", make: |_| coerce(CARD, card()) },
    Case {
        name: "variables/filter",
        what: "coerces a size, a filter and an order of a list",
        make: |_| coerce(LIST, list()),
    },
    Case { name: "price/card", what: "the price of a card", make: |_| price(CARD, card()) },
    Case { name: "price/page", what: "the price of a page of cards", make: |_| price(CARDS, json!({ "first": 50 })) },
    Case { name: "price/filter", what: "the price of a filtered list", make: |_| price(LIST, list()) },
    Case { name: "prepare/card", what: "all steps before execution for a card", make: |_| prepare(CARD, card()) },
    Case {
        name: "prepare/page",
        what: "the same for a page of cards",
        make: |_| prepare(CARDS, json!({ "first": 50 })),
    },
];

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    limits: LimitConfig,
}

fn new_engine(keeps_plans: bool) -> anyhow::Result<Arc<StorefrontEngine>> {
    let mut limits = Flags::parse_from(["micro"]).limits;
    if !keeps_plans {
        limits.plan_cache_bytes = 0;
    }
    engine(&limits, Environment::Production)
}

fn card() -> Value {
    json!({ "id": plain_id(Kind::Product, Uuid::from_u128(7)) })
}

fn list() -> Value {
    let filter = json!({ "price": { "currencyCode": "EUR", "gte": "10", "lte": "99.90" }, "inStock": { "eq": true } });
    json!({ "first": 20, "where": filter, "orderBy": { "field": "PRICE" } })
}

fn known(_: &Path) -> anyhow::Result<Call> {
    let engine = new_engine(true)?;
    Ok(Box::new(move |meter| drop(meter.count(|| engine.plan(CARD, None)).expect("the document is valid"))))
}

fn plan(text: &'static str) -> anyhow::Result<Call> {
    let engine = new_engine(false)?;
    Ok(Box::new(move |meter| drop(meter.count(|| engine.plan(text, None)).expect("the document is valid"))))
}

fn coerce(text: &str, variables: Value) -> anyhow::Result<Call> {
    let engine = new_engine(true)?;
    let (_, plan) = engine.plan(text, None).map_err(|errors| anyhow::anyhow!("{errors}"))?;
    Ok(Box::new(move |meter| {
        let given = Variables::from_json(variables.clone());
        drop(meter.count(|| engine.coerce(&plan, given)).expect("the variables fit"));
    }))
}

fn price(text: &str, variables: Value) -> anyhow::Result<Call> {
    let engine = new_engine(true)?;
    let (_, plan) = engine.plan(text, None).map_err(|errors| anyhow::anyhow!("{errors}"))?;
    let coerced =
        engine.coerce(&plan, Variables::from_json(variables)).map_err(|errors| anyhow::anyhow!("{errors}"))?;
    Ok(Box::new(move |meter| {
        let plan = plan.clone();
        drop(meter.count(|| engine.bill(plan, &coerced.values)).expect("the price is within the limit"));
    }))
}

fn prepare(text: &'static str, variables: Value) -> anyhow::Result<Call> {
    let engine = new_engine(true)?;
    Ok(Box::new(move |meter| {
        let given = Variables::from_json(variables.clone());
        drop(meter.count(|| engine.prepare(text, None, given)).expect("the request is right"));
    }))
}
