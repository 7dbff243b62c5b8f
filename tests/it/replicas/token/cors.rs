//! The token across sites: which pages may send it, and see it.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Kind, STAFF, Shop, TOKEN};

const ORIGIN: &str = "https://shop.example";

async fn preflight(shop: &Shop, origin: &str) -> Answer {
    let request = shop.http().request(Method::OPTIONS, shop.url("/graphql")).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    let request = request.header("access-control-request-headers", format!("content-type,{TOKEN}"));
    Answer::read(request.send().await.unwrap()).await
}

/// A mutation sent by a page of this origin.
async fn write(shop: &Shop, origin: &str) -> Answer {
    let slug = format!("s-{}", uuid::Uuid::now_v7().simple());
    let mutation = format!(
        "mutation {{ storeCreate(input: {{ slug: \"{slug}\", name: \"A\", currencyCode: \"EUR\" }}) {{ store {{ id }} }} }}"
    );
    let answer = shop.send(&mutation, json!({}), &[STAFF, ("origin", origin)]).await;
    assert!(answer.headers.contains_key(TOKEN), "{}", answer.text);
    answer
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(format!("access-control-{name}")).map_or("", |value| value.to_str().unwrap())
}

fn lists(answer: &Answer, name: &str, entry: &str) -> bool {
    header(answer, name).split(',').any(|listed| listed.trim().eq_ignore_ascii_case(entry))
}

#[tokio::test]
async fn pages_of_a_listed_origin_send_and_see_the_token_with_their_cookies() {
    let origins = format!("https://other.example,{ORIGIN}");
    let shop = Shop::start_with(Kind::Sqlite, &["--cors-origins", &origins]).await;

    let (before, answer) = (preflight(&shop, ORIGIN).await, write(&shop, ORIGIN).await);

    assert_eq!(before.status, 200);
    assert!(lists(&before, "allow-headers", TOKEN), "{:?}", before.headers);
    assert!(lists(&before, "allow-methods", "POST"), "{:?}", before.headers);
    assert!(lists(&answer, "expose-headers", TOKEN), "{:?}", answer.headers);
    for answer in [&before, &answer] {
        assert_eq!((header(answer, "allow-origin"), header(answer, "allow-credentials")), (ORIGIN, "true"));
    }
    shop.stop().await;
}

#[tokio::test]
async fn pages_of_another_origin_may_not_see_an_answer() {
    let shop = Shop::start_with(Kind::Sqlite, &["--cors-origins", ORIGIN]).await;

    for origin in ["https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"] {
        for answer in [preflight(&shop, origin).await, write(&shop, origin).await] {
            assert_eq!(header(&answer, "allow-origin"), "", "{origin}: {:?}", answer.headers);
        }
    }
    shop.stop().await;
}

#[tokio::test]
async fn everyone_is_everyone_without_cookies() {
    let shop = Shop::start_with(Kind::Sqlite, &["--cors-origins", "*"]).await;

    let (before, answer) = (preflight(&shop, ORIGIN).await, write(&shop, ORIGIN).await);

    assert!(lists(&before, "allow-headers", TOKEN), "{:?}", before.headers);
    assert!(lists(&answer, "expose-headers", TOKEN), "{:?}", answer.headers);
    for answer in [&before, &answer] {
        assert_eq!((header(answer, "allow-origin"), header(answer, "allow-credentials")), ("*", ""));
    }
    shop.stop().await;
}

#[tokio::test]
async fn without_the_setting_no_other_site_is_told_anything() {
    let shop = Shop::start(Kind::Sqlite).await;

    for answer in [preflight(&shop, ORIGIN).await, write(&shop, ORIGIN).await] {
        let told = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(told, None);
    }
    shop.stop().await;
}
