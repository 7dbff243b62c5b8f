//! Figures of searching and counting on the default shop, without a cache: how long questions take, one after the other on one connection, and
//! how many statements each runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Args;
use devstack::{Stack, StackOptions};
use serde_json::{Value, json};

use crate::figure::millis;
use crate::program::run;
use crate::server::Server;
use crate::table;

#[derive(Args)]
pub struct Options {
    /// How often each question is asked, each time with other words
    #[arg(long, value_name = "TIMES", default_value_t = 400, value_parser = clap::value_parser!(u32).range(20..))]
    times: u32,
}

/// What is asked, and with which words.
struct Question {
    name: &'static str,
    query: &'static str,
    words: fn(&str) -> String,
}

const QUESTIONS: [Question; 8] = [
    Question {
        name: "search, 20 products, best first",
        query: "query ($text: String!) { products(search: $text) { nodes { name } } }",
        words: str::to_owned,
    },
    Question {
        name: "the same, a word with a letter missing",
        query: "query ($text: String!) { products(search: $text) { nodes { name } } }",
        words: mistype,
    },
    Question {
        name: "search, 20 products, cheapest first",
        query: "query ($text: String!) { products(search: $text, orderBy: {field: PRICE}) { nodes { name } } }",
        words: str::to_owned,
    },
    Question {
        name: "5 suggestions for the first 1 to 6 letters",
        query: "query ($text: String!) { productSuggestions(text: $text) { text } }",
        words: beginning,
    },
    Question {
        name: "count of a search, capped",
        query: "query ($text: String!) { products(search: $text, first: 0) { totalCount { count } } }",
        words: str::to_owned,
    },
    Question {
        name: "count of a search, exact",
        query: "query ($text: String!) { products(search: $text, first: 0) { totalCount(exact: true) { count } } }",
        words: str::to_owned,
    },
    Question {
        name: "count of the shop, capped",
        query: "{ products(first: 0) { totalCount { count } } }",
        words: str::to_owned,
    },
    Question {
        name: "count of the shop, exact",
        query: "{ products(first: 0) { totalCount(exact: true) { count } } }",
        words: str::to_owned,
    },
];

/// Asked when the schema has them.
const FACETS: Question = Question {
    name: "facets of a search",
    query: "query ($text: String!) { products(search: $text, first: 0) { facets { __typename } } }",
    words: str::to_owned,
};

/// Prints the figures. No promise can be broken here: they are times.
pub async fn print(program: &Path, options: &Options) -> anyhow::Result<Vec<String>> {
    let stack = Stack::start(StackOptions { replicas: 0, redis: false, fsync: true, ..Default::default() }).await?;
    stack.create_database("bench").await?;
    let url = stack.primary_url("bench");
    run(program, &["migrate", "up"], &url)?;
    run(program, &["seed"], &url)?;
    let folder = tempfile::tempdir()?;
    let server = Server::start(program, folder.path(), &[("DATABASE_URL", &url)])?;
    let texts = texts(&server).await?;
    let has_facets = has_facets(&server).await?;
    let mut rows = Vec::new();
    for question in QUESTIONS.iter().chain(has_facets.then_some(&FACETS)) {
        rows.push(ask(&server, question, &texts, options.times as usize).await?);
    }
    let title = format!(
        "100,000 products on Postgres, {} texts of one and two words, each question asked {} times, one after the other:",
        texts.len(),
        options.times
    );
    table::print(&title, ["", "median", "p95", "most statements"], &rows);
    server.stop()?;
    stack.stop().await?;
    Ok(Vec::new())
}

/// Words of products, alone and in twos, in an order that mixes them.
async fn texts(server: &Server) -> anyhow::Result<Vec<String>> {
    let query =
        "query ($after: String) { products(first: 100, after: $after) { nodes { name } pageInfo { endCursor } } }";
    let (mut texts, mut after) = (BTreeSet::new(), Value::Null);
    for _ in 0..5 {
        let answer = server.ask(query, json!({ "after": after })).await?;
        let products = &answer["data"]["products"];
        for product in products["nodes"].as_array().context("a list of products")? {
            let words: Vec<&str> = product["name"].as_str().unwrap_or_default().split_whitespace().collect();
            texts.extend(words.iter().map(|word| (*word).to_owned()));
            texts.extend(words.windows(2).map(|pair| pair.join(" ")));
        }
        after = products["pageInfo"]["endCursor"].clone();
    }
    let mut texts: Vec<String> = texts.into_iter().filter(|text| text.chars().count() > 4).collect();
    texts.sort_by_key(|text| text.bytes().rev().collect::<Vec<_>>());
    ensure!(!texts.is_empty(), "the products have no names");
    Ok(texts)
}

async fn has_facets(server: &Server) -> anyhow::Result<bool> {
    let answer = server.ask("{ __type(name: \"ProductConnection\") { fields { name } } }", json!({})).await?;
    let fields = answer["data"]["__type"]["fields"].as_array().context("a list of fields")?;
    Ok(fields.iter().any(|field| field["name"] == "facets"))
}

/// A question's row: its name, the median, the 95th percentile, the statements.
async fn ask(server: &Server, question: &Question, texts: &[String], times: usize) -> anyhow::Result<[String; 4]> {
    let mut taken: Vec<Duration> = Vec::with_capacity(times);
    let mut statements = 0;
    for (round, text) in texts.iter().cycle().take(times).enumerate() {
        let variables = json!({ "text": (question.words)(text) });
        let begun = Instant::now();
        server.ask(question.query, variables.clone()).await?;
        taken.push(begun.elapsed());
        if round % 20 == 0 {
            let explained = server.explain(question.query, variables).await?;
            let count =
                explained["extensions"]["explain"]["statementCount"].as_u64().context("a number of statements")?;
            statements = statements.max(count);
        }
    }
    taken.sort_unstable();
    Ok([question.name.to_owned(), millis(taken[times / 2]), millis(taken[times * 95 / 100]), statements.to_string()])
}

/// The text without its fourth letter.
fn mistype(text: &str) -> String {
    text.chars().enumerate().filter(|(place, _)| *place != 3).map(|(_, letter)| letter).collect()
}

/// The first letters of a text: one to six, by its length.
fn beginning(text: &str) -> String {
    text.chars().take(1 + text.len() % 6).collect()
}
