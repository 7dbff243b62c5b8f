//! The first start makes a shop out of nothing, the second finds it again.

use std::process::Stdio;
use std::time::{Duration, Instant};

use sea_orm::{Database, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use serde_json::json;

use crate::support::{Program, run, until};

const SHOP: &str = "{ products(first: 100) { nodes { id slug name } totalCount { count } } stores { nodes { id } } \
     categories { nodes { id } } users { nodes { id orders { nodes { id } } } } }";

#[tokio::test]
async fn the_first_start_fills_a_demo_and_the_second_finds_its_data_again() {
    let folder = tempfile::tempdir().unwrap();

    let first = Program::serve(folder.path(), &[]).await;
    let key = first.staff_key().await;
    let shop = first.ask(&key, SHOP, json!({})).await;
    let product = shop.string("/products/nodes/0/id");
    let rename = "mutation ($id: ID!) { productUpdate(input: { id: $id, name: \"Renamed\" }) { product { name } } }";
    first.ask(&key, rename, json!({ "id": product })).await.data("/productUpdate/product");
    let renamed = first.ask(&key, SHOP, json!({})).await;
    first.stop().await;
    let second = Program::serve(folder.path(), &[]).await;
    let found = second.ask(&second.staff_key().await, SHOP, json!({})).await;

    assert_eq!(shop.data("/products/totalCount/count"), &json!(1000));
    assert!(shop.text.contains("\"orders\":{\"nodes\":[{"), "no user has an order");
    assert_eq!(second.staff_key().await, key);
    assert_eq!(found.data(""), renamed.data(""));
    assert_eq!(found.string("/products/nodes/0/name"), "Renamed");
    assert!(folder.path().join("storefront.db").is_file());
    second.stop().await;
}

#[tokio::test]
async fn every_first_start_makes_the_same_demo_and_another_staff_key() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let query =
        "{ products(first: 100, orderBy: { field: NAME }) { nodes { slug name description tags inStock createdAt
        priceRange { min { amount } } store { slug } category { slug } skus { title code } } } }";

    let (one, other) = tokio::join!(Program::serve(one.path(), &[]), Program::serve(other.path(), &[]));

    let (one_key, other_key) = (one.staff_key().await, other.staff_key().await);
    let (one_shop, other_shop) =
        tokio::join!(one.ask(&one_key, query, json!({})), other.ask(&other_key, query, json!({})));
    assert_ne!(one_key, other_key);
    assert_eq!(one_shop.data(""), other_shop.data(""));
}

#[tokio::test]
async fn what_is_printed_leads_to_what_answers() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), &[]).await;
    program.staff_key().await;

    let printed = program.stdout().join("\n");
    let page = program.get("/").await;
    let [health, ready, metrics] =
        [program.get("/healthz").await, program.get("/readyz").await, program.get("/metrics").await];

    for path in ["/", "/graphql", "/healthz", "/readyz", "/metrics"] {
        assert!(printed.contains(&format!("http://{}{path}", program.address)), "{path} in {printed}");
    }
    assert!(printed.contains("(development)"), "{printed}");
    assert_eq!([page.status(), health.status(), ready.status(), metrics.status()], [200; 4]);
    assert!(page.text().await.unwrap().contains("GraphiQL"));
    assert!(metrics.text().await.unwrap().contains("storefront_http_requests_total"));
}

#[tokio::test]
async fn first_starts_at_the_same_moment_share_one_shop() {
    let folder = tempfile::tempdir().unwrap();

    let (one, other) = tokio::join!(Program::serve(folder.path(), &[]), Program::serve(folder.path(), &[]));

    let (one_key, other_key) = (one.staff_key().await, other.staff_key().await);
    let shop = one.ask(&one_key, SHOP, json!({})).await;
    assert_eq!(one_key, other_key);
    assert_eq!(shop.data("/products/totalCount/count"), &json!(1000));
    assert_eq!(shop.data(""), other.ask(&other_key, SHOP, json!({})).await.data(""));
}

#[tokio::test]
async fn a_start_waits_for_its_turn_while_another_process_changes_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    let other = Database::connect(format!("sqlite://{}/storefront.db", folder.path().display())).await.unwrap();
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let change = other.begin_with_options(immediate).await.unwrap();
    let begun = Instant::now();

    let ends = async {
        until("it takes longer than a request would wait", async || begun.elapsed() > Duration::from_secs(3)).await;
        change.rollback().await.unwrap();
    };
    let (program, ()) = tokio::join!(Program::serve(folder.path(), &[]), ends);

    assert_eq!(program.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn a_shop_that_its_owner_filled_gets_no_demo() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    let own = Program::serve(folder.path(), &[("STOREFRONT_ENV", "production"), SECRET, STAFF]).await;
    let create =
        "mutation { storeCreate(input: { slug: \"own\", name: \"Own\", currencyCode: EUR }) { store { id } } }";
    own.ask(STAFF.1, create, json!({})).await.data("/storeCreate/store");
    own.stop().await;

    let program = Program::serve(folder.path(), &[]).await;

    let stores = program.ask(&program.staff_key().await, "{ stores { nodes { slug } } }", json!({})).await;
    assert_eq!(stores.strings("/stores/nodes", "slug"), ["own"]);
}

const SECRET: (&str, &str) = ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough");
const STAFF: (&str, &str) = ("STOREFRONT_STAFF_KEY", "a staff key of a test, long enough");

#[tokio::test]
async fn a_server_whose_output_nobody_reads_goes_on_serving() {
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_storefront"));
    command.args(["--port", &port.to_string()]).env_clear().current_dir(folder.path()).kill_on_drop(true);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();

    drop(child.stdout.take());

    let ready = format!("http://127.0.0.1:{port}/readyz");
    until("it serves", async || {
        assert_eq!(child.try_wait().unwrap(), None, "it ended");
        reqwest::get(&ready).await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
}

#[tokio::test]
async fn the_first_query_of_the_readme_is_answered_as_it_says() {
    let readme = include_str!("../../../README.md");
    let body = readme.split_once("-d '").unwrap().1.split_once('\'').unwrap().0;
    let answer = readme.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), &[]).await;

    let request = reqwest::Client::new().post(format!("http://{}/graphql", program.address));
    let got = request.header("content-type", "application/json").body(body).send().await.unwrap();

    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (got, told) = (json(&got.text().await.unwrap()), json(answer));
    assert_eq!(got["data"], told["data"]);
    for cost in ["requested", "actual"] {
        assert_eq!(got["extensions"]["cost"][cost], told["extensions"]["cost"][cost]);
    }
    program.stop().await;
}
