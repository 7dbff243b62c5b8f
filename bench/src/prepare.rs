//! The steps before execution for a document that the server knows: look-up, limits, variables, price.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Variables;
use clap::Parser;
use serde_json::{Value, json};
use storefront::config::{Environment, LimitConfig};
use storefront::graphql::{StorefrontEngine, engine};
use storefront::http::EXAMPLES;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    limits: LimitConfig,
}

/// Time per call on one thread that waits for nothing, the best of several runs, for example operations with their variables.
pub fn cpu_of_prepare() -> anyhow::Result<Vec<(String, Duration)>> {
    let engine = new_engine()?;
    let filter = json!({ "price": { "currencyCode": "EUR", "gte": "10", "lte": "99.90" }, "inStock": { "eq": true } });
    let mut figures = Vec::new();
    for (name, variables) in [
        ("product.graphql", json!({ "slug": "everyday-linen-bedspread-999" })),
        ("products.graphql", json!({ "first": 20, "where": filter, "orderBy": { "field": "PRICE" } })),
    ] {
        let text = EXAMPLES.iter().find(|(file, _)| *file == name).map(|(_, text)| *text).unwrap_or_default();
        figures.push((format!("{name} ({} bytes)", text.len()), cpu_of(&engine, text, &variables)?));
    }
    Ok(figures)
}

/// The same for one operation.
pub fn cpu_of_page(text: &str, variables: Value) -> anyhow::Result<Duration> {
    let engine = new_engine()?;
    cpu_of(&engine, text, &variables)
}

fn new_engine() -> anyhow::Result<Arc<StorefrontEngine>> {
    engine(&Flags::parse_from(["bench"]).limits, Environment::Production)
}

fn cpu_of(engine: &StorefrontEngine, text: &str, variables: &Value) -> anyhow::Result<Duration> {
    let prepare = |variables: Value| engine.prepare(black_box(text), None, Variables::from_json(variables));
    prepare(variables.clone()).map_err(|errors| anyhow::anyhow!("{errors}"))?;
    let cpu = best_of(9, || {
        // The variables of a request are its own: making them is measured apart and taken off.
        black_box(prepare(black_box(variables.clone()))).is_ok()
    });
    let making = best_of(9, || black_box(Variables::from_json(black_box(variables.clone()))).is_empty());
    Ok(cpu.saturating_sub(making))
}

fn best_of(runs: usize, mut call: impl FnMut() -> bool) -> Duration {
    const CALLS: u32 = 20_000;
    let mut run = || {
        let begun = Instant::now();
        for _ in 0..CALLS {
            black_box(call());
        }
        begun.elapsed() / CALLS
    };
    (0..runs).map(|_| run()).min().unwrap_or_default()
}
