//! Sessions in a cookie: for pages of the same site, and for no other page.

use serde_json::{Value, json};

use super::{PASSWORD, call, email_of, log_in, register};
use crate::support::{Answer, Kind, Shop, on_both};

on_both!(
    a_cookie_lets_a_page_of_the_same_site_in,
    a_cookie_writes_for_pages_that_may_alone,
    a_cookie_that_is_no_session_is_taken_away,
    what_is_answered_in_a_session_is_not_kept_for_others,
);

/// Logs in with a cookie; the value of `Cookie`, and the whole of `Set-Cookie`.
async fn log_in_by_cookie(shop: &Shop) -> (String, String) {
    let input = json!({ "email": "ada@example.com", "password": PASSWORD, "transport": "COOKIE" });
    let answer = call(shop, "sessionCreate", input, "session { id } token", &[]).await;
    assert!(answer.data("/sessionCreate/token").is_null());
    assert!(answer.data("/sessionCreate/session/id").is_string());
    let set = session_cookie(&answer).unwrap();
    (set.split(';').next().unwrap().to_owned(), set)
}

/// The `Set-Cookie` of the session.
fn session_cookie(answer: &Answer) -> Option<String> {
    let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
    set.into_iter().find(|cookie| cookie.contains("storefront_session"))
}

async fn get(shop: &Shop, query: &str, headers: &[(&str, &str)]) -> Answer {
    let mut address: reqwest::Url = shop.url("/graphql").parse().unwrap();
    address.query_pairs_mut().append_pair("query", query);
    let request = headers.iter().fold(shop.http().get(address), |request, (name, value)| request.header(*name, *value));
    Answer::read(request.send().await.unwrap()).await
}

const WHO: &str = "{ viewer { user { email } } }";

async fn a_cookie_lets_a_page_of_the_same_site_in(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let (cookie, set) = log_in_by_cookie(shop).await;
    let origin = shop.url("");

    assert!(cookie.starts_with("storefront_session=sfs_"), "{cookie}");
    assert!(set.ends_with("; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"), "{set}");
    let posted = shop.send(WHO, json!({}), &[("cookie", &cookie), ("origin", &origin)]).await;
    assert_eq!(posted.string("/viewer/user/email"), "ada@example.com");
    assert_eq!(get(shop, WHO, &[("cookie", &cookie)]).await.string("/viewer/user/email"), "ada@example.com");

    let out = call(shop, "sessionDelete", json!({}), "", &[("cookie", &cookie), ("origin", &origin)]).await;
    assert_eq!(out.user_errors("sessionDelete"), [""; 0]);
    assert!(session_cookie(&out).unwrap().contains("storefront_session=; Path=/; Max-Age=0"));
    assert_eq!(get(shop, WHO, &[("cookie", &cookie)]).await.status, 401);
}

async fn a_cookie_writes_for_pages_that_may_alone(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let (cookie, _) = log_in_by_cookie(shop).await;
    let own = shop.url("");
    let query = "mutation { sessionDeleteAll(input: { keepsThis: true }) { endedSessionCount } }";

    for headers in [&[][..], &[("origin", "https://evil.example")], &[("origin", "null")]] {
        let answer = shop.send(query, json!({}), &[&[("cookie", cookie.as_str())], headers].concat()).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (403, "FORBIDDEN"), "{headers:?}");
    }
    for header in [("origin", own.as_str()), ("graphql-require-preflight", "1")] {
        let answer = shop.send(query, json!({}), &[("cookie", &cookie), header]).await;
        assert_eq!(answer.data("/sessionDeleteAll/endedSessionCount"), &json!(0), "{header:?}");
    }
    assert_eq!(get(shop, query, &[("cookie", &cookie)]).await.status, 405);
}

async fn a_cookie_that_is_no_session_is_taken_away(shop: &Shop) {
    for name in ["storefront_session", "__Host-storefront_session"] {
        let forged = format!("{name}=sfs_{}", "A".repeat(43));
        let answer = get(shop, "{ __typename }", &[("cookie", &forged)]).await;

        assert_eq!((answer.status, answer.error().0.as_str()), (401, "UNAUTHENTICATED"));
        assert!(session_cookie(&answer).unwrap().starts_with(&format!("{name}=; Path=/; Max-Age=0")));
    }
}

async fn what_is_answered_in_a_session_is_not_kept_for_others(shop: &Shop) {
    shop.store("acme").await;
    register(shop, "ada@example.com").await;
    let (cookie, _) = log_in_by_cookie(shop).await;
    let bearer = log_in(shop, "ada@example.com").await;
    let query = "{ stores { nodes { slug } } viewer { user { email } } }";

    for headers in [[("cookie", cookie.as_str())], [("authorization", bearer.as_str())]] {
        for query in [query, "{ stores { nodes { slug } } }"] {
            let answer = get(shop, query, &headers).await;
            assert_eq!(answer.headers["cache-control"], "private, no-store");
            assert_eq!(answer.data("/stores/nodes/0/slug"), &json!("acme"));
        }
    }
    for _ in 0..2 {
        let as_nobody = get(shop, query, &[]).await;
        assert_eq!(as_nobody.data("/viewer"), &Value::Null);
        assert_ne!(as_nobody.headers["cache-control"], "public, max-age=60");
    }
    assert!(email_of(shop, &bearer).await.is_some());
}

#[tokio::test]
async fn in_production_the_cookie_is_for_https_and_this_host() {
    let flags = ["--environment", "production", "--secret-key", "a secret of the tests"];
    let shop = Shop::start_with(Kind::Sqlite, &flags).await;
    register(&shop, "ada@example.com").await;
    let (cookie, set) = log_in_by_cookie(&shop).await;

    assert!(cookie.starts_with("__Host-storefront_session=sfs_"), "{cookie}");
    assert!(set.ends_with("; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure"), "{set}");
    assert_eq!(get(&shop, WHO, &[("cookie", &cookie)]).await.string("/viewer/user/email"), "ada@example.com");
    let plain = cookie.replace("__Host-", "");
    assert!(get(&shop, WHO, &[("cookie", &plain)]).await.data("/viewer").is_null());

    shop.stop().await;
}
