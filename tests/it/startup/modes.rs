//! What the running program shows in development, and keeps to itself in production.

use serde_json::json;

use crate::support::{Program, run};

const SECRET: (&str, &str) = ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough");
const STAFF: (&str, &str) = ("STOREFRONT_STAFF_KEY", "a staff key of a test, long enough");
const EXPLAIN: (&str, &str) = ("x-storefront-explain", "1");

/// Whether there are: the playground, introspection, suggestions, explanations for everyone, explanations for staff.
async fn shows(program: &Program) -> [bool; 5] {
    let ask = async |query: &str, headers: &[(&str, &str)]| program.post(json!({ "query": query }), headers).await;
    let is_explained = |answer: &crate::support::Answer| answer.json["extensions"].get("explain").is_some();
    let stores = "{ stores { nodes { id } } }";
    [
        program.get("/").await.status() == 200,
        ask("{ __schema { queryType { name } } }", &[]).await.json["data"]["__schema"].is_object(),
        ask("{ storez { nodes { id } } }", &[]).await.text.contains("Did you mean"),
        is_explained(&ask(stores, &[EXPLAIN]).await),
        is_explained(&ask(stores, &[EXPLAIN, ("x-storefront-staff-key", STAFF.1)]).await),
    ]
}

#[tokio::test]
async fn development_shows_all_and_production_explains_to_staff_alone() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();

    for (environment, shown) in [
        (&[][..], [true; 5]),
        (&[("STOREFRONT_ENV", "production")], [false, false, false, false, true]),
        (&[("STOREFRONT_HOST", "0.0.0.0"), ("STOREFRONT_ENV", "development")], [true; 5]),
    ] {
        let program = Program::serve(folder.path(), &[&[SECRET, STAFF], environment].concat()).await;

        assert_eq!(shows(&program).await, shown, "{environment:?}");
        program.stop().await;
    }
}
