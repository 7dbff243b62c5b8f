//! The id of a request, in the answer's header and beside every error.

use serde_json::json;

use crate::support::{Answer, Shop, on_sqlite};

on_sqlite!(
    a_sound_request_id_is_echoed,
    an_unsound_request_id_is_replaced,
    two_requests_have_two_ids,
    every_error_carries_the_id_of_its_request,
);

const ID: &str = "x-request-id";

async fn a_sound_request_id_is_echoed(shop: &Shop) {
    for id in ["a", "0192f0c1-7d3e-7b4a-9c55-1f2e3d4c5b6a", "UPPER-and-lower-09", &"x".repeat(64)] {
        for path in ["/graphql?query={__typename}", "/healthz", "/nothing-here"] {
            let response = shop.http().get(shop.url(path)).header(ID, id).send().await.unwrap();
            assert_eq!(response.headers()[ID], id, "{path}");
        }
    }
}

async fn an_unsound_request_id_is_replaced(shop: &Shop) {
    for id in ["", " ", "two words", "<script>", "a/b", "ä", "a\tb", &"x".repeat(65), "%0d%0aset-cookie:a"] {
        let answer = shop.send("{ nothing }", json!({}), &[(ID, id)]).await;
        let given = answer.headers[ID].to_str().unwrap();

        assert_ne!(given, id);
        assert_eq!(given.len(), 36, "{given}");
        assert_eq!(answer.json["errors"][0]["extensions"]["requestId"], given);
        assert!(id.trim().is_empty() || !answer.text.contains(id), "{}", answer.text);
    }
}

async fn two_requests_have_two_ids(shop: &Shop) {
    let first = shop.ask("{ __typename }", json!({})).await;
    let second = shop.ask("{ __typename }", json!({})).await;

    assert_ne!(first.headers[ID], second.headers[ID]);
}

async fn every_error_carries_the_id_of_its_request(shop: &Shop) {
    let graphql = [
        "{",
        "{ nothing nowhere }",
        "query ($a: Int!, $b: Int!) { products(first: $a) { nodes { id } } stores(last: $b) { nodes { id } } }",
        "{ a: product(id: \"?\") { id } b: product(id: \"?\") { id } users { nodes { id } } }",
        "mutation { productDelete(input: {id: \"?\"}) { userErrors { message } } }",
    ];

    for query in graphql {
        let answer = shop.send(query, json!({}), &[(ID, "the-one")]).await;
        let errors = answer.json["errors"].as_array().unwrap();

        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| error["extensions"]["requestId"] == "the-one"), "{}", answer.text);
        assert!(errors.iter().all(|error| error["extensions"]["code"].is_string()), "{}", answer.text);
    }
    let client = shop.http();
    for request in [
        client.get(shop.url("/nothing-here")),
        client.delete(shop.url("/graphql")),
        client.post(shop.url("/graphql")),
        client.post(shop.url("/graphql")).header("content-type", "application/json").body("{"),
        client.post(shop.url("/graphql")).header("accept", "text/html").body("{}"),
        client
            .post(shop.url("/graphql"))
            .header("x-storefront-staff-key", "wrong")
            .json(&json!({ "query": "{__typename}" })),
        client.get(shop.url("/graphql?query=mutation{storeUpdate(input:{id:\"a\"}){userErrors{field}}}")),
    ] {
        let answer = Answer::read(request.header(ID, "the-one").send().await.unwrap()).await;

        assert!(answer.status >= 400, "{}", answer.text);
        assert_eq!(answer.json["errors"][0]["extensions"]["requestId"], "the-one", "{}", answer.text);
    }
}
