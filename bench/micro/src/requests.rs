//! Whole operations on a server, and what becomes of their answers.

use std::net::SocketAddr;
use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use storefront::http::{Routes, json_within};

use crate::case::{Call, Case};
use crate::operations::{CARD, CARDS};
use crate::shop::Shop;

pub const CASES: &[Case] = &[
    Case {
        name: "execute/card",
        what: "executes a card of a product with 3 skus; all nodes are in the process",
        make: |file| execute(Shop::cached(file)?, CARD, card),
    },
    Case {
        name: "execute/page",
        what: "executes a page of 50 cards; all nodes are in the process",
        make: |file| execute(Shop::cached(file)?, CARDS, page),
    },
    Case {
        name: "read/card",
        what: "executes the card without a cache, on SQLite; without SQLite's own thread",
        make: |file| execute(Shop::uncached(file)?, CARD, card),
    },
    Case {
        name: "read/page",
        what: "executes the page without a cache, on SQLite; without SQLite's own thread",
        make: |file| execute(Shop::uncached(file)?, CARDS, page),
    },
    Case { name: "answer/json", what: "writes the data of the page as JSON", make: write_json },
    Case { name: "answer/bill", what: "what the page cost in the end", make: bill },
    Case {
        name: "http/card",
        what: "a request for the card whose whole answer is in the process",
        make: |file| request(file, CARD, card),
    },
    Case {
        name: "http/page",
        what: "a request for the page whose whole answer is in the process",
        make: |file| request(file, CARDS, page),
    },
];

fn card(shop: &Shop) -> anyhow::Result<Value> {
    Ok(json!({ "id": shop.product_with(3)?.0 }))
}

fn page(_: &Shop) -> anyhow::Result<Value> {
    Ok(json!({ "first": 50 }))
}

type VariablesOf = fn(&Shop) -> anyhow::Result<Value>;

fn execute(shop: Shop, text: &'static str, variables: VariablesOf) -> anyhow::Result<Call> {
    let variables = variables(&shop)?;
    shop.ask(text, variables.clone())?;
    Ok(Box::new(move |meter| {
        let prepared = shop.prepare(text, variables.clone()).expect("it was right before");
        let response = meter.count(|| shop.execute(prepared));
        assert!(response.errors.is_empty(), "{:?}", response.errors);
    }))
}

fn write_json(file: &Path) -> anyhow::Result<Call> {
    let shop = Shop::cached(file)?;
    let response = shop.execute(shop.prepare(CARDS, page(&shop)?)?);
    Ok(Box::new(move |meter| assert!(meter.count(|| json_within(&response.data, usize::MAX)).is_some())))
}

fn bill(file: &Path) -> anyhow::Result<Call> {
    let shop = Shop::cached(file)?;
    let prepared = shop.prepare(CARDS, page(&shop)?)?;
    let bill = prepared.bill();
    let response = shop.execute(prepared);
    Ok(Box::new(move |meter| assert!(meter.count(|| bill.actual(&response.data)) > 1)))
}

fn request(file: &Path, text: &str, variables: VariablesOf) -> anyhow::Result<Call> {
    let shop = Shop::cached(file)?;
    let body = json!({ "query": text, "variables": variables(&shop)? }).to_string();
    let routes = Routes::new(shop.app.clone());
    Ok(Box::new(move |meter| {
        let sent = send(routes.clone(), body.clone());
        let (status, answer) = meter.count(|| shop.runtime.block_on(sent)).expect("a body in memory can be read");
        assert!(status == StatusCode::OK && answer.starts_with(b"{\"data\""), "{status} {answer:?}");
    }))
}

async fn send(routes: Routes, body: String) -> Result<(StatusCode, Bytes), axum::Error> {
    let request = Request::post("/graphql").header(header::HOST, "localhost:8000");
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body));
    let peer = SocketAddr::from(([127, 0, 0, 1], 9));
    let answer = routes.answer(request.expect("the headers are right"), peer).await;
    Ok((answer.status(), answer.into_body().collect().await?.to_bytes()))
}
