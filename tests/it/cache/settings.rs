//! Settings of the cache: those that are wrong stop the start, and say so without a password.

use std::path::Path;

use crate::support::{Fleet, Program, run};

/// The one line of a start with this environment.
async fn complaint(folder: &Path, environment: &[(&str, &str)]) -> String {
    let environment: Vec<_> = [("STOREFRONT_PORT", "0")].into_iter().chain(environment.iter().copied()).collect();
    run(folder, &[], &environment).await.complaint().to_owned()
}

#[tokio::test]
async fn a_cache_that_is_asked_for_on_postgres_without_redis_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = ("DATABASE_URL", "postgres://shop:hunter2@127.0.0.1:1/shop");

    for environment in [
        vec![postgres, ("FEATURE_REDIS_CACHE", "true")],
        vec![postgres, ("FEATURE_REDIS_CACHE", "1"), ("REDIS_URL", "")],
        vec![postgres, ("FEATURE_REDIS_CACHE", "on"), ("REDIS_URL", " , ,")],
    ] {
        let line = complaint(folder.path(), &environment).await;

        assert!(line.contains("FEATURE_REDIS_CACHE") && line.contains("REDIS_URL"), "{environment:?}: {line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_any_stop_the_start_without_their_passwords() {
    let fleet = Fleet::shared().await;
    let primary = fleet.primary_url();
    let folder = tempfile::tempdir().unwrap();
    let sound = fleet.redis().url();
    let mixed = format!("{sound},redis://:hunter2@127.0.0.1:port/");

    for (name, value) in [
        ("REDIS_URL", "hunter2"),
        ("REDIS_URL", "http://:hunter2@127.0.0.1:6379/"),
        ("REDIS_URL", "redis://:hunter2@127.0.0.1:port/"),
        ("REDIS_URL", "redis://:hunter2@127.0.0.1:6379/hunter2"),
        ("REDIS_URL", "redis://:hun?ter#hunter2@127.0.0.1:6379"),
        ("REDIS_URL", "rediss://:hunter2@127.0.0.1:6379/#secure"),
        ("REDIS_URL", mixed.as_str()),
        ("REDIS_READ_URL", "http://:hunter2@127.0.0.1:6379/"),
        ("REDIS_READ_URL", "redis://:hunter2@127.0.0.1:port/"),
    ] {
        let mut environment = vec![("DATABASE_URL", primary.as_str()), (name, value)];
        if name == "REDIS_READ_URL" {
            environment.push(("REDIS_URL", &sound));
        }

        let line = complaint(folder.path(), &environment).await;

        assert!(line.contains(name), "{value}: {line}");
        assert!(!line.contains("hun"), "{value}: {line}");
    }
    fleet.end().await;
}

#[tokio::test]
async fn values_outside_their_ranges_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();

    for (setting, values) in [
        ("REDIS_TIMEOUT_MS", ["0", "10001"]),
        ("REDIS_CONNECT_TIMEOUT_MS", ["0", "10001"]),
        ("PRODUCT_TTL_SECS", ["0", "86401"]),
        ("STOCK_TTL_SECS", ["0", "86401"]),
        ("LIST_TTL_SECS", ["0", "86401"]),
        ("CATEGORY_LIST_TTL_SECS", ["0", "86401"]),
        ("LOCAL_CACHE_MB", ["-1", "65537"]),
        ("LOCAL_CACHE_TTL_MS", ["-1", "10001"]),
    ] {
        let name = format!("STOREFRONT_{setting}");
        for value in values.into_iter().chain(["many"]) {
            let line = complaint(folder.path(), &[(&name, value)]).await;

            assert!(line.contains(&name) && line.contains(value), "{line}");
        }
    }
    let line = complaint(folder.path(), &[("FEATURE_REDIS_CACHE", "perhaps")]).await;
    assert!(line.contains("FEATURE_REDIS_CACHE") && line.contains("perhaps"), "{line}");
}

#[tokio::test]
async fn an_authority_that_is_none_stops_the_start() {
    let fleet = Fleet::shared().await;
    let primary = fleet.primary_url();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.txt"), "this is a letter to a friend").unwrap();

    for file in ["missing.pem", "letter.txt"] {
        let environment = [
            ("DATABASE_URL", primary.as_str()),
            ("REDIS_URL", "rediss://:hunter2@127.0.0.1:1/"),
            ("STOREFRONT_REDIS_CA_FILE", file),
        ];

        let line = complaint(folder.path(), &environment).await;

        assert!(line.contains("STOREFRONT_REDIS_CA_FILE") && line.contains(file), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    fleet.end().await;
}

/// A Redis that is away is no reason not to start.
#[tokio::test]
async fn sound_settings_are_taken_whether_redis_is_there_or_not() {
    let fleet = Fleet::shared().await;
    let primary = fleet.primary_url();
    let folder = tempfile::tempdir().unwrap();

    for environment in [
        vec![("REDIS_URL", "redis://127.0.0.1:1/")],
        vec![("REDIS_URL", "redis://127.0.0.1:1/,redis://127.0.0.1:2/")],
        vec![("REDIS_URL", "rediss://:hunter2@127.0.0.1:1/3"), ("REDIS_READ_URL", "rediss://127.0.0.1:2/")],
        vec![("REDIS_URL", ""), ("REDIS_READ_URL", "")],
        vec![("REDIS_URL", "redis://127.0.0.1:1/"), ("FEATURE_REDIS_CACHE", "false")],
        vec![("FEATURE_REDIS_CACHE", "true"), ("STOREFRONT_BASELINE", "1")],
    ] {
        let environment = [&[("DATABASE_URL", primary.as_str())], &environment[..]].concat();
        let program = Program::serve(folder.path(), &environment).await;

        assert_eq!(program.get("/readyz").await.status(), 200, "{environment:?}");
        let (_, log) = program.stop().await;
        assert!(!log.join("\n").contains("hunter2"), "{log:?}");
    }
    fleet.end().await;
}
