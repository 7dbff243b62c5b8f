//! More clients than connections: each is answered in time, and those who leave take no place.

use std::time::Duration;

use devstack::{Proxy, StackOptions};
use futures_util::future::join_all;
use sea_orm::sqlx::{Connection, PgConnection};
use serde_json::json;

use crate::support::{Answer, Fleet, Impatient, Shop, until};

const CLIENTS: usize = 200;
/// Longer than any bound of a request.
const ANSWERED_WITHIN: Duration = Duration::from_secs(40);

const STORE: &str = "{ store(slug: \"acme\") { name } }";

const FEW: [&str; 4] = ["--replica-connections", "2", "--read-connections", "2"];

async fn fill(fleet: &Fleet, shop: &Shop) {
    shop.until_in_use().await;
    shop.store("acme").await;
    fleet.stack().await_replay().await.unwrap();
}

async fn all_at_once(shop: &Shop) -> Vec<Answer> {
    let asked = join_all((0..CLIENTS).map(|_| shop.ask(STORE, json!({}))));
    tokio::time::timeout(ANSWERED_WITHIN, asked).await.expect("a query hangs")
}

#[tokio::test]
async fn two_hundred_clients_of_two_connections_are_all_answered() {
    let fleet = Fleet::shared().await;
    let impatient = ["--connection-wait-ms", "500", "--statement-timeout-ms", "3000"];
    let shop = fleet.instance(&[&FEW[..], &impatient].concat()).await;
    fill(&fleet, &shop).await;

    let answers = all_at_once(&shop).await;
    for answer in &answers {
        assert!(answer.json["data"]["store"]["name"] == "acme" || answer.error().0 == "UNAVAILABLE", "{}", answer.text);
    }

    let blockade = shop.block("stores").await;
    fleet.stack().await_replay().await.unwrap();
    let answers = all_at_once(&shop).await;
    blockade.lift().await;
    let codes: Vec<_> = answers.iter().map(|answer| answer.error().0).collect();
    assert!(codes.iter().filter(|code| *code == "UNAVAILABLE").count() >= CLIENTS - 3 * 4, "{codes:?}");
    for answer in &answers {
        assert!(answer.status == 503 && answer.headers["retry-after"] == "1", "{}", answer.text);
    }

    until("the next one is served", async || shop.acme().await.json["data"]["store"]["name"] == "acme").await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn clients_that_hang_up_while_they_wait_leave_their_places_at_once() {
    let fleet = Fleet::shared().await;
    // Their ports name the replicas in the metrics of this test alone.
    let proxies = [0, 1].map(|index| fleet.replica(index).proxy().unwrap());
    let urls = [0, 1].map(|index| proxies[index].url(&fleet.replica_urls()[index]));
    let patient = ["--connection-wait-ms", "30000", "--statement-timeout-ms", "30000", "--request-timeout-ms", "60000"];
    let shop = fleet.instance_on(&fleet.primary_url(), &urls, &[&FEW[..], &patient].concat()).await;
    fill(&fleet, &shop).await;
    let reads = async || {
        let of = |proxy: &Proxy| proxy.address().to_string();
        let hosts = proxies.iter().map(of).collect::<Vec<_>>();
        let read = hosts.iter().map(async |host| shop.metric("storefront_reads_total", &[("host", host)]).await);
        join_all(read).await.into_iter().sum::<f64>()
    };
    let blockade = shop.block("stores").await;
    fleet.stack().await_replay().await.unwrap();
    let before = reads().await;

    let waiting = async || fleet.waiting(fleet.replica(0)).await.len() + fleet.waiting(fleet.replica(1)).await.len();
    let clients = join_all((0..CLIENTS).map(|_| Impatient::ask(shop.address, STORE, json!({})))).await;
    until("all connections are taken", async || waiting().await == 4).await;
    join_all(clients.into_iter().map(Impatient::hang_up)).await;
    blockade.lift().await;

    assert_eq!(shop.acme().await.string("/store/name"), "acme");
    assert_eq!(reads().await - before, 1.0, "those who hung up were served");
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_replica_whose_connections_others_have_used_up_fails_no_read() {
    let few = vec![("max_connections".to_owned(), "30".to_owned())];
    let fleet = Fleet::faulty_with(StackOptions { redis: false, postgres_settings: few, ..Default::default() }).await;
    let shop = fleet.instance(&["--connection-wait-ms", "1500"]).await;
    shop.store("acme").await;
    fleet.stack().await_replay().await.unwrap();
    // The checks have their connections, and nobody has read yet: asking for readiness would.
    let is_read = async || shop.db.servers().iter().all(|(_, status, _)| status.is_read());
    until("every server is in use", is_read).await;
    let crowded = fleet.replica(0);
    let mut others = Vec::new();
    let refusal = loop {
        match PgConnection::connect(&crowded.url(&fleet.database)).await {
            Ok(session) => others.push(session),
            Err(error) => break error,
        }
    };
    assert_eq!(refusal.as_database_error().unwrap().code().unwrap(), "53300");

    let answers = join_all((0..10).map(|_| shop.acme())).await;

    for answer in &answers {
        assert_eq!(answer.string("/store/name"), "acme");
        assert!(answer.hosts().iter().all(|(host, _)| *host != crowded.address().to_string()), "{}", answer.text);
    }
    let tried = shop.metric("storefront_read_retries_total", &[("host", &crowded.address().to_string())]).await;
    assert!(tried > 0.0, "nobody was sent there");
    join_all(others.into_iter().map(PgConnection::close)).await;
    until("it is read again", async || shop.acme().await.hosts()[0].0 == crowded.address().to_string()).await;
    shop.stop().await;
    fleet.end().await;
}
