//! GraphiQL in development, and what a server in production keeps to itself.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Answer, Kind, STAFF_KEY, Shop, on_sqlite};

on_sqlite!(every_example_operation_is_a_tab, a_configured_staff_key_is_never_filled_in);

/// The value of a property of GraphiQL in the page.
fn property(page: &str, name: &str) -> Value {
    let start = page.find(&format!("{name}: ")).unwrap_or_else(|| panic!("no {name} in {page}")) + name.len() + 2;
    let mut values = serde_json::Deserializer::from_str(&page[start..]).into_iter::<Value>();
    values.next().unwrap().unwrap()
}

async fn every_example_operation_is_a_tab(shop: &Shop) {
    let page = Answer::read(shop.http().get(shop.url("/")).send().await.unwrap()).await;

    assert_eq!(page.status, 200);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    let tabs = property(&page.text, "defaultTabs");
    let tabs: Vec<&str> = tabs.as_array().unwrap().iter().map(|tab| tab["query"].as_str().unwrap()).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("operations");
    for file in std::fs::read_dir(folder).unwrap() {
        let operation = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(tabs.contains(&operation.as_str()), "no tab holds {operation}");
    }
}

async fn a_configured_staff_key_is_never_filled_in(shop: &Shop) {
    let page = shop.http().get(shop.url("/")).send().await.unwrap().text().await.unwrap();

    assert!(!page.contains(STAFF_KEY));
    assert_eq!(property(&page, "defaultHeaders"), json!(""));
}

#[tokio::test]
async fn the_servers_own_staff_key_is_filled_in_at_this_machine_only() {
    let shop = Shop::start_without_staff_key(Kind::Sqlite, &[]).await;
    let own_key = shop.app.own_staff_key.clone().unwrap();
    let port = shop.address.port();

    for host in
        [format!("127.0.0.1:{port}"), format!("localhost:{port}"), "LOCALHOST".to_owned(), format!("[::1]:{port}")]
    {
        let page = shop.wire_get("/", &[&format!("host: {host}")]).await;
        assert!(page.contains(&own_key), "{host}");
    }
    for headers in [
        &["host: shop.example.com"][..],
        &["host: shop.example.com:8000"],
        &["host: 127.0.0.1.example.com"],
        &["host: localhost.example.com"],
        &["host: 192.168.0.1"],
        &["host: localhost", "x-forwarded-for: 10.0.0.1"],
        &["host: localhost", "x-forwarded-host: shop.example.com"],
        &["host: localhost", "forwarded: for=10.0.0.1"],
        &["host: localhost", "x-real-ip: 10.0.0.1"],
        &["host: localhost", "via: 1.1 proxy"],
        &["host:"],
    ] {
        let page = shop.wire_get("/", headers).await;
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("defaultTabs"), "{headers:?} {page}");
        assert!(!page.contains(&own_key), "{headers:?}");
    }
    let other_host_in_the_address = shop.wire_get("http://shop.example.com/", &["host: localhost"]).await;
    assert!(!other_host_in_the_address.contains(&own_key), "{other_host_in_the_address}");

    shop.stop().await;
}

#[tokio::test]
async fn the_key_that_is_filled_in_makes_its_bearer_staff() {
    let shop = Shop::start_without_staff_key(Kind::Sqlite, &[]).await;
    let page = shop.http().get(shop.url("/")).send().await.unwrap().text().await.unwrap();

    let headers: Value = serde_json::from_str(property(&page, "defaultHeaders").as_str().unwrap()).unwrap();
    let (name, key) = headers.as_object().unwrap().iter().next().unwrap();
    let answer = shop.send("{ users { totalCount { count } } }", json!({}), &[(name, key.as_str().unwrap())]).await;

    assert_eq!(answer.data("/users/totalCount/count"), &json!(0));
    shop.stop().await;
}

#[tokio::test]
async fn production_has_no_playground_no_introspection_no_suggestions_and_explains_to_staff_only() {
    let flags = ["--environment", "production", "--secret-key", "a secret of the tests"];
    let shop = Shop::start_with(Kind::Sqlite, &flags).await;
    let explain = [("x-storefront-explain", "1")];

    let page = Answer::read(shop.http().get(shop.url("/")).send().await.unwrap()).await;
    assert_eq!(page.status, 404);

    for query in [
        "{ __schema { queryType { name } } }",
        "{ a: __type(name: \"Query\") { name } }",
        "{ ...F } fragment F on Query { __schema { types { name } } }",
    ] {
        let answer = shop.ask_as_staff(query, json!({})).await;
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{}", answer.text);
        assert_eq!(answer.json.get("data"), None);
    }
    assert_eq!(shop.ask("{ stores { __typename } }", json!({})).await.string("/stores/__typename"), "StoreConnection");
    for misspelt in [
        "{ storez { nodes { id } } }",
        "{ stores { nodes { slugg } } }",
        "{ stores(fist: 1) { nodes { id } } }",
        "{ products(orderBy: {field: NAMES}) { nodes { id } } }",
        "{ products(where: {inStok: {eq: true}}) { nodes { id } } }",
        "{ ...F } fragment F on Quer { __typename }",
        "query ($a: ProductWher) { products(where: $a) { nodes { id } } }",
        "{ __typename @skipp(if: true) }",
    ] {
        let answer = shop.ask(misspelt, json!({})).await;
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{}", answer.text);
        for hint in ["Did you mean", "slug\"", "first", "NAME\"", "inStock"] {
            assert!(!answer.text.contains(hint), "{}", answer.text);
        }
    }

    let to_nobody = shop.send("{ stores { nodes { id } } }", json!({}), &explain).await;
    let to_staff = shop.explain("{ store(slug: \"none\") { id } }", json!({})).await;
    assert_eq!(to_nobody.json["extensions"].get("explain"), None);
    assert_eq!(to_staff.statements(), 1);

    shop.stop().await;
}
