//! Hostile documents over HTTP, each text seen for the first time, on one connection: from the request to the whole answer.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde_json::json;

use super::installation::Installation;
use crate::figure::millis;
use crate::load::quantile;
use crate::table;
use crate::wire::{Wire, post};

const ROUNDS: usize = 300;
/// So many go before.
const WARM_UP: usize = 20;
const BOUND: Duration = Duration::from_millis(5);

/// Prints the figures.
pub async fn print(installation: &Installation) -> anyhow::Result<()> {
    let (_folder, server) = installation.embedded(&[])?;
    let mut wire = Wire::open(server.address()).await?;
    let mut rows = Vec::new();
    for (name, text, is_sound) in documents() {
        let mut times = Vec::with_capacity(ROUNDS);
        for round in 0..WARM_UP + ROUNDS {
            // A remark makes it another document.
            let request = post(&format!("{text} # {round}"), json!({}), &[]);
            let begun = Instant::now();
            let body = wire.ask(&request).await?.body;
            let took = begun.elapsed();
            let is_answered = body.starts_with(b"{\"data\":");
            ensure!(is_answered == is_sound, "{name}: {}", String::from_utf8_lossy(body));
            if round >= WARM_UP {
                times.push(took);
            }
        }
        let [median, p99, worst] = [0.5, 0.99, 1.0].map(|part| quantile(&mut times, part));
        let answer = if is_sound { "answered" } else { "refused" };
        rows.push([
            name.to_owned(),
            text.len().to_string(),
            answer.to_owned(),
            millis(median),
            millis(p99),
            millis(worst),
            millis(BOUND),
            table::met(median <= BOUND),
        ]);
    }
    let title = format!("Hostile documents that the server does not know, over HTTP, {ROUNDS} of each:");
    table::print(&title, ["", "bytes", "", "median", "p99", "worst", "bound", "median within it"], &rows);
    server.stop()
}

/// Their names, their texts, and whether they are within the limits.
fn documents() -> [(&'static str, String, bool); 7] {
    [
        ("fragments that double over 30 levels", doubling(30), false),
        ("fragments that double over 100 levels", doubling(100), false),
        ("a circle of 150 fragments", circle(150), false),
        ("a wide fragment that is spread 500 times", wide(500), false),
        ("150 fields with other arguments, each to be compared with each", compared(150), false),
        ("20 unknown fields with the longest of names", unknown(20), false),
        ("900 fields, within every limit", within(900), true),
    ]
}

/// Each fragment spreads the next one twice.
fn doubling(levels: usize) -> String {
    let mut text = "{ stores { nodes { ...F0 } } }".to_owned();
    for level in 0..levels {
        let _ = write!(text, " fragment F{level} on Store {{ ...F{0} ...F{0} }}", level + 1);
    }
    text + &format!(" fragment F{levels} on Store {{ id }}")
}

fn circle(length: usize) -> String {
    let mut text = "{ categories { nodes { ...F0 } } }".to_owned();
    for index in 0..length {
        let _ = write!(text, " fragment F{index} on Category {{ id ...F{} }}", (index + 1) % length);
    }
    text
}

fn wide(spreads: usize) -> String {
    let (spreads, fields) = ("...F ".repeat(spreads), "id ".repeat(50));
    format!("{{ stores {{ nodes {{ {spreads} }} }} }} fragment F on Store {{ {fields} }}")
}

fn compared(fields: usize) -> String {
    let fields: Vec<_> = (0..fields).map(|index| format!("products(first: {index}) {{ __typename }}")).collect();
    format!("{{ stores {{ nodes {{ {} }} }} }}", fields.join(" "))
}

fn unknown(fields: usize) -> String {
    let fields: Vec<_> = (0..fields).map(|index| format!("{}{index}", "x".repeat(120))).collect();
    format!("{{ {} }}", fields.join(" "))
}

fn within(fields: usize) -> String {
    format!("{{ stores(first: 1) {{ nodes {{ {} }} }} }}", "id slug name ".repeat(fields / 3))
}
