//! What is no session, and who may not: over every root field, and nothing is written.

use serde_json::json;

use super::people::{Person, by, every_row, no_sessions};
use crate::support::{Answer, Shop, fields, minimal_input, on_both};

on_both!(
    what_is_no_session_is_refused_by_every_root_field,
    a_shopper_runs_no_mutation_of_staff_and_nobody_runs_one_of_shoppers,
);

/// Mutations that are there for everybody.
const FOR_EVERYBODY: [&str; 5] =
    ["emailVerify", "passwordReset", "passwordResetRequest", "sessionCreate", "userRegister"];
/// Those that are there for whoever is logged in, about themselves.
const FOR_SHOPPERS: [&str; 5] = ["passwordChange", "sessionDelete", "sessionDeleteAll", "userDelete", "userUpdate"];

/// A mutation as it is asked for with the least that it takes.
fn mutation(field: &str) -> String {
    format!("mutation {{ {field}(input: {}) {{ __typename }} }}", minimal_input(field))
}

fn mutations() -> Vec<String> {
    fields().into_iter().filter(|field| field.owner == "Mutation").map(|field| field.field).collect()
}

async fn send(shop: &Shop, document: &str, session: Option<&str>) -> Answer {
    match session {
        Some(session) => shop.send(document, json!({}), &by(session)).await,
        None => shop.ask(document, json!({})).await,
    }
}

async fn what_is_no_session_is_refused_by_every_root_field(shop: &Shop) {
    let eve = Person::join(shop, "eve").await;
    let no_sessions = no_sessions(shop, &eve.email).await;
    let queries = fields().into_iter().filter(|field| field.owner == "Query");
    // Whatever it is: it is refused before it is read.
    let queries = queries.map(|field| format!("{{ {} {{ __typename }} }}", field.field));
    let documents: Vec<String> = queries.chain(mutations().iter().map(|field| mutation(field))).collect();
    let before = every_row(shop).await;

    for (what, session) in &no_sessions {
        let mut told = Vec::new();
        for document in &documents {
            let answer = send(shop, document, Some(session)).await;
            assert_eq!((answer.status, answer.error().0.as_str()), (401, "UNAUTHENTICATED"), "{what}: {document}");
            assert_eq!(answer.json.get("data"), None, "{what}: {document}");
            told.push(answer.error().1);
        }
        told.dedup();
        assert_eq!(told, ["the session is unknown, over or ended: log in again"], "{what}");
    }
    assert!(documents.len() > 25, "only {} documents", documents.len());
    assert!(every_row(shop).await == before, "what was refused has written");
}

async fn a_shopper_runs_no_mutation_of_staff_and_nobody_runs_one_of_shoppers(shop: &Shop) {
    let (eve, bob) = (Person::join(shop, "eve").await, Person::join(shop, "bob").await);
    shop.store("acme").await;
    let before = every_row(shop).await;

    for field in mutations() {
        if FOR_EVERYBODY.contains(&field.as_str()) {
            continue;
        }
        let as_nobody = send(shop, &mutation(&field), None).await;
        assert_eq!(as_nobody.error().0, "UNAUTHENTICATED", "{field}");
        assert_eq!(as_nobody.json["data"], json!({ &field: null }), "{field}");
        if !FOR_SHOPPERS.contains(&field.as_str()) {
            let as_eve = send(shop, &mutation(&field), Some(&eve.session)).await;
            assert_eq!(as_eve.error().0, "FORBIDDEN", "{field}");
            assert_eq!(as_eve.json["data"], json!({ &field: null }), "{field}");
        }
    }
    // What shoppers may do to themselves, done to another one.
    let theirs = [
        format!(
            "mutation {{ userUpdate(input: {{ id: \"{}\", name: \"E\" }}) {{ user {{ id }} userErrors {{ code }} }} }}",
            bob.id
        ),
        format!("mutation {{ userDelete(input: {{ id: \"{}\" }}) {{ userErrors {{ code }} }} }}", bob.id),
    ];
    for document in theirs {
        let answer = send(shop, &document, Some(&eve.session)).await;
        assert!(answer.text.contains("\"NOT_FOUND\""), "{document}: {}", answer.text);
    }
    assert!(every_row(shop).await == before, "what was refused has written");
}
