//! Peers that speak Storefront's schema answer what it answers: the same data for many products and pages, cursors apart.

use anyhow::ensure;
use serde_json::Value;

use super::ask::{PAGE, card, end, page};
use super::contender::Contender;
use super::shop::Shop;
use super::subject::Form;

const PRODUCTS: usize = 100;
const PAGES: usize = 3;

/// An error with the first difference of a peer's answers to those of the other.
pub async fn check(shop: &Shop, own: &Contender, peer: &Contender) -> anyhow::Result<()> {
    if peer.subject.form() != Form::GraphQl {
        return Ok(());
    }
    let every = shop.products.len() / PRODUCTS;
    for product in shop.products.iter().step_by(every).take(PRODUCTS) {
        let [ours, theirs] = [own, peer]
            .map(|one| async move { card(&one.client, one.subject, &one.servers[0].url(""), product).await });
        compare(peer, ours.await?.body, theirs.await?.body)?;
    }
    let (mut our_end, mut their_end) = (Value::Null, Value::Null);
    for _ in 0..PAGES {
        let ours = page(&own.client, own.subject, &own.servers[0].url(""), PAGE, &our_end).await?.body;
        let theirs = page(&peer.client, peer.subject, &peer.servers[0].url(""), PAGE, &their_end).await?.body;
        our_end = end(&ours).cloned().unwrap_or_default();
        their_end = end(&theirs).cloned().unwrap_or_default();
        compare(peer, without_cursor(ours), without_cursor(theirs))?;
    }
    Ok(())
}

fn without_cursor(mut page: Value) -> Value {
    page["data"]["products"]["pageInfo"]["endCursor"] = Value::Null;
    page
}

fn compare(peer: &Contender, ours: Value, theirs: Value) -> anyhow::Result<()> {
    let name = peer.subject.name();
    ensure!(ours["data"] == theirs["data"], "{name} answers otherwise:\n{}\nand not\n{}", theirs["data"], ours["data"]);
    Ok(())
}
