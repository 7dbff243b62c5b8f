//! Settings of replicas and tokens: those that are wrong, alone or together, stop the start.

use crate::support::{Answer, Program, run};

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
    for (setting, value, words) in [
        ("MAX_STALENESS_MS", "29001", vec!["MAX_STALENESS_MS 29001", "HEALTH_TIMEOUT_MS 1000", "TOKEN_LIFE_MS 30000"]),
        (
            "HEALTH_TIMEOUT_MS",
            "20001",
            vec!["MAX_STALENESS_MS 10000", "HEALTH_TIMEOUT_MS 20001", "TOKEN_LIFE_MS 30000"],
        ),
        ("TOKEN_LIFE_MS", "10999", vec!["MAX_STALENESS_MS 10000", "HEALTH_TIMEOUT_MS 1000", "TOKEN_LIFE_MS 10999"]),
        ("HEALTH_INTERVAL_MS", "10000", vec!["HEALTH_INTERVAL_MS 10000", "MAX_STALENESS_MS 10000"]),
        ("MAX_STALENESS_MS", "200", vec!["HEALTH_INTERVAL_MS 200", "MAX_STALENESS_MS 200"]),
    ] {
        let setting = format!("STOREFRONT_{setting}");
        for database in [vec![], vec![PRIMARY, ("REPLICA_URLS", REPLICA)]] {
            let line = complaint(&[database, vec![(&setting, value)]].concat()).await;

            assert!(words.iter().all(|word| line.contains(&format!("STOREFRONT_{word}"))), "{setting} {value}: {line}");
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
async fn bounds_that_just_keep_the_promise_and_switches_in_every_form_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let replicas = [PRIMARY, ("REPLICA_URLS", REPLICA)];

    for on in ["true", "1", "on", "yes"] {
        let line = complaint(&[PRIMARY, ("FEATURE_READ_REPLICAS", on)]).await;
        assert!(line.contains("REPLICA_URLS names no replica"), "{on}: {line}");
        let line = complaint(&[&replicas[..], &[("FEATURE_SHARDING", on)]].concat()).await;
        assert!(line.contains("FEATURE_SHARDING is on"), "{on}: {line}");
    }
    let line = complaint(&[("FEATURE_READ_REPLICAS", "maybe")]).await;
    assert!(line.contains("maybe"), "{line}");
    let off = [
        ("FEATURE_READ_REPLICAS", "off"),
        ("FEATURE_REDIS_CACHE", "no"),
        ("FEATURE_RATE_LIMIT", "0"),
        ("FEATURE_DISTRIBUTED_LOCKS", "false"),
        ("STOREFRONT_MAX_STALENESS_MS", "29000"),
    ];
    Program::serve(folder.path(), &off).await.stop().await;
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
