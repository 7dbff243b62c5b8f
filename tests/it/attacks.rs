//! Whatever a client sends, the answer is the expected one, known or not, and nothing has changed.

mod clients;
mod list;
mod poison;
mod send;

use std::net::SocketAddr;

use serde_json::json;

use crate::support::{Answer, Kind, Program, STAFF_KEY, Shop};
use list::{Attack, Subject, Target, comparable, judge};
use send::send;

/// What clients may ask for unless a setting says otherwise. Other tests ask for more.
const STRICT: &[&str] = &["--max-cost", "5000"];
const TARGET: &str =
    "{ products(first: 1) { nodes { id skus { id } } } stores(first: 1) { edges { cursor node { id } } } }";

fn target(answer: &Answer, staff_key: &str) -> Target {
    Target {
        product: answer.string("/products/nodes/0/id"),
        sku: answer.string("/products/nodes/0/skus/0/id"),
        store: answer.string("/stores/edges/0/node/id"),
        cursor: answer.string("/stores/edges/0/cursor"),
        staff_key: staff_key.to_owned(),
    }
}

/// A shop with something to lose.
async fn shop(kind: Kind, flags: &[&str]) -> Shop {
    let shop = Shop::start_with(kind, flags).await;
    let store = shop.store("acme").await;
    let product = shop.product(&store, "board").await;
    let sku = shop.sku(&product, "19.99").await;
    shop.stock(&sku, 7).await;
    let user = shop.user("ada@example.com").await;
    shop.order_of(&user, &sku).await;
    shop
}

/// Sends an attack for each media type, twice.
async fn repel(address: SocketAddr, attack: &Attack) -> Result<(), String> {
    for media in attack.request.media() {
        let cold = send(address, &attack.request, *media).await?;
        let warm = send(address, &attack.request, *media).await?;
        judge(attack, *media, &cold).map_err(|why| format!("{}: {why}", media.name()))?;
        judge(attack, *media, &warm).map_err(|why| format!("{}, the second time: {why}", media.name()))?;
        if !cold.iter().map(comparable).eq(warm.iter().map(comparable)) {
            return Err(format!("{}: {cold:?}, the second time {warm:?}", media.name()));
        }
    }
    Ok(())
}

/// Every attack is repelled, and the database is as it was after each subject.
async fn nothing_gets_through(shop: &Shop, subjects: &[Subject]) {
    let before = (shop.contents().await, shop.rows().await);
    let mut broken = Vec::new();
    for Subject { name, attacks } in subjects {
        for attack in attacks {
            broken.extend(repel(shop.address, attack).await.err().map(|why| format!("{name}, {}: {why}", attack.name)));
        }
        assert_eq!(shop.contents().await, before.0, "{name}: the database has changed");
    }
    assert!(broken.is_empty(), "{} attacks are not repelled:\n{}", broken.len(), broken.join("\n"));
    assert_eq!(shop.rows().await, before.1);
    assert_eq!(shop.ask("{ __typename }", json!({})).await.string("/__typename"), "Query");
}

async fn every_attack_is_repelled(kind: Kind) {
    let shop = shop(kind, STRICT).await;

    let target = target(&shop.ask(TARGET, json!({})).await, STAFF_KEY);
    nothing_gets_through(&shop, &list::subjects(&target)).await;

    shop.stop().await;
}

#[tokio::test]
async fn on_sqlite_every_attack_is_repelled() {
    every_attack_is_repelled(Kind::Sqlite).await;
}

#[tokio::test]
async fn on_postgres_every_attack_is_repelled() {
    every_attack_is_repelled(Kind::Postgres).await;
}

#[tokio::test]
async fn a_server_in_production_keeps_to_itself_what_it_is_made_of() {
    let flags = ["--environment", "production", "--secret-key", "the secret key of the tests"];
    let shop = shop(Kind::Sqlite, &[STRICT, &flags].concat()).await;

    nothing_gets_through(&shop, &[list::on_production()]).await;

    shop.stop().await;
}

#[tokio::test]
async fn a_client_that_takes_its_time_is_not_waited_for() {
    let flags = ["--header-timeout-ms", "500", "--request-timeout-ms", "500"];
    let hurried = Shop::start_with(Kind::Sqlite, &[STRICT, &flags].concat()).await;

    // All at once: they are many, and each takes as long as it is let.
    let attacks = list::slow().attacks;
    let repelled = futures_util::future::join_all(attacks.iter().map(|attack| repel(hurried.address, attack))).await;
    let broken = attacks.iter().zip(repelled).filter_map(|(attack, repelled)| Some((attack.name, repelled.err()?)));

    assert_eq!(broken.collect::<Vec<_>>(), []);
    hurried.stop().await;
}

#[tokio::test]
async fn the_program_stands_every_attack_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    // So much that no attack is refused for want of points. Windows have tests of their own.
    let wide = ["STOREFRONT_ADDRESS_POINTS", "STOREFRONT_CLIENT_POINTS", "STOREFRONT_WINDOW_MUTATIONS"];
    let wide = wide.map(|name| (name, "1000000000"));
    let program = Program::serve(folder.path(), &wide).await;
    let staff_key = program.staff_key().await;

    let target = target(&program.ask(&staff_key, TARGET, json!({})).await, &staff_key);
    let mut broken = Vec::new();
    for attack in list::subjects(&target).iter().flat_map(|subject| &subject.attacks) {
        broken.extend(repel(program.address, attack).await.err().map(|why| format!("{}: {why}", attack.name)));
    }

    assert!(broken.is_empty(), "{} attacks are not repelled:\n{}", broken.len(), broken.join("\n"));
    assert_eq!(program.metric("storefront_panics_total", &[]).await, 0.0);
    let (_, log) = program.stop().await;
    assert!(!log.iter().any(|line| line.contains("panicked")), "{log:?}");
}

#[test]
fn the_list_has_more_than_a_hundred_attacks_of_distinct_names() {
    let [product, store, sku, cursor, staff_key] =
        ["a product", "a store", "a sku", "a cursor", "a staff key"].map(str::to_owned);
    let mut subjects = list::subjects(&Target { product, store, sku, cursor, staff_key });
    subjects.extend([list::on_production(), list::slow()]);
    let mut names: Vec<&str> = subjects.iter().flat_map(|subject| &subject.attacks).map(|attack| attack.name).collect();
    let count = names.len();

    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();

    assert!(count >= 120, "only {count} attacks");
    assert!(twice.is_empty(), "{twice:?}");
}

#[tokio::test]
async fn what_is_foreign_here_is_sound_where_it_comes_from() {
    let shop = Shop::start_with(Kind::Sqlite, &["--secret-key", "the secret of another shop"]).await;

    let order =
        shop.ask_as_staff("query ($id: ID!) { node(id: $id) { id } }", json!({ "id": list::FOREIGN_ORDER })).await;
    let after = json!({ "after": list::FOREIGN_CURSOR });
    let stores = shop.ask("query ($after: String) { stores(after: $after) { nodes { id } } }", after).await;

    assert!(order.data("/node").is_null());
    assert_eq!(stores.data("/stores/nodes"), &json!([]));
    assert!(shop.app.tokens.open(list::FOREIGN_TOKEN).is_some());
    shop.stop().await;
}
