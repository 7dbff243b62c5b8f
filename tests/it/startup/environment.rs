//! Development on a loopback address, production elsewhere, and what production does not do.

use serde_json::json;

use crate::support::{Program, run};

const SECRET: (&str, &str) = ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough");
const STAFF: (&str, &str) = ("STOREFRONT_STAFF_KEY", "a staff key of a test, long enough");
const PRODUCTION: (&str, &str) = ("STOREFRONT_ENV", "production");

#[tokio::test]
async fn production_needs_a_secret_key() {
    let folder = tempfile::tempdir().unwrap();

    for environment in [PRODUCTION, ("STOREFRONT_HOST", "0.0.0.0"), ("STOREFRONT_HOST", "::")] {
        let ended = run(folder.path(), &["--port", "0"], &[environment]).await;

        let line = ended.complaint();
        assert!(line.contains("STOREFRONT_SECRET_KEY") && line.contains("production"), "{line}");
    }
}

#[tokio::test]
async fn production_does_not_touch_the_tables() {
    let folder = tempfile::tempdir().unwrap();

    let behind = run(folder.path(), &["--port", "0"], &[PRODUCTION, SECRET]).await;
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    let program = Program::serve(folder.path(), &[PRODUCTION, SECRET, STAFF]).await;

    assert!(behind.complaint().contains("storefront migrate up"), "{behind:?}");
    let products = program.ask(STAFF.1, "{ products { nodes { id } } stores { nodes { id } } }", json!({})).await;
    assert_eq!(products.data(""), &json!({ "products": { "nodes": [] }, "stores": { "nodes": [] } }));
}

#[tokio::test]
async fn beyond_loopback_it_is_production_without_a_playground() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    let environment = [("STOREFRONT_HOST", "0.0.0.0"), SECRET];
    let program = Program::serve(folder.path(), &environment).await;
    let local = |path: &str| format!("http://127.0.0.1:{}{path}", program.address.port());

    let page = reqwest::get(local("/")).await.unwrap();
    let health = reqwest::get(local("/healthz")).await.unwrap();

    assert_eq!([page.status(), health.status()], [404, 200]);
    let (printed, log) = program.stop().await;
    let printed = printed.join("\n");
    assert!(printed.contains("(production)"), "{printed}");
    assert!(!printed.contains("GraphiQL") && !printed.contains("Staff key"), "{printed}");
    assert!(log.iter().any(|line| line.contains("STOREFRONT_STAFF_KEY")), "{log:?}");
}

#[tokio::test]
async fn development_beyond_loopback_has_to_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("STOREFRONT_HOST", "0.0.0.0"), ("STOREFRONT_ENV", "development")];

    let program = Program::serve(folder.path(), &environment).await;

    let page = reqwest::get(format!("http://127.0.0.1:{}/", program.address.port())).await.unwrap();
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn a_configured_staff_key_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();

    let program = Program::serve(folder.path(), &[STAFF, SECRET]).await;

    let users = program.ask(STAFF.1, "{ users(first: 1) { nodes { id } } }", json!({})).await;
    users.data("/users/nodes");
    let page = program.get("/").await.text().await.unwrap();
    assert!(!page.contains(STAFF.1), "the page holds the staff key");
    let (printed, log) = program.stop().await;
    let all = [printed, log].concat().join("\n");
    assert!(!all.contains(STAFF.1) && !all.contains(SECRET.1), "{all}");
}
