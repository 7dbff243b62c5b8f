//! 64 simultaneous reads of one product that nothing has cached: how many statements are run for them?
//!
//! What is asked for is the card: the product with its skus, their stock and its store. A store is a node of its own, which others of its
//! products have brought into the cache before; what is counted is read for the product, its skus and their stock.

use std::collections::HashSet;

use anyhow::Context;
use futures_util::future::try_join_all;
use serde_json::json;

use crate::compare::ask::card;
use crate::compare::contender::{Contender, Fleet};
use crate::compare::load::CONNECTIONS;
use crate::compare::run::Bench;
use crate::compare::shop::Product;
use crate::compare::statements::Statements;
use crate::compare::subject::Subject;
use crate::compare::variant::{BASELINE, CACHE, Variant};

const PRODUCTS: usize = 20;
const CONTENDERS: [(Subject, Variant, usize); 5] = [
    (Subject::Storefront, CACHE, 1),
    (Subject::Storefront, CACHE, 2),
    (Subject::Storefront, BASELINE, 1),
    (Subject::Mercurius, CACHE, 1),
    (Subject::Hono, CACHE, 1),
];

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for (subject, variant, instances) in CONTENDERS {
        let fleet = Fleet { instances, ..Fleet::default() };
        let Some(contender) = bench.start(subject, variant, fleet).await? else { continue };
        contender.refresh(&bench.shop).await?;
        // A connection for each, to the instances in turn.
        let clients: Vec<_> = (0..CONNECTIONS).map(|_| reqwest::Client::new()).collect();
        let of_stores = bench.shop.one_of_each_store().await?;
        let uuids: HashSet<&str> = of_stores.iter().map(|product| product.uuid.as_str()).collect();
        for product in of_stores {
            card(&contender.client, contender.subject, &contender.servers[0].url(""), product).await?;
        }
        let mut cold = bench.shop.products.iter().rev().filter(|product| !uuids.contains(product.uuid.as_str()));
        fly(&contender, &clients, cold.next().context("the shop has products")?).await?;
        let mut flights = Vec::new();
        for product in cold.take(PRODUCTS) {
            Statements::reset(&bench.shop.stack).await?;
            fly(&contender, &clients, product).await?;
            flights.push(Statements::read(&bench.shop.stack).await?.all());
        }
        let statements: u64 = flights.iter().sum();
        let requests = u64::from(CONNECTIONS) * PRODUCTS as u64;
        bench.results.add(&json!({
            "set": "flights", "subject": subject.name(), "variant": variant.name, "workload": "flight", "loop": "closed",
            "asked_per_second": null, "connections": CONNECTIONS, "seconds": null, "pass": 1, "requests": requests, "errors": 0,
            "statements_per_request": statements as f64 / requests as f64,
            "extra": {
                "instances": instances,
                "products": PRODUCTS,
                "statements_per_instance": statements as f64 / (PRODUCTS * instances) as f64,
                "most_of_a_product": flights.iter().max(),
            },
        }))?;
        contender.stop()?;
    }
    Ok(())
}

async fn fly(contender: &Contender, clients: &[reqwest::Client], product: &Product) -> anyhow::Result<()> {
    let servers = contender.servers.iter().cycle();
    let urls: Vec<_> = servers.take(clients.len()).map(|server| server.url("")).collect();
    let asks = clients.iter().zip(&urls).map(|(client, url)| card(client, contender.subject, url, product));
    try_join_all(asks).await.map(drop)
}
