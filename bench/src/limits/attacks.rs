//! The attack list of the tests, sent to servers in release as users run them: for each media type, cold and warm.
//!
//! An attack is repelled when both answers are the expected one and equal but for what is left in the window. The windows are so wide that
//! no attack is refused for want of points.

use std::net::SocketAddr;

use anyhow::Context;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::installation::{Installation, STAFF_KEY, WIDE};
use crate::figure::{heading, line};
use crate::server::Server;
use list::{Attack, Subject, Target, comparable, judge};
use send::send;

#[path = "../../../tests/it/attacks/list/mod.rs"]
#[expect(unused_imports, reason = "the tests use more of it")]
mod list;
#[path = "../../../tests/it/attacks/send.rs"]
mod send;

const TARGET: &str =
    "{ products(first: 1) { nodes { id skus { id } } } stores(first: 1) { edges { cursor node { id } } } }";
const HURRIED: [(&str, &str); 2] = [("STOREFRONT_HEADER_TIMEOUT_MS", "500"), ("STOREFRONT_REQUEST_TIMEOUT_MS", "500")];
const PRODUCTION: [(&str, &str); 1] = [("STOREFRONT_ENV", "production")];

/// How many attacks were sent, and the names of those that got through, with why.
#[derive(Default)]
struct Outcome {
    tried: usize,
    through: Vec<String>,
    panics: u64,
}

/// Prints the figures; the promises that were broken.
pub async fn print(installation: &Installation) -> anyhow::Result<Vec<String>> {
    let mut all = Outcome::default();
    let (_folder, sqlite) = installation.embedded(&WIDE)?;
    all.add("SQLite", against(sqlite, list::subjects).await?);
    let postgres = installation.server(&WIDE).await?;
    all.add("Postgres and Redis", against(postgres, list::subjects).await?);
    let production = installation.server(&[&WIDE[..], &PRODUCTION].concat()).await?;
    all.add("production", against(production, |_| vec![list::on_production()]).await?);
    let (_folder, hurried) = installation.embedded(&[&WIDE[..], &HURRIED].concat())?;
    all.add("slow clients", against_slowly(hurried).await?);

    heading();
    let repelled = all.tried - all.through.len();
    line("attacks repelled, each cold and warm", format!("{repelled} of {}", all.tried), "all");
    line("panics", all.panics.to_string(), "0");
    println!("attacks repelled: {repelled} of {}", all.tried);
    let panics = (all.panics > 0).then(|| format!("{} panics", all.panics));
    Ok(all.through.into_iter().map(|why| format!("an attack got through: {why}")).chain(panics).collect())
}

impl Outcome {
    fn add(&mut self, server: &str, other: Self) {
        self.tried += other.tried;
        self.through.extend(other.through.into_iter().map(|why| format!("{server}, {why}")));
        self.panics += other.panics;
    }

    /// Once all were sent.
    async fn end(mut self, server: Server) -> anyhow::Result<Self> {
        self.panics = server.metrics("storefront_panics_total").await?.iter().map(|(_, count)| count).sum();
        server.stop()?;
        Ok(self)
    }
}

/// Sends attacks one after another.
async fn against(server: Server, subjects: impl Fn(&Target) -> Vec<Subject>) -> anyhow::Result<Outcome> {
    let address = server.address().parse()?;
    let mut outcome = Outcome::default();
    for subject in subjects(&target(&server).await?) {
        for attack in &subject.attacks {
            outcome.tried += 1;
            let about = |why| format!("{}, {}: {why}", subject.name, attack.name);
            outcome.through.extend(repel(address, attack).await.err().map(about));
        }
    }
    outcome.end(server).await
}

/// Sends those that take their time, all at once.
async fn against_slowly(server: Server) -> anyhow::Result<Outcome> {
    let address = server.address().parse()?;
    let attacks = list::slow().attacks;
    let repelled = join_all(attacks.iter().map(|attack| repel(address, attack))).await;
    let through = attacks.iter().zip(repelled).filter_map(|(attack, repelled)| Some((attack.name, repelled.err()?)));
    let through = through.map(|(name, why)| format!("{name}: {why}")).collect();
    Outcome { tried: attacks.len(), through, panics: 0 }.end(server).await
}

/// Sends an attack for each media type, twice.
async fn repel(address: SocketAddr, attack: &Attack) -> Result<(), String> {
    for media in attack.request.media() {
        let cold = send(address, &attack.request, *media).await?;
        let warm = send(address, &attack.request, *media).await?;
        judge(attack, *media, &cold).map_err(|why| format!("{}: {why}", media.name()))?;
        judge(attack, *media, &warm).map_err(|why| format!("{}, the second time: {why}", media.name()))?;
        if !cold.iter().map(comparable).eq(warm.iter().map(comparable)) {
            return Err(format!("{}: another answer the second time", media.name()));
        }
    }
    Ok(())
}

async fn target(server: &Server) -> anyhow::Result<Target> {
    let answer = server.ask(TARGET, json!({})).await?;
    let text = |path: &str| {
        let found = answer["data"].pointer(path).and_then(Value::as_str);
        found.map(str::to_owned).with_context(|| format!("no {path} in {answer}"))
    };
    Ok(Target {
        product: text("/products/nodes/0/id")?,
        sku: text("/products/nodes/0/skus/0/id")?,
        store: text("/stores/edges/0/node/id")?,
        cursor: text("/stores/edges/0/cursor")?,
        staff_key: STAFF_KEY.to_owned(),
    })
}
