//! One write, and what is to be read back of it.

use anyhow::ensure;
use serde_json::{Value, json};

use super::installation::STAFF_KEY;
use super::view::{Kind, Versioned, View, versioned};
use crate::wire::{Wire, post};

const TOKEN_HEADER: &str = "x-consistency-token";

/// A write that was acknowledged.
pub struct Written {
    pub kind: Kind,
    pub now: Versioned,
    pub token: String,
}

impl Written {
    /// The header that brings its token.
    pub fn header(&self) -> (&str, &str) {
        (TOKEN_HEADER, &self.token)
    }

    pub fn is_shown_by(&self, view: &View) -> bool {
        let shown = view.of(self.kind);
        shown.value == self.now.value && shown.version >= self.now.version
    }
}

/// What no two writes may change at the same time, or the one could not expect to read what it wrote.
pub fn subject(kind: Kind, product: &View) -> &str {
    if kind == Kind::Store { &product.store } else { &product.id }
}

/// Writes a number, which no other write has written: as a name, a price or a quantity.
pub async fn write(wire: &mut Wire, kind: Kind, product: &View, number: u64) -> anyhow::Result<Written> {
    let value = number.to_string();
    let (mutation, field, input, result) = match kind {
        Kind::Name => (
            "mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) { product { name version } userErrors { message } } }",
            "productUpdate",
            json!({ "id": product.id, "name": value }),
            "product",
        ),
        Kind::Price => (
            "mutation ($input: SkuUpdateInput!) { skuUpdate(input: $input) { sku { version } userErrors { message } } }",
            "skuUpdate",
            json!({ "id": product.sku, "price": value, "compareAtPrice": null }),
            "sku",
        ),
        Kind::Stock => (
            "mutation ($input: StockSetInput!) { stockSet(input: $input) { stock { version } userErrors { message } } }",
            "stockSet",
            json!({ "skuId": product.sku, "quantity": number }),
            "stock",
        ),
        Kind::Store => (
            "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { store { version } userErrors { message } } }",
            "storeUpdate",
            json!({ "id": product.store, "name": value }),
            "store",
        ),
    };
    let request = post(mutation, json!({ "input": input }), &[("x-storefront-staff-key", STAFF_KEY)]);
    let reply = wire.ask(&request).await?;
    let answer: Value = serde_json::from_slice(reply.body)?;
    let written = &answer["data"][field][result];
    ensure!(answer.get("errors").is_none() && written.is_object(), "not written: {answer}");
    let token = reply.header(TOKEN_HEADER).unwrap_or_default().to_owned();
    Ok(Written { kind, now: versioned(value, &written["version"])?, token })
}
