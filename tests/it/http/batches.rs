//! Several operations in one request: off unless a setting says otherwise, and priced together.

use serde_json::{Value, json};

use crate::support::{Answer, Kind, STAFF, Shop, TOKEN, on_both};

on_both!(a_list_of_requests_is_refused_where_batches_are_off);

async fn post(shop: &Shop, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let request = shop.http().post(shop.url("/graphql")).json(body);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Answer::read(request.send().await.unwrap()).await
}

async fn a_list_of_requests_is_refused_where_batches_are_off(shop: &Shop) {
    let answer = post(shop, &json!([{ "query": "{ __typename }" }]), &[]).await;

    assert_eq!((answer.status, answer.error().0.as_str()), (422, "BAD_USER_INPUT"));
    assert!(answer.error().1.contains("batches are off"), "{}", answer.text);
}

async fn operations_of_a_batch_run_in_order_and_are_answered_together(kind: Kind) {
    let shop = Shop::start_with(kind, &["--max-batch", "3"]).await;
    let create =
        "mutation { storeCreate(input: {slug: \"a\", name: \"a\", currencyCode: \"EUR\"}) { store { slug } } }";
    let stores = "{ stores { nodes { slug } } }";

    let answer =
        post(&shop, &json!([{ "query": create }, { "query": "{ nothing }" }, { "query": stores }]), &[STAFF]).await;

    let answers = answer.json.as_array().unwrap_or_else(|| panic!("{}", answer.text));
    assert_eq!(answer.status, 200);
    assert_eq!(answers[0]["data"]["storeCreate"]["store"]["slug"], "a");
    assert_eq!(answers[1]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(answers[2]["data"]["stores"]["nodes"], json!([{ "slug": "a" }]));
    assert_eq!(answers[0]["extensions"]["consistency"]["token"], answer.headers[TOKEN].to_str().unwrap());
    let costs: Vec<&Value> = answers.iter().map(|answer| &answer["extensions"]["cost"]["requested"]).collect();
    assert_eq!(costs, [&json!(11), &json!(10), &json!(22)]);
    shop.stop().await;
}

#[tokio::test]
async fn on_sqlite_operations_of_a_batch_run_in_order_and_are_answered_together() {
    operations_of_a_batch_run_in_order_and_are_answered_together(Kind::Sqlite).await;
}

#[tokio::test]
async fn on_postgres_operations_of_a_batch_run_in_order_and_are_answered_together() {
    operations_of_a_batch_run_in_order_and_are_answered_together(Kind::Postgres).await;
}

#[tokio::test]
async fn a_batch_costs_what_its_operations_cost_together() {
    let flags = ["--max-batch", "3", "--max-cost", "100", "--address-points", "130", "--client-points", "130"];
    let shop = Shop::start_with(Kind::Sqlite, &flags).await;
    let page = |size: u32| json!({ "query": format!("{{ stores(first: {size}) {{ nodes {{ slug }} }} }}") });

    let too_long = post(&shop, &json!([page(1), page(1), page(1), page(1)]), &[]).await;
    let too_dear = post(&shop, &json!([page(50), page(50)]), &[]).await;
    let taken = post(&shop, &json!([page(46), page(46)]), &[]).await;

    assert_eq!((too_long.status, too_long.error().0.as_str()), (422, "BAD_USER_INPUT"));
    assert!(too_long.error().1.contains("4 requests is over the maximum of 3"), "{}", too_long.text);
    assert_eq!((too_dear.status, too_dear.error().0.as_str()), (200, "MAX_COST_EXCEEDED"));
    assert!(too_dear.error().1.contains("104 points, over the maximum of 100"), "{}", too_dear.text);
    assert_eq!(taken.json[1]["data"]["stores"]["nodes"], json!([]), "{}", taken.text);
    assert_eq!(taken.json[0]["extensions"]["cost"]["window"]["remaining"], 130 - 10 - 20 - 96);
    shop.stop().await;
}

#[tokio::test]
async fn an_empty_batch_is_none() {
    let shop = Shop::start_with(Kind::Sqlite, &["--max-batch", "3"]).await;

    let answer = post(&shop, &json!([]), &[]).await;

    assert_eq!((answer.status, answer.error().0.as_str()), (422, "BAD_USER_INPUT"));
    shop.stop().await;
}
