//! Every request is answered the same whether its document was known or not, and whatever it is, it does no harm.

use serde_json::Value;

use super::corpus::Shelf;
use crate::support::{Answer, STAFF_KEY, Shop, on_both};

on_both!(
    every_request_is_answered_with_the_same_bytes_cold_and_warm,
    no_request_makes_the_server_fail_or_changes_anything,
);

const ID: (&str, &str) = ("x-request-id", "the-same-each-time");
const GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");
const CODES: [&str; 2] = ["BAD_USER_INPUT", "UNAUTHENTICATED"];

/// Without the places in the document, which differ when its whitespace does.
fn without_places(answer: &Answer) -> Value {
    let mut json: Value = serde_json::from_str(&answer.text).unwrap();
    for error in json["errors"].as_array_mut().into_iter().flatten() {
        error.as_object_mut().unwrap().remove("locations");
    }
    json
}

async fn every_request_is_answered_with_the_same_bytes_cold_and_warm(shop: &Shop) {
    let requests = Shelf::fill(shop).await.requests();
    assert!(requests.len() >= 80, "only {} requests", requests.len());

    for (query, variables) in requests {
        for headers in [&[ID, GRAPHQL][..], &[ID, GRAPHQL, ("x-storefront-staff-key", STAFF_KEY)]] {
            let cold = shop.send(&query, variables.clone(), headers).await;
            let warm = shop.send(&query, variables.clone(), headers).await;
            let spaced = shop.send(&format!("\n{query} \n"), variables.clone(), headers).await;

            assert_eq!((warm.status, &warm.text), (cold.status, &cold.text), "{query} {variables}");
            let is_syntax = cold.text.contains("syntax error") || query.trim().is_empty();
            assert!(
                is_syntax || without_places(&spaced) == without_places(&cold),
                "{query}: {} {}",
                spaced.text,
                cold.text
            );
        }
    }
}

async fn no_request_makes_the_server_fail_or_changes_anything(shop: &Shop) {
    let requests = Shelf::fill(shop).await.requests();
    let before = shop.contents().await;

    for (query, variables) in requests {
        for headers in [&[ID, GRAPHQL][..], &[ID, GRAPHQL, ("x-storefront-staff-key", STAFF_KEY)]] {
            let answer = shop.send(&query, variables.clone(), headers).await;

            let about = || format!("{query} {variables}: {} {}", answer.status, answer.text);
            assert!([200, 294, 400, 422].contains(&answer.status), "{}", about());
            for error in answer.json["errors"].as_array().into_iter().flatten() {
                assert!(CODES.contains(&error["extensions"]["code"].as_str().unwrap_or_default()), "{}", about());
                assert_eq!(error["extensions"]["requestId"], ID.1, "{}", about());
                assert!(!error["message"].as_str().unwrap_or_default().is_empty(), "{}", about());
                assert!(error["path"].is_array() || answer.json.get("data").is_none(), "{}", about());
            }
            assert_eq!(answer.status >= 400, answer.json.get("data").is_none(), "{}", about());
            assert_eq!(answer.status == 200, answer.json.get("errors").is_none(), "{}", about());
        }
    }
    assert_eq!(shop.contents().await, before);
}
