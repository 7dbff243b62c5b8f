//! What pages of other sites are told, and what caches on the way have to tell apart.

use reqwest::{Method, Response};

use crate::support::{Kind, Shop};

const ORIGIN: &str = "https://shop.example";

async fn preflight(shop: &Shop, path: &str) -> Response {
    let request = shop.http().request(Method::OPTIONS, shop.url(path)).header("origin", ORIGIN);
    request.header("access-control-request-method", "GET").send().await.unwrap()
}

async fn get(shop: &Shop, path: &str, origin: Option<&str>) -> Response {
    let request = shop.http().get(shop.url(path)).header("graphql-require-preflight", "1");
    origin.into_iter().fold(request, |request, origin| request.header("origin", origin)).send().await.unwrap()
}

fn listed(response: &Response, name: &str) -> Vec<String> {
    let values = response.headers().get_all(name).iter().flat_map(|value| value.to_str().unwrap().split(','));
    values.map(|value| value.trim().to_lowercase()).collect()
}

const QUERY: &str = "/graphql?query={__typename}";

#[tokio::test]
async fn pages_may_send_and_see_what_clients_need() {
    let shop = Shop::start_with(Kind::Sqlite, &["--cors-origins", ORIGIN]).await;

    let (before, answer) = (preflight(&shop, "/graphql").await, get(&shop, QUERY, Some(ORIGIN)).await);

    let (sent, seen) =
        (listed(&before, "access-control-allow-headers"), listed(&answer, "access-control-expose-headers"));
    for name in [
        "content-type",
        "if-none-match",
        "x-consistency-token",
        "x-storefront-client-key",
        "apollo-require-preflight",
        "graphql-require-preflight",
        "x-apollo-operation-name",
    ] {
        assert!(sent.contains(&name.to_owned()), "{name} is not in {sent:?}");
    }
    for name in ["ratelimit", "ratelimit-policy", "retry-after", "x-request-id", "x-consistency-token", "etag"] {
        assert!(seen.contains(&name.to_owned()), "{name} is not in {seen:?}");
    }
    shop.stop().await;
}

#[tokio::test]
async fn answers_vary_by_origin_whether_one_was_sent_or_not() {
    let shop = Shop::start_with(Kind::Sqlite, &["--cors-origins", ORIGIN]).await;

    for origin in [None, Some(ORIGIN), Some("https://evil.example")] {
        let answer = get(&shop, QUERY, origin).await;
        assert!(listed(&answer, "vary").contains(&"origin".to_owned()), "{origin:?}");
    }
    shop.stop().await;
}

#[tokio::test]
async fn answers_that_are_the_same_for_all_origins_do_not_vary() {
    for flags in [&[][..], &["--cors-origins", "*"]] {
        let shop = Shop::start_with(Kind::Sqlite, flags).await;

        let (with, without) = (get(&shop, QUERY, Some(ORIGIN)).await, get(&shop, QUERY, None).await);

        for name in ["vary", "access-control-allow-origin"] {
            assert_eq!(listed(&with, name), listed(&without, name), "{flags:?}");
        }
        assert!(!listed(&with, "vary").contains(&"origin".to_owned()));
        shop.stop().await;
    }
}

#[tokio::test]
async fn pages_may_not_see_metrics_and_probes() {
    for origins in [ORIGIN, "*"] {
        let shop = Shop::start_with(Kind::Sqlite, &["--cors-origins", origins]).await;

        for path in ["/metrics", "/healthz", "/readyz", "/"] {
            for answer in [preflight(&shop, path).await, get(&shop, path, Some(ORIGIN)).await] {
                assert_eq!(listed(&answer, "access-control-allow-origin"), [""; 0], "{path}");
            }
        }
        shop.stop().await;
    }
}

#[tokio::test]
async fn without_the_setting_a_preflight_is_refused() {
    let shop = Shop::start(Kind::Sqlite).await;

    let before = preflight(&shop, "/graphql").await;

    assert_eq!((before.status().as_u16(), &before.headers()["allow"]), (405, &"GET,HEAD,POST".parse().unwrap()));
    shop.stop().await;
}
