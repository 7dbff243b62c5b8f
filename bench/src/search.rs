//! Figures of searching, counting and facets on the default shop, without a cache: how long questions take, one after the
//! other on one connection, and how many statements each runs.

use std::collections::BTreeMap;
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

/// What is asked, and its variables.
struct Question {
    name: &'static str,
    query: &'static str,
    asks: fn(&Sample) -> Value,
}

/// What a question is about: words of a product, and its category.
struct Sample {
    text: String,
    category: String,
}

const QUESTIONS: [Question; 11] = [
    Question {
        name: "search, 20 products, best first",
        query: "query ($text: String!) { products(search: $text) { nodes { name } } }",
        asks: text,
    },
    Question {
        name: "the same, a word with a letter missing",
        query: "query ($text: String!) { products(search: $text) { nodes { name } } }",
        asks: |sample| json!({ "text": mistype(&sample.text) }),
    },
    Question {
        name: "search, 20 products, cheapest first",
        query: "query ($text: String!) { products(search: $text, orderBy: {field: PRICE}) { nodes { name } } }",
        asks: text,
    },
    Question {
        name: "5 suggestions for the first 1 to 6 letters",
        query: "query ($text: String!) { productSuggestions(text: $text) { text } }",
        asks: |sample| json!({ "text": beginning(&sample.text) }),
    },
    Question {
        name: "count of a search, capped",
        query: "query ($text: String!) { products(search: $text, first: 0) { totalCount { count } } }",
        asks: text,
    },
    Question {
        name: "count of a search, exact",
        query: "query ($text: String!) { products(search: $text, first: 0) { totalCount(exact: true) { count } } }",
        asks: text,
    },
    Question {
        name: "count of the shop, capped",
        query: "{ products(first: 0) { totalCount { count } } }",
        asks: text,
    },
    Question {
        name: "count of the shop, exact",
        query: "{ products(first: 0) { totalCount(exact: true) { count } } }",
        asks: text,
    },
    Question {
        name: "facets of a search",
        query: "query ($text: String!) { products(search: $text, first: 0) { facets { label values { label count toggled } } } }",
        asks: text,
    },
    Question {
        name: "facets of a category",
        query: "query ($category: ID!) { products(where: {category: {eq: $category}}, first: 0) { facets { label values { label count toggled } } } }",
        asks: |sample| json!({ "category": sample.category }),
    },
    Question {
        name: "facets of the shop",
        query: "{ products(first: 0) { facets { label values { label count toggled } } } }",
        asks: text,
    },
];

/// Prints the figures. No promise can be broken here: they are times.
pub async fn print(program: &Path, options: &Options) -> anyhow::Result<Vec<String>> {
    let stack = Stack::start(StackOptions { replicas: 0, redis: false, fsync: true, ..Default::default() }).await?;
    stack.create_database("bench").await?;
    let url = stack.primary_url("bench");
    run(program, &["migrate", "up"], &url)?;
    run(program, &["seed"], &url)?;
    let folder = tempfile::tempdir()?;
    let server = Server::start(program, folder.path(), &[("DATABASE_URL", &url)])?;
    let samples = samples(&server).await?;
    let mut rows = Vec::new();
    for question in &QUESTIONS {
        rows.push(ask(&server, question, &samples, options.times as usize).await?);
    }
    let title = format!(
        "100,000 products on Postgres, {} texts of one and two words, each question asked {} times, one after the other:",
        samples.len(),
        options.times
    );
    table::print(&title, ["", "median", "p95", "most statements"], &rows);
    server.stop()?;
    stack.stop().await?;
    Ok(Vec::new())
}

/// Words of products, alone and in twos, in an order that mixes them.
async fn samples(server: &Server) -> anyhow::Result<Vec<Sample>> {
    let query = "query ($after: String) { \
         products(first: 100, after: $after) { nodes { name category { id } } pageInfo { endCursor } } }";
    let (mut samples, mut after) = (BTreeMap::new(), Value::Null);
    for _ in 0..5 {
        let answer = server.ask(query, json!({ "after": after })).await?;
        let products = &answer["data"]["products"];
        for product in products["nodes"].as_array().context("a list of products")? {
            let words: Vec<&str> = product["name"].as_str().unwrap_or_default().split_whitespace().collect();
            let texts = words.iter().map(|word| (*word).to_owned()).chain(words.windows(2).map(|pair| pair.join(" ")));
            let category = product["category"]["id"].as_str().context("a product has a category")?;
            samples.extend(texts.map(|text| (text, category.to_owned())));
        }
        after = products["pageInfo"]["endCursor"].clone();
    }
    let samples = samples.into_iter().map(|(text, category)| Sample { text, category });
    let mut samples: Vec<Sample> = samples.filter(|sample| sample.text.chars().count() > 4).collect();
    samples.sort_by_key(|sample| sample.text.bytes().rev().collect::<Vec<_>>());
    ensure!(!samples.is_empty(), "the products have no names");
    Ok(samples)
}

/// A question's row: its name, the median, the 95th percentile, the statements.
async fn ask(server: &Server, question: &Question, samples: &[Sample], times: usize) -> anyhow::Result<[String; 4]> {
    let mut taken: Vec<Duration> = Vec::with_capacity(times);
    let mut statements = 0;
    for (round, sample) in samples.iter().cycle().take(times).enumerate() {
        let variables = (question.asks)(sample);
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

fn text(sample: &Sample) -> Value {
    json!({ "text": sample.text })
}

/// The text without its fourth letter.
pub fn mistype(text: &str) -> String {
    text.chars().enumerate().filter(|(place, _)| *place != 3).map(|(_, letter)| letter).collect()
}

/// The first letters of a text: one to six, by its length.
fn beginning(text: &str) -> String {
    text.chars().take(1 + text.len() % 6).collect()
}
