//! A role that may not see statistics: it is warned about, and what it hides counts against its server.

use devstack::Node;
use serde_json::json;
use uuid::Uuid;

use super::acme::{roles, rows};
use super::client::{name_of, until_statuses};
use crate::support::{Answer, EXPLAIN, Fleet, Program, STAFF_KEY, TOKEN, until};

/// The address of a replica for a new role that sees its rows and no statistics.
async fn poor_url(fleet: &Fleet, replica: &Node, role: &str) -> String {
    let grants = format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    fleet.primary().execute(&fleet.database, &grants).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    replica.superuser_url(&fleet.database).replacen("postgres://postgres@", &format!("postgres://{role}@"), 1)
}

#[tokio::test]
async fn a_role_that_may_not_see_statistics_is_warned_about_and_serves_no_token() {
    let (fleet, folder) = (Fleet::shared().await, tempfile::tempdir().unwrap());
    let role = format!("poor_{}", Uuid::now_v7().simple());
    fleet.primary().execute(&fleet.database, &rows("old", 1)).await.unwrap();
    let (primary, replica) = (fleet.primary_url(), poor_url(&fleet, fleet.replica(0), &role).await);
    let environment = [
        ("DATABASE_URL", primary.as_str()),
        ("REPLICA_URLS", &replica),
        ("STOREFRONT_STAFF_KEY", STAFF_KEY),
        ("STOREFRONT_SECRET_KEY", "the secret key of this program"),
    ];
    let program = Program::serve(folder.path(), &environment).await;
    let read = async |headers: &[(&str, &str)]| {
        let request = reqwest::Client::new().post(format!("http://{}/graphql", program.address));
        let request = request.json(&json!({ "query": "{ store(slug: \"acme\") { id name } }" }));
        let request = request.header(EXPLAIN.0, EXPLAIN.1);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::read(request.send().await.unwrap()).await
    };

    until("reads go to the replica", async || roles(&read(&[]).await) == ["replica"]).await;
    let id = read(&[]).await.string("/store/id");
    let update = "mutation ($id: ID!) { storeUpdate(input: { id: $id, name: \"new\" }) { store { name } } }";
    let token = program.ask(STAFF_KEY, update, json!({ "id": id })).await.token();
    fleet.stack().await_replay().await.unwrap();

    for _ in 0..4 {
        let answer = read(&[(TOKEN, &token)]).await;
        assert_eq!((answer.string("/store/name").as_str(), roles(&answer)), ("new", vec!["primary".to_owned()]));
    }
    assert_eq!(roles(&read(&[]).await), ["replica"]);
    let (_, log) = program.stop().await;
    let warnings: Vec<_> = log.iter().filter(|line| line.contains("pg_read_all_stats")).collect();
    assert!(!warnings.is_empty(), "{log:?}");
    assert!(warnings.iter().all(|line| line.contains("WARN")), "{warnings:?}");
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    fleet.primary().execute(&fleet.database, &gone).await.unwrap();
    fleet.end().await;
}

#[tokio::test]
async fn a_standby_that_hides_whom_it_follows_is_not_read_after_another_was_promoted() {
    let fleet = Fleet::faulty().await;
    let (promoted, hiding) = (fleet.replica(0), fleet.replica(1));
    let urls = [fleet.replica_urls()[0].clone(), poor_url(&fleet, hiding, "poor").await];
    // Long enough that it is not set aside for its age.
    let lenient = ["--max-staleness-ms", "60000", "--token-life-ms", "120000"];
    let shop = fleet.instance_on(&fleet.primary_url(), &urls, &lenient).await;
    shop.store("acme").await;
    fleet.stack().await_replay().await.unwrap();
    // Its address is a socket's.
    let name = name_of(promoted);
    until("it is read before", async || {
        let (host, role) = shop.acme().await.hosts().remove(0);
        role == "replica" && host != name
    })
    .await;

    fleet.primary().kill().await.unwrap();
    promoted.promote().await.unwrap();

    until_statuses(&shop, &["unreachable", "primary", "other_timeline"]).await;
    for _ in 0..8 {
        let answer = shop.acme().await;
        assert_eq!((answer.string("/store/name").as_str(), &answer.hosts()[0].0), ("acme", &name));
    }
    shop.stop().await;
    fleet.end().await;
}
