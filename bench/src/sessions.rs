//! Figures of sessions: how long logins take, the right one beside those that fail, and what a session adds to a request.
//!
//! Logins are sent one after the other and by turns, each from another address that a proxy names, so that none is throttled. CPU is that of
//! the server per request for one hot product, asked by nobody and in a session by turns, pass after pass; the best passes and the medians are
//! shown. Nobody's whole answers are kept, a session's are not: a server that keeps none shows what the look-up of a session adds alone.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::cache::QUERY;
use crate::figure::{micros, millis};
use crate::limits::installation::{Installation, WIDE};
use crate::load::{Requests, at_saturation, quantile};
use crate::server::Server;
use crate::table;
use crate::wire::{Wire, post};

const REGISTER: &str = "mutation ($input: UserRegisterInput!) { userRegister(input: $input) { email } }";
const LOG_IN: &str = "mutation ($email: String!, $password: String!) {
    sessionCreate(input: { email: $email, password: $password }) { token userErrors { code } } }";
const PASSWORD: &str = "correct horse battery";
/// Accounts, each of which takes nine wrong passwords.
const ACCOUNTS: usize = 20;
const ROUNDS: usize = ACCOUNTS * 9;
const BEHIND_PROXY: (&str, &str) = ("STOREFRONT_TRUSTED_PROXIES", "127.0.0.1");
const NO_ANSWERS: (&str, &str) = ("STOREFRONT_ANSWER_CACHE", "off");
const PASSES: usize = 9;
const LONG: Duration = Duration::from_millis(2000);
const WARM_UP: Duration = Duration::from_millis(300);

/// Prints the figures.
pub async fn print(program: &Path) -> anyhow::Result<()> {
    let installation = Installation::start(program).await?;
    let server = installation.server(&[&WIDE[..], &[BEHIND_PROXY]].concat()).await?;
    let session = print_logins(&server).await?;
    let executing = installation.server(&[&WIDE[..], &[BEHIND_PROXY, NO_ANSWERS]].concat()).await?;
    let rows = [
        row("whole answers kept", &server, &session).await?,
        row("every request executed", &executing, &session).await?,
    ];
    let title = format!("CPU of the server for a hot product, {PASSES} passes of {} s in turn:", LONG.as_secs());
    table::print(&title, ["", "nobody: best, median", "in a session: best, median", "added: best, median"], &rows);
    server.stop()?;
    executing.stop()?;
    installation.stop().await
}

/// Prints how long logins take; the token of one.
async fn print_logins(server: &Server) -> anyhow::Result<String> {
    let email = |number: usize| format!("user-{number}@bench.example");
    for number in 0..ACCOUNTS {
        let input = json!({ "email": email(number), "name": "N", "password": PASSWORD });
        server.ask(REGISTER, json!({ "input": input })).await?;
    }
    let mut wire = Wire::open(server.address()).await?;
    let kinds = ["right password", "wrong password", "unknown account"];
    let mut times = [const { Vec::new() }; 3];
    let mut token = None;
    for round in 0..ROUNDS {
        let own = email(round % ACCOUNTS);
        let logins =
            [(own.clone(), PASSWORD), (own, "a wrong password"), (format!("nobody-{round}@bench.example"), PASSWORD)];
        for (kind, (email, password)) in logins.into_iter().enumerate() {
            let address = format!("198.51.{}.{kind}", round % 250);
            let variables = json!({ "email": email, "password": password });
            let request = post(LOG_IN, variables, &[("x-forwarded-for", &address)]);
            let begun = Instant::now();
            let body = wire.ask(&request).await?.body;
            times[kind].push(begun.elapsed());
            let answer: Value = serde_json::from_slice(body)?;
            let given = answer["data"]["sessionCreate"]["token"].as_str();
            ensure!(given.is_some() == (kind == 0), "{}: {answer}", kinds[kind]);
            token = given.map(str::to_owned).or(token);
        }
    }
    let rows: Vec<[String; 5]> = kinds
        .iter()
        .zip(&mut times)
        .map(|(kind, times)| {
            let [median, p90, p99] = [0.5, 0.9, 0.99].map(|part| millis(quantile(times, part)));
            [(*kind).to_owned(), times.len().to_string(), median, p90, p99]
        })
        .collect();
    table::print("Logins over HTTP, one after the other and by turns:", ["", "logins", "median", "p90", "p99"], &rows);
    token.context("no login went well")
}

async fn row(name: &str, server: &Server, token: &str) -> anyhow::Result<[String; 4]> {
    let products = server.ask("{ products(first: 1) { nodes { id } } }", json!({})).await?;
    let id = products["data"]["products"]["nodes"][0]["id"].as_str().context("the shop has a product")?;
    let bearer = format!("Bearer {token}");
    let by = |headers: &[(&str, &str)]| {
        let request = post(QUERY, json!({ "id": id }), headers);
        Requests { by_product: Arc::new(vec![request]), hot: 1, hot_per_cent: 100 }
    };
    let who = [by(&[]), by(&[("authorization", &bearer)])];
    let mut passes = [const { Vec::new() }; 2];
    for _ in 0..PASSES {
        for (requests, passes) in who.iter().zip(&mut passes) {
            passes.push(cpu_of_pass(server, requests).await?);
        }
    }
    let [nobody, session] = passes.map(|mut passes| {
        passes.sort_unstable();
        [passes[0], passes[passes.len() / 2]]
    });
    let added: [Duration; 2] = std::array::from_fn(|place| session[place].saturating_sub(nobody[place]));
    let both = |times: [Duration; 2]| format!("{}, {}", micros(times[0]), micros(times[1]));
    Ok([name.to_owned(), both(nobody), both(session), both(added)])
}

async fn cpu_of_pass(server: &Server, requests: &Requests) -> anyhow::Result<Duration> {
    at_saturation(server.address(), requests, WARM_UP).await?;
    let before = server.cpu()?;
    let outcome = at_saturation(server.address(), requests, LONG).await?;
    Ok((server.cpu()? - before).div_f64(outcome.times.len() as f64))
}
