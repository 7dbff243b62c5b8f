//! What is logged while a request is worked on names it.

use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::support::{Program, run, until};

/// A line that a request with the id `the-one` leaves, with these settings of the log, and whether another one left one as well.
async fn logged(log: &[(&str, &str)]) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    let production =
        [("STOREFRONT_ENV", "production"), ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough")];
    let program = Program::serve(folder.path(), &[&production, log].concat()).await;
    let url = format!("sqlite://{}", folder.path().join("storefront.db").display());
    Database::connect(url).await.unwrap().execute_unprepared("ALTER TABLE stores RENAME TO gone").await.unwrap();
    let of = |id| program.stderr().into_iter().find(|line| line.contains("a field failed") && line.contains(id));
    for id in ["another", "the-one"] {
        program.post(json!({ "query": "{ stores { nodes { id } } }" }), &[("x-request-id", id)]).await;
    }
    until("a field has failed", async || of("the-one").is_some()).await;
    (of("the-one").unwrap(), of("another").is_some())
}

#[tokio::test]
async fn a_line_names_its_request() {
    let (text, _) = logged(&[]).await;
    assert!(text.contains(" request{id=the-one}: storefront::"), "{text}");

    let (of_errors, _) = logged(&[("STOREFRONT_LOG", "error")]).await;
    assert!(of_errors.contains(" request{id=the-one}: storefront::"), "{of_errors}");

    let (json, _) = logged(&[("STOREFRONT_LOG_FORMAT", "json")]).await;
    let line: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(line["span"], json!({ "name": "request", "id": "the-one" }), "{json}");
}

#[tokio::test]
async fn lines_are_filtered_by_the_id_of_their_request() {
    let (_, did_another) = logged(&[("STOREFRONT_LOG", "off,[request{id=the-one}]=error")]).await;

    assert!(!did_another);
}
