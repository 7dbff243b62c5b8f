//! GraphiQL in development, and what a server in production keeps to itself.

use std::path::Path;

use axum::http::HeaderMap;
use reqwest::Response;
use serde_json::{Value, json};
use storefront::http::{Asset, Bundle};

use crate::support::{Answer, STAFF_KEY, Shop, on_sqlite};

on_sqlite!(a_configured_staff_key_is_never_filled_in);

/// A playground as it could have been built: the page, and a script that gzip keeps as it is.
const BUILT: Bundle = Bundle {
    page: "<!doctype html><head><!--settings--></head>",
    assets: &[Asset { name: "index-0a1b2c3d.js", gzip: SCRIPT }],
};
const ASSET: &str = "/playground/assets/index-0a1b2c3d.js";
/// `alert(1)`, stored.
const SCRIPT: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x08\0\xf7\xffalert(1)\xd6\xcb\xb2\xb8\x08\0\0\0";

/// The JSON value that follows in the page.
fn value(page: &str, after: &str) -> Value {
    let start = page.find(after).unwrap_or_else(|| panic!("no {after} in {page}")) + after.len();
    let mut values = serde_json::Deserializer::from_str(&page[start..]).into_iter::<Value>();
    values.next().unwrap().unwrap()
}

/// The tabs and the headers with which either page opens.
fn settings(page: &str) -> (Value, Value) {
    if page.contains("defaultTabs") {
        return (value(page, "defaultTabs: "), value(page, "defaultHeaders: "));
    }
    let settings = value(page, "<script type=\"application/json\" id=\"settings\">");
    (settings["tabs"].clone(), settings["headers"].clone())
}

/// The headers that each tab sends.
async fn headers(shop: &Shop) -> Value {
    let page = shop.http().get(shop.url("/")).send().await.unwrap().text().await.unwrap();
    serde_json::from_str(settings(&page).1.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn every_example_operation_is_a_tab() {
    for bundle in [None, Some(BUILT)] {
        let shop = Shop::start_with_playground(bundle, &[]).await;
        let page = Answer::read(shop.http().get(shop.url("/")).send().await.unwrap()).await;

        assert_eq!(page.status, 200);
        assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
        assert_eq!(page.headers["cache-control"], "no-store");
        let (tabs, headers) = settings(&page.text);
        let tabs = tabs.as_array().unwrap();
        assert!(tabs.iter().all(|tab| tab["headers"] == headers), "{tabs:?}");
        let tabs: Vec<&str> = tabs.iter().map(|tab| tab["query"].as_str().unwrap()).collect();
        assert!(tabs[0].contains("query Welcome"), "{}", tabs[0]);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("operations");
        for file in std::fs::read_dir(folder).unwrap() {
            let operation = std::fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(tabs.contains(&operation.as_str()), "no tab holds {operation}");
        }
        shop.stop().await;
    }
}

#[tokio::test]
async fn the_built_page_runs_scripts_of_this_server_alone_and_none_inline() {
    let shop = Shop::start_with_playground(Some(BUILT), &[]).await;

    let page = Answer::read(shop.http().get(shop.url("/")).send().await.unwrap()).await;
    let asset = shop.http().get(shop.url(ASSET)).send().await.unwrap();

    let policy = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
                  font-src 'self' data:; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
                  form-action 'none'";
    assert_eq!(page.headers["content-security-policy"], policy);
    assert_eq!(asset.headers()["content-security-policy"], policy);
    let scripts: Vec<&str> = page.text.split("<script").skip(1).collect();
    assert!(scripts.len() == 1 && scripts[0].starts_with(" type=\"application/json\""), "{scripts:?}");
    let data = scripts[0].split_once('>').unwrap().1.split_once("</script>").unwrap().0;
    assert!(!data.contains('<'), "{data}");
    shop.stop().await;
}

#[tokio::test]
async fn an_asset_is_sent_as_the_client_takes_it_and_kept_for_good() {
    let shop = Shop::start_with_playground(Some(BUILT), &[]).await;
    let get = async |path: &str, headers: &[(&str, &str)]| -> Response {
        let request = shop.http().get(shop.url(path));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
    };
    let has_its_headers = |headers: &HeaderMap| {
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["vary"], "accept-encoding");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["etag"], "W/\"index-0a1b2c3d.js\"");
    };

    for accepted in ["gzip", "br, gzip;q=0.5", "*"] {
        let answer = get(ASSET, &[("accept-encoding", accepted)]).await;
        has_its_headers(answer.headers());
        assert_eq!(answer.headers()["content-encoding"], "gzip", "{accepted}");
        assert_eq!(answer.bytes().await.unwrap(), SCRIPT);
    }
    for accepted in ["identity", "br", "gzip;q=0"] {
        let answer = get(ASSET, &[("accept-encoding", accepted)]).await;
        has_its_headers(answer.headers());
        assert_eq!(answer.headers().get("content-encoding"), None, "{accepted}");
        assert_eq!(answer.text().await.unwrap(), "alert(1)");
    }
    let known = get(ASSET, &[("if-none-match", "W/\"index-0a1b2c3d.js\"")]).await;
    assert_eq!(known.status(), 304);
    has_its_headers(known.headers());
    assert_eq!(known.text().await.unwrap(), "");

    for absent in
        ["/playground/assets/", "/playground/assets/other.js", "/playground/assets/../../Cargo.toml", "/playground"]
    {
        assert_eq!(get(absent, &[]).await.status(), 404, "{absent}");
    }
    assert_eq!(shop.http().post(shop.url(ASSET)).send().await.unwrap().status(), 405);
    shop.stop().await;
}

async fn a_configured_staff_key_is_never_filled_in(shop: &Shop) {
    let page = shop.http().get(shop.url("/")).send().await.unwrap().text().await.unwrap();

    assert!(!page.contains(STAFF_KEY));
    assert_eq!(headers(shop).await, json!({ "x-storefront-explain": "1" }));
}

#[tokio::test]
async fn the_servers_own_staff_key_is_filled_in_at_this_machine_only() {
    for bundle in [None, Some(BUILT)] {
        let shop = Shop::start_with_playground(bundle, &[]).await;
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
            assert!(page.starts_with("HTTP/1.1 200") && page.contains("query Welcome"), "{headers:?} {page}");
            assert!(!page.contains(&own_key), "{headers:?}");
        }
        let other_host_in_the_address = shop.wire_get("http://shop.example.com/", &["host: localhost"]).await;
        assert!(!other_host_in_the_address.contains(&own_key), "{other_host_in_the_address}");
        shop.stop().await;
    }
}

#[tokio::test]
async fn the_headers_of_a_tab_make_its_bearer_staff_and_the_answer_explained() {
    for bundle in [None, Some(BUILT)] {
        let shop = Shop::start_with_playground(bundle, &[]).await;

        let headers = headers(&shop).await;
        let headers: Vec<(&str, &str)> =
            headers.as_object().unwrap().iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect();
        let answer = shop.send("{ users { totalCount { count } } }", json!({}), &headers).await;

        assert_eq!(answer.data("/users/totalCount/count"), &json!(0));
        assert!(answer.statements() > 0);
        shop.stop().await;
    }
}

#[tokio::test]
async fn production_has_no_playground_no_introspection_no_suggestions_and_explains_to_staff_only() {
    let flags = ["--environment", "production", "--secret-key", "a secret of the tests", "--staff-key", STAFF_KEY];
    let shop = Shop::start_with_playground(Some(BUILT), &flags).await;
    let explain = [("x-storefront-explain", "1")];

    for path in ["/", ASSET] {
        let page = Answer::read(shop.http().get(shop.url(path)).send().await.unwrap()).await;
        assert_eq!(page.status, 404);
    }

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
