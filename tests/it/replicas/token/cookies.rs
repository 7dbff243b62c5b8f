//! The token for pages of the same site: browsers keep it and send it back by themselves.

use std::collections::BTreeSet;

use serde_json::json;

use crate::replicas::acme::{Divided, name, rename};
use crate::support::{Answer, STAFF, TOKEN};

/// Name, value and attributes of each cookie that an answer sets.
#[track_caller]
fn cookies(answer: &Answer) -> Vec<(String, String, BTreeSet<String>)> {
    let read = |cookie: &reqwest::header::HeaderValue| {
        let mut parts = cookie.to_str().unwrap().split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        (name.to_owned(), value.to_owned(), parts.map(str::to_owned).collect())
    };
    answer.headers.get_all("set-cookie").iter().map(read).collect()
}

fn attributes(max_age: u32) -> BTreeSet<String> {
    let age = format!("Max-Age={max_age}");
    ["Path=/", &age, "HttpOnly", "SameSite=Lax"].map(str::to_owned).into()
}

#[tokio::test]
async fn each_mutation_sets_a_cookie_of_its_own_for_the_life_of_the_token() {
    let divided = Divided::start(&["--token-life-ms", "12500"]).await;

    let (one, two) = (rename(&divided.shop, "a", &[]).await, rename(&divided.shop, "b", &[]).await);

    let names = [&one, &two].map(|answer| {
        let [(name, value, set)] = &cookies(answer)[..] else { panic!("{:?}", answer.headers) };
        assert!(name.starts_with("storefront_consistency_"), "{name}");
        assert_eq!(*value, answer.token());
        // And as long again as caches on the way may hold what is older.
        assert_eq!(*set, attributes(13 + 60));
        name.clone()
    });
    assert_ne!(names[0], names[1]);
    divided.end().await;
}

#[tokio::test]
async fn a_cookie_that_comes_back_counts_like_the_header() {
    let divided = Divided::start(&[]).await;
    let ahead = divided.token_ahead().await;
    let low = rename(&divided.shop, "primary", &[]).await.token();
    divided.fleet.stack().await_replay().await.unwrap();

    for cookies in [
        format!("storefront_consistency_00000000000a={ahead}"),
        format!("theme=dark; storefront_consistency_00000000000a={ahead}; lang=de"),
        format!("storefront_consistency_00000000000a={low}; storefront_consistency_00000000000b={ahead}"),
        format!("storefront_consistency_00000000000b={ahead}; storefront_consistency_00000000000a={low}"),
    ] {
        assert_eq!(divided.read(&[("cookie", &cookies)]).await, "primary", "{cookies}");
    }
    assert_eq!(
        divided.read(&[("cookie", &format!("storefront_consistency_00000000000a={low}")), (TOKEN, &ahead)]).await,
        "primary"
    );
    assert_eq!(
        divided.read(&[("cookie", &format!("storefront_consistency_00000000000a={ahead}")), (TOKEN, &low)]).await,
        "primary"
    );
    for cookies in ["theme=dark".to_owned(), format!("consistency={ahead}"), "storefront_consistency_1".to_owned()] {
        assert_eq!(divided.read(&[("cookie", &cookies)]).await, "replica", "{cookies}");
    }
    divided.end().await;
}

#[tokio::test]
async fn a_cookie_of_someone_else_that_is_no_text_takes_none_of_ours_away() {
    let divided = Divided::start(&[]).await;
    let ahead = divided.token_ahead().await;
    let foreign: [&[u8]; 3] = [b"x=\xc3\xbc", b"x=\xff\xfe", b"\xe4=1"];

    for foreign in foreign {
        let ours = format!("storefront_consistency_00000000000a={ahead}").into_bytes();
        for cookies in [[foreign, &ours].join(&b"; "[..]), [&ours, foreign].join(&b"; "[..])] {
            let request = divided.shop.http().post(divided.shop.url("/graphql")).header("cookie", cookies);
            let request = request.json(&json!({ "query": "{ store(slug: \"acme\") { name } }" }));
            let answer = Answer::read(request.send().await.unwrap()).await;

            assert_eq!(name(&answer), "primary", "{foreign:?}");
        }
    }
    divided.end().await;
}

#[tokio::test]
async fn an_answer_with_a_token_expires_the_cookies_that_its_token_stands_for() {
    let divided = Divided::start(&[]).await;
    let ahead = divided.token_ahead().await;
    let names = ["storefront_consistency_00000000000a", "storefront_consistency_0123456789ab"];
    // It counts, and it is not one that the server has set.
    let other = format!("storefront_consistency_1={ahead}");
    let brought = format!("{}={ahead}; theme=dark; {}=garbage; {other}", names[0], names[1]);

    let answer = rename(&divided.shop, "primary", &[("cookie", &brought)]).await;

    let set = cookies(&answer);
    let gone: Vec<_> = set.iter().filter(|(_, value, _)| value.is_empty()).collect();
    assert_eq!(gone.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), names);
    assert!(gone.iter().all(|(_, _, set)| *set == attributes(0)), "{gone:?}");
    let kept: Vec<_> = set.iter().filter(|(_, value, _)| !value.is_empty()).collect();
    let [(name, value, _)] = kept[..] else { panic!("{kept:?}") };
    assert_eq!(divided.read(&[("cookie", &format!("{name}={value}"))]).await, "primary");
    divided.end().await;
}

#[tokio::test]
async fn an_answer_without_a_token_leaves_all_cookies_alone() {
    let divided = Divided::start(&[]).await;
    let cookie = format!("storefront_consistency_00000000000a={}", divided.token_ahead().await);
    let refused = "mutation { storeCreate(input: { slug: \"acme\", name: \"A\", currencyCode: \"EUR\" }) \
                   { store { id } userErrors { code } } }";

    let refused = divided.shop.send(refused, json!({}), &[STAFF, ("cookie", &cookie)]).await;
    let query = divided.shop.send("{ stores { nodes { id } } }", json!({}), &[("cookie", &cookie)]).await;

    assert_eq!(refused.user_errors("storeCreate"), [" TAKEN"]);
    assert_eq!((cookies(&refused), cookies(&query)), (vec![], vec![]));
    divided.end().await;
}
