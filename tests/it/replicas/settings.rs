//! Settings of replicas and tokens that are wrong together stop the start; a missing right is warned about.

use serde_json::json;
use uuid::Uuid;

use super::acme::{EXPLAIN, TOKEN, roles, rows, token};
use crate::support::{Answer, Fleet, Program, STAFF_KEY, run, until};

/// The one line of a start that is refused before anything is opened.
async fn complaint(environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let environment: Vec<_> = [("STOREFRONT_PORT", "0")].into_iter().chain(environment.iter().copied()).collect();
    let line = run(folder.path(), &[], &environment).await.complaint().to_owned();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{line}");
    line
}

const PRIMARY: (&str, &str) = ("DATABASE_URL", "postgres://shop:hunter2@127.0.0.1:1/shop");
const REPLICA: &str = "postgres://shop:hunter2@127.0.0.1:2/shop";

#[tokio::test]
async fn bounds_that_would_break_the_promise_are_refused_with_their_values() {
    for (environment, words) in [
        (vec![("STOREFRONT_MAX_STALENESS_MS", "30001")], ["STOREFRONT_MAX_STALENESS_MS 30001", "TOKEN_LIFE_MS 30000"]),
        (vec![("STOREFRONT_TOKEN_LIFE_MS", "9999")], ["STOREFRONT_MAX_STALENESS_MS 10000", "TOKEN_LIFE_MS 9999"]),
        (vec![("STOREFRONT_HEALTH_INTERVAL_MS", "10000")], ["HEALTH_INTERVAL_MS 10000", "MAX_STALENESS_MS 10000"]),
        (vec![("STOREFRONT_MAX_STALENESS_MS", "200")], ["HEALTH_INTERVAL_MS 200", "MAX_STALENESS_MS 200"]),
    ] {
        for database in [vec![], vec![PRIMARY, ("REPLICA_URLS", REPLICA)]] {
            let line = complaint(&[database, environment.clone()].concat()).await;

            assert!(words.iter().all(|word| line.contains(word)), "{environment:?}: {line}");
        }
    }
}

#[tokio::test]
async fn replicas_that_cannot_be_any_are_refused_without_their_passwords() {
    let twice = format!("{REPLICA},{REPLICA}");
    let mysql = format!("{REPLICA},mysql://shop:hunter2@127.0.0.1/shop");
    let bare = "shop:hunter2@127.0.0.1/shop";
    let comma = "postgres://shop:pass,hunter2@127.0.0.1/shop";
    let odd = "postgres://shop:hunter2@127.0.0.1:port/shop";

    for (environment, words) in [
        (vec![("REPLICA_URLS", REPLICA)], "SQLite"),
        (vec![("FEATURE_READ_REPLICAS", "true")], "FEATURE_READ_REPLICAS"),
        (vec![PRIMARY, ("FEATURE_READ_REPLICAS", "true"), ("REPLICA_URLS", " , ")], "FEATURE_READ_REPLICAS"),
        (vec![PRIMARY, ("REPLICA_URLS", &twice)], "entry 2 of REPLICA_URLS"),
        (vec![PRIMARY, ("REPLICA_URLS", PRIMARY.1)], "entry 1 of REPLICA_URLS"),
        (vec![PRIMARY, ("REPLICA_URLS", &mysql)], "entry 2 of REPLICA_URLS does not begin with postgres://"),
        (vec![PRIMARY, ("REPLICA_URLS", "sqlite://other.db")], "entry 1 of REPLICA_URLS"),
        (vec![PRIMARY, ("REPLICA_URLS", bare)], "entry 1 of REPLICA_URLS"),
        (vec![PRIMARY, ("REPLICA_URLS", "hunter2")], "entry 1 of REPLICA_URLS"),
        (vec![PRIMARY, ("REPLICA_URLS", "postgres:hunter2")], "entry 1 of REPLICA_URLS"),
        (vec![PRIMARY, ("REPLICA_URLS", comma)], "entry 2 of REPLICA_URLS"),
        (vec![PRIMARY, ("REPLICA_URLS", odd)], "entry 1 of REPLICA_URLS"),
    ] {
        let line = complaint(&environment).await;

        assert!(line.contains(words), "{environment:?}: {line}");
        assert!(!line.contains("hunter2"), "{environment:?}: {line}");
    }
}

#[tokio::test]
async fn origins_that_no_browser_sends_are_refused() {
    for origins in [
        "shop.example",
        "https://",
        "https://shop.example/",
        "https://shop.example/path",
        "https://*.shop.example",
        "ftp://shop.example",
        "https://shop.example,*",
        "https://shop example",
    ] {
        let line = complaint(&[("STOREFRONT_CORS_ORIGINS", origins)]).await;

        assert!(line.contains("STOREFRONT_CORS_ORIGINS"), "{origins}: {line}");
    }
}

#[tokio::test]
async fn an_empty_list_of_replicas_is_none() {
    let folder = tempfile::tempdir().unwrap();

    for environment in [
        vec![("REPLICA_URLS", "")],
        vec![("REPLICA_URLS", " , ,"), ("FEATURE_READ_REPLICAS", "false")],
        vec![("REPLICA_URLS", ""), ("FEATURE_READ_REPLICAS", "true"), ("STOREFRONT_BASELINE", "1")],
    ] {
        let program = Program::serve(folder.path(), &environment).await;

        let ready = Answer::read(program.get("/readyz").await).await;
        assert_eq!(ready.json["servers"].as_array().unwrap().len(), 1, "{}", ready.text);
        program.stop().await;
    }
}

/// The address of a replica for a role that sees its rows and no statistics.
async fn poor_url(fleet: &Fleet, role: &str) -> String {
    let grants = format!("CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    fleet.primary().execute(&fleet.database, &grants).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    fleet.replica(0).superuser_url(&fleet.database).replacen("postgres://postgres@", &format!("postgres://{role}@"), 1)
}

#[tokio::test]
async fn a_role_that_may_not_see_statistics_is_warned_about_and_serves_no_token() {
    let (fleet, folder) = (Fleet::shared().await, tempfile::tempdir().unwrap());
    let role = format!("poor_{}", Uuid::now_v7().simple());
    fleet.primary().execute(&fleet.database, &rows("old", 1)).await.unwrap();
    let (primary, replica) = (fleet.primary_url(), poor_url(&fleet, &role).await);
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
    let token = token(&program.ask(STAFF_KEY, update, json!({ "id": id })).await);
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
