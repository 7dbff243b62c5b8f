//! Clients that browse while something breaks.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::shop::Shop;

/// Longer than any bound of a request.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
const BROWSE: &str = "{ stores(first: 5) { nodes { name products(first: 5) { nodes { name } } } } }";

/// How browsing went.
#[derive(Debug, Default)]
pub struct Browsed {
    pub answered: usize,
    /// The answers that had an error.
    pub failed: Vec<String>,
}

/// Lets clients ask one query after another for as long as `work` takes; what came of it, and how browsing went.
pub async fn while_browsing<T>(shop: &Shop, clients: usize, work: impl Future<Output = T>) -> (T, Browsed) {
    let (is_over, browsed) = (Cell::new(false), RefCell::new(Browsed::default()));
    let client = async || {
        while !is_over.get() {
            let answer = tokio::time::timeout(ANSWERED_WITHIN, shop.ask(BROWSE, json!({}))).await;
            let answer = answer.expect("a query hangs");
            let mut browsed = browsed.borrow_mut();
            browsed.answered += 1;
            if answer.status != 200 || answer.json.get("errors").is_some() {
                browsed.failed.push(answer.text);
            }
        }
    };
    let work = async {
        let outcome = work.await;
        is_over.set(true);
        outcome
    };
    let (outcome, _) = tokio::join!(work, join_all((0..clients).map(|_| client())));
    (outcome, browsed.into_inner())
}
