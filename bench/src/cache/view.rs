//! A product as a client sees it, with what writes change: its name, its store's, and price and stock of its first sku.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::wire::{Wire, post};

const QUERY: &str = "query ($id: ID!) { product(id: $id) { id slug name version store { id name version } skus { id version price { amount } stock { quantity version } } } }";

/// What a write changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Name,
    Price,
    Stock,
    Store,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Name, Self::Price, Self::Stock, Self::Store];

    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name of a product",
            Self::Price => "price of a sku",
            Self::Stock => "stock",
            Self::Store => "name of a store",
        }
    }
}

/// A value, and the version of what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned {
    pub value: String,
    pub version: i64,
}

#[derive(Clone, Debug)]
pub struct View {
    pub id: String,
    pub slug: String,
    pub store: String,
    pub sku: String,
    by_kind: [Versioned; 4],
}

impl View {
    pub fn of(&self, kind: Kind) -> &Versioned {
        &self.by_kind[kind as usize]
    }
}

/// The request for a product.
pub fn request(id: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    post(QUERY, json!({ "id": id }), headers)
}

pub async fn look(wire: &mut Wire, request: &[u8]) -> anyhow::Result<View> {
    let answer: Value = serde_json::from_slice(wire.ask(request).await?.body)?;
    ensure!(answer.get("errors").is_none(), "{answer}");
    let product = &answer["data"]["product"];
    let sku = &product["skus"][0];
    let text = |value: &Value| value.as_str().map(str::to_owned).with_context(|| format!("no such product: {answer}"));
    let amount = |value: &Value| anyhow::Ok(text(value)?.split('.').next().unwrap_or_default().to_owned());
    Ok(View {
        id: text(&product["id"])?,
        slug: text(&product["slug"])?,
        store: text(&product["store"]["id"])?,
        sku: text(&sku["id"])?,
        by_kind: [
            versioned(text(&product["name"])?, &product["version"])?,
            versioned(amount(&sku["price"]["amount"])?, &sku["version"])?,
            versioned(sku["stock"]["quantity"].to_string(), &sku["stock"]["version"])?,
            versioned(text(&product["store"]["name"])?, &product["store"]["version"])?,
        ],
    })
}

pub fn versioned(value: String, version: &Value) -> anyhow::Result<Versioned> {
    let version = version.as_str().context("a version is a text")?.parse()?;
    Ok(Versioned { value, version })
}
