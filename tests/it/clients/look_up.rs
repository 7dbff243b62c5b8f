//! The look-up of a client by its key: what is remembered and for how long, and whom it asks.

use std::time::Duration;

use futures_util::future::join_all;
use storefront::auth::{ApiClient, Clients, KeptClient, KeyHash, Lives, add_client, new_key};
use storefront::db::now;
use uuid::Uuid;

use super::{create, revoke};
use crate::support::{Fleet, Shop, on_both, until};

on_both!(
    a_key_that_was_made_is_found_with_its_name_and_points,
    a_found_key_is_taken_for_its_life_whatever_becomes_of_it,
    a_revoked_key_is_refused_when_its_life_is_over,
    a_key_that_was_unknown_is_found_as_soon_as_it_is_made,
    another_key_is_nobodys,
);

const LONG: Duration = Duration::from_secs(600);
/// The primary is asked each time, and its word is kept.
const ALWAYS_ASKING: Lives = Lives { fresh: Duration::ZERO, known: LONG, again: Duration::ZERO };

async fn found(clients: &Clients, key: &str) -> ApiClient {
    clients.find(key).await.unwrap().expect("the key is a client's")
}

async fn a_key_that_was_made_is_found_with_its_name_and_points(shop: &Shop) {
    let url = shop.database_url().await;
    let (web, till) = (create(&url, &["the web shop", "--points", "1000000000"]).await, create(&url, &["till"]).await);
    let clients = Clients::new(shop.db.clone());

    let (web, till) = (found(&clients, &web).await, found(&clients, &till).await);

    assert_eq!((&*web.name, web.points), ("the web shop", Some(1_000_000_000)));
    assert_eq!((&*till.name, till.points), ("till", None));
    assert_ne!(web.id, till.id);
}

async fn a_found_key_is_taken_for_its_life_whatever_becomes_of_it(shop: &Shop) {
    let url = shop.database_url().await;
    let key = create(&url, &["web"]).await;
    let clients = Clients::with_lives(shop.db.clone(), Lives { fresh: LONG, ..Lives::default() });
    let before = found(&clients, &key).await;

    revoke(&url, "web").await;

    assert_eq!(found(&clients, &key).await, before);
    assert_eq!(Clients::new(shop.db.clone()).find(&key).await.unwrap(), None);
}

async fn a_revoked_key_is_refused_when_its_life_is_over(shop: &Shop) {
    let url = shop.database_url().await;
    let key = create(&url, &["web"]).await;
    let asking = Clients::with_lives(shop.db.clone(), ALWAYS_ASKING);
    let lives = Lives { fresh: Duration::from_millis(300), ..Lives::default() };
    let remembering = Clients::with_lives(shop.db.clone(), lives);
    found(&asking, &key).await;
    found(&remembering, &key).await;

    revoke(&url, "web").await;

    assert_eq!(asking.find(&key).await.unwrap(), None);
    until("the key is refused", async || remembering.find(&key).await.unwrap().is_none()).await;
}

async fn a_key_that_was_unknown_is_found_as_soon_as_it_is_made(shop: &Shop) {
    let clients = Clients::new(shop.db.clone());
    let key = new_key().unwrap();
    assert_eq!(clients.find(&key).await.unwrap(), None);

    let client =
        KeptClient { id: Uuid::now_v7(), name: "web".to_owned(), points: Some(7), created_at: now(), revoked_at: None };
    let pool = shop.database_pool().await;
    assert!(add_client(&pool, &client, &KeyHash::of(&key).unwrap()).await.unwrap());
    pool.close().await.unwrap();

    assert_eq!(found(&clients, &key).await, ApiClient { id: client.id, name: "web".into(), points: Some(7) });
}

async fn another_key_is_nobodys(shop: &Shop) {
    let key = create(&shop.database_url().await, &["web"]).await;
    let clients = Clients::new(shop.db.clone());
    found(&clients, &key).await;

    for other in [new_key().unwrap(), key.to_lowercase(), key[..45].to_owned(), format!("{key} "), String::new()] {
        assert_eq!(clients.find(&other).await.unwrap(), None, "{other}");
    }
}

#[tokio::test]
async fn a_replica_is_never_asked() {
    let fleet = Fleet::shared().await;
    let key = create(&fleet.primary_url(), &["primary"]).await;
    let hash: String = KeyHash::of(&key).unwrap().bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let row = format!(
        "INSERT INTO api_clients (id, name, key_hash, created_at) VALUES (gen_random_uuid(), 'replica', '\\x{hash}', now())"
    );
    let telltale = fleet.telltale(0, &[&row]).await;
    let shop = fleet.instance_on(&fleet.primary_url(), std::slice::from_ref(&telltale.url), &[]).await;
    shop.until_in_use().await;

    let client = found(&Clients::new(shop.db.clone()), &key).await;

    assert_eq!(&*client.name, "primary");
    shop.stop().await;
    telltale.end(&fleet).await;
    fleet.end().await;
}

/// Makes each reading of the clients leave a lock behind, which lasts as long as its connection.
const COUNTED: &str = "ALTER TABLE api_clients RENAME TO kept;
    CREATE FUNCTION read_clients() RETURNS SETOF kept LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_lock((random() * 1e15)::bigint);
        RETURN QUERY SELECT * FROM kept;
    END $$;
    CREATE VIEW api_clients AS SELECT * FROM read_clients();
    GRANT SELECT ON api_clients TO PUBLIC";
const COUNT: &str = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
    WHERE datname = current_database() AND locktype = 'advisory'";

#[tokio::test]
async fn those_who_ask_for_one_key_at_a_time_share_a_statement() {
    let fleet = Fleet::shared().await;
    let (key, other) = (create(&fleet.primary_url(), &["web"]).await, create(&fleet.primary_url(), &["till"]).await);
    let shop = fleet.instance(&[]).await;
    fleet.primary().execute(&fleet.database, COUNTED).await.unwrap();
    let clients = Clients::new(shop.db.clone());
    let together = async |key: &str| join_all((0..50).map(|_| clients.find(key))).await;
    assert_eq!(fleet.number(COUNT).await, 0);

    assert!(together(&key).await.into_iter().all(|found| found.unwrap().is_some()));
    assert_eq!(fleet.number(COUNT).await, 1);

    assert!(together(&key).await.into_iter().all(|found| found.unwrap().is_some()));
    assert_eq!(fleet.number(COUNT).await, 1);

    assert!(together(&new_key().unwrap()).await.into_iter().all(|found| found.unwrap().is_none()));
    // That a key is nobody's is not remembered: whoever comes after the answer asks again.
    let asked = fleet.number(COUNT).await;
    assert!((2..=4).contains(&asked), "{asked} statements");

    assert!(together(&key[..45]).await.into_iter().all(|found| found.unwrap().is_none()));
    assert_eq!(fleet.number(COUNT).await, asked);

    found(&clients, &other).await;
    assert_eq!(fleet.number(COUNT).await, asked + 1);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn while_the_primary_is_away_what_it_said_holds_on_and_nothing_else_is_believed() {
    let fleet = Fleet::faulty().await;
    let url = fleet.primary_url();
    let shop = fleet.instance(&["--connection-wait-ms", "500", "--health-timeout-ms", "400"]).await;
    let (key, other) = (create(&url, &["web"]).await, create(&url, &["till"]).await);
    let clients = Clients::with_lives(shop.db.clone(), ALWAYS_ASKING);
    let forgetful = Clients::with_lives(shop.db.clone(), Lives { known: Duration::ZERO, ..ALWAYS_ASKING });
    let known = found(&clients, &key).await;
    found(&forgetful, &key).await;

    fleet.primary().stop().await.unwrap();

    assert_eq!(found(&clients, &key).await, known);
    assert_eq!(clients.find(&other).await.unwrap_err().code(), "UNAVAILABLE");
    assert_eq!(forgetful.find(&key).await.unwrap_err().code(), "UNAVAILABLE");
    assert_eq!(clients.find(&key[..45]).await.unwrap(), None);
    for outcome in ["found", "held", "failed"] {
        assert!(shop.metric("storefront_client_lookups_total", &[("outcome", outcome)]).await > 0.0, "{outcome}");
    }

    fleet.primary().start().await.unwrap();
    until("the primary is found again", async || clients.find(&other).await.is_ok()).await;
    revoke(&url, "web").await;
    until("the key is refused", async || matches!(clients.find(&key).await, Ok(None))).await;

    fleet.primary().stop().await.unwrap();
    assert_eq!(clients.find(&key).await.unwrap_err().code(), "UNAVAILABLE");
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_primary_that_is_away_is_not_asked_for_each_request() {
    let fleet = Fleet::faulty().await;
    let shop = fleet.instance(&["--connection-wait-ms", "500", "--health-timeout-ms", "400"]).await;
    let key = create(&fleet.primary_url(), &["web"]).await;
    let clients = Clients::with_lives(shop.db.clone(), Lives { again: LONG, ..ALWAYS_ASKING });
    found(&clients, &key).await;
    fleet.primary().stop().await.unwrap();
    let known = found(&clients, &key).await;

    fleet.primary().start().await.unwrap();
    until("the primary is found again", async || clients.find(&new_key().unwrap()).await.is_ok()).await;
    revoke(&fleet.primary_url(), "web").await;

    assert_eq!(found(&clients, &key).await, known);
    shop.stop().await;
    fleet.end().await;
}
