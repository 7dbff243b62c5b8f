//! Media types and compression.

use serde_json::json;

use crate::support::{Answer, Shop, on_sqlite};

on_sqlite!(
    the_answer_has_the_media_type_that_the_client_takes_most_gladly,
    a_client_that_takes_no_json_is_told_so,
    a_refused_request_is_400_for_who_asks_for_graphql_response_json,
    an_answer_with_data_and_errors_is_partial_for_who_knows_that_status,
    a_long_answer_is_compressed_for_who_takes_gzip,
);

async fn ask(shop: &Shop, query: &str, accept: &[&str]) -> Answer {
    let request = shop.http().post(shop.url("/graphql")).json(&json!({ "query": query }));
    let request = accept.iter().fold(request, |request, value| request.header("accept", *value));
    Answer::read(request.send().await.unwrap()).await
}

const ACCEPT_GRAPHQL: &str = "application/graphql-response+json";
const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

async fn the_answer_has_the_media_type_that_the_client_takes_most_gladly(shop: &Shop) {
    for (accept, given) in [
        (&["*/*"][..], JSON),
        (&["application/*"], JSON),
        (&["application/json"], JSON),
        (&["application/graphql-response+json"], GRAPHQL),
        (&["APPLICATION/GraphQL-Response+JSON"], GRAPHQL),
        (&["application/graphql-response+json; charset=utf-8"], GRAPHQL),
        (&["application/graphql-response+json, application/json;q=0.9"], GRAPHQL),
        (&["application/json, application/graphql-response+json"], JSON),
        (&["application/json;q=0.1, application/graphql-response+json;q=0.2"], GRAPHQL),
        (&["application/graphql-response+json;q=0, application/json"], JSON),
        (&["application/graphql-response+json;q=0, */*;q=0.1"], JSON),
        (&["application/json;q=0.5, */*"], GRAPHQL),
        (&["application/graphql-response+json, */*"], GRAPHQL),
        (&["*/*, application/graphql-response+json"], GRAPHQL),
        (&["application/json;q=0, application/*"], GRAPHQL),
        (&["text/html, application/xhtml+xml, */*;q=0.8"], JSON),
        (&["text/html", "application/graphql-response+json;q=0.5"], GRAPHQL),
        (&["multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json"], GRAPHQL),
    ] {
        let answer = ask(shop, "{ __typename }", accept).await;

        assert_eq!(answer.string("/__typename"), "Query");
        assert_eq!(answer.headers["content-type"], given, "{accept:?}");
    }
}

async fn a_client_that_takes_no_json_is_told_so(shop: &Shop) {
    for accept in ["text/html", "text/html, image/png;q=0.9", "application/json;q=0", "application/xml", "*/*;q=0"] {
        let answer = ask(shop, "{ __typename }", &[accept]).await;

        assert_eq!(answer.status, 406, "{accept}");
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
        assert_eq!(answer.json.get("data"), None);
    }
}

async fn a_refused_request_is_400_for_who_asks_for_graphql_response_json(shop: &Shop) {
    for refused in ["{", "{ nothing }", "query ($a: Int!) { __typename @include(if: true) }", "{ a: stores }"] {
        let strict = ask(shop, refused, &[ACCEPT_GRAPHQL]).await;
        let lenient = ask(shop, refused, &["application/json"]).await;

        assert_eq!((strict.status, lenient.status), (400, 200), "{refused}");
        assert_eq!(strict.headers["content-type"], GRAPHQL);
        assert_eq!(strict.json.get("data"), None);
        assert_eq!(strict.error().0, "BAD_USER_INPUT");
    }
    let undecided = "query A { __typename } query B { __typename }";
    assert_eq!(ask(shop, undecided, &[ACCEPT_GRAPHQL]).await.status, 422);
    assert_eq!(ask(shop, undecided, &["application/json"]).await.status, 200);
}

async fn an_answer_with_data_and_errors_is_partial_for_who_knows_that_status(shop: &Shop) {
    let query = "{ product(id: \"?\") { id } }";

    let strict = ask(shop, query, &[ACCEPT_GRAPHQL]).await;
    let lenient = ask(shop, query, &["application/json"]).await;

    assert_eq!((strict.status, lenient.status), (294, 200));
    for answer in [strict, lenient] {
        assert_eq!(answer.json["data"], json!({ "product": null }));
        assert_eq!(answer.error().0, "BAD_USER_INPUT");
    }
}

async fn a_long_answer_is_compressed_for_who_takes_gzip(shop: &Shop) {
    let query = json!({ "query": "{ __schema { types { name description } } }" });
    let send = async |encoding: &str| {
        let request = shop.http().post(shop.url("/graphql")).header("accept-encoding", encoding).json(&query);
        request.send().await.unwrap()
    };

    let compressed = send("gzip, deflate, br").await;
    let plain = send("identity").await;

    assert_eq!(compressed.headers()["content-encoding"], "gzip");
    assert!(compressed.headers()["vary"].to_str().unwrap().to_lowercase().contains("accept-encoding"));
    assert_eq!(plain.headers().get("content-encoding"), None);
    let (compressed, plain) = (compressed.bytes().await.unwrap(), plain.bytes().await.unwrap());
    assert_eq!(compressed[..2], [0x1f, 0x8b]);
    assert!(compressed.len() * 2 < plain.len(), "{} of {} bytes", compressed.len(), plain.len());
}
