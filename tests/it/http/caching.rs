//! What caches on the way may keep: answers to a GET for public data, by nobody in particular, and nothing else.

use serde_json::{Value, json};

use crate::support::{Answer, STAFF, Shop, TOKEN, on_both};

on_both!(
    a_public_answer_to_a_get_may_be_kept_and_is_the_same_for_everyone,
    a_client_that_has_the_answer_is_told_that_it_is_the_same,
    whoever_brings_anything_of_their_own_gets_an_answer_of_their_own,
    what_failed_or_changes_at_once_is_not_kept,
    a_cookie_outlives_what_caches_may_hold_from_before_the_write,
    what_is_hidden_is_told_from_what_is_not_there_by_nothing,
);

async fn get(shop: &Shop, query: &str, headers: &[(&str, &str)]) -> Answer {
    let mut address: reqwest::Url = shop.url("/graphql").parse().unwrap();
    address.query_pairs_mut().append_pair("query", query);
    let request = headers.iter().fold(shop.http().get(address), |request, (name, value)| request.header(*name, *value));
    Answer::read(request.send().await.unwrap()).await
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

const LIST: &str = "{ products { nodes { slug store { slug } } } }";

async fn a_public_answer_to_a_get_may_be_kept_and_is_the_same_for_everyone(shop: &Shop) {
    let store = shop.store("acme").await;
    let (oak, pine) = (shop.product(&store, "oak-board").await, shop.product(&store, "pine-board").await);

    let first = get(shop, LIST, &[]).await;
    let second = get(shop, LIST, &[("user-agent", "another"), ("x-request-id", "another")]).await;
    let one = get(shop, "{ product(slug: \"oak-board\") { slug } }", &[]).await;

    assert_eq!(header(&first, "cache-control"), "public, max-age=60");
    assert_eq!(
        first.text,
        "{\"data\":{\"products\":{\"nodes\":[{\"slug\":\"pine-board\",\"store\":{\"slug\":\"acme\"}},{\"slug\":\"oak-board\",\"store\":{\"slug\":\"acme\"}}]}}}"
    );
    assert_eq!(second.text, first.text);
    for name in ["etag", "surrogate-key", "vary", "content-type"] {
        assert!(!header(&first, name).is_empty(), "{name}");
        assert_eq!(header(&second, name), header(&first, name), "{name}");
    }
    for name in ["set-cookie", "ratelimit", "ratelimit-policy", "retry-after", TOKEN] {
        assert_eq!(header(&first, name), "", "{name}");
    }
    let mut shown: Vec<&str> = header(&first, "surrogate-key").split(' ').collect();
    shown.sort_unstable();
    let mut expected = vec!["Product", &*oak, &*pine, &*store];
    expected.sort_unstable();
    assert_eq!(shown, expected);
    assert_eq!(header(&one, "surrogate-key"), oak);
    for name in ["cookie", "x-consistency-token", "x-storefront-client-key", "x-storefront-staff-key", "accept"] {
        assert!(header(&first, "vary").split(", ").any(|varies| varies == name), "{}", header(&first, "vary"));
    }
}

async fn a_client_that_has_the_answer_is_told_that_it_is_the_same(shop: &Shop) {
    let store = shop.store("acme").await;
    shop.product(&store, "oak-board").await;
    let first = get(shop, LIST, &[]).await;
    let tag = header(&first, "etag");

    let again = get(shop, LIST, &[("if-none-match", tag)]).await;
    let other = get(shop, LIST, &[("if-none-match", "W/\"another\"")]).await;
    let squeezed = get(shop, LIST, &[("if-none-match", tag), ("accept-encoding", "gzip")]).await;

    assert!(tag.starts_with("W/\""), "{tag}");
    for unchanged in [&again, &squeezed] {
        assert_eq!((unchanged.status, &*unchanged.text), (304, ""));
        assert_eq!(header(unchanged, "etag"), tag);
        assert_eq!(header(unchanged, "cache-control"), "public, max-age=60");
        assert!(header(unchanged, "vary").contains("cookie"));
    }
    assert_eq!((other.status, &other.text), (200, &first.text));

    shop.product(&store, "pine-board").await;
    let changed = get(shop, LIST, &[("if-none-match", tag), (TOKEN, "at once")]).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.data("/products/nodes").as_array().unwrap().len(), 2);
}

async fn whoever_brings_anything_of_their_own_gets_an_answer_of_their_own(shop: &Shop) {
    let store = shop.store("acme").await;
    let rename = "mutation ($id: ID!) { storeUpdate(input: { id: $id, name: \"New\" }) { store { id } } }";
    let written = shop.ask_as_staff(rename, json!({ "id": store })).await;
    let token = header(&written, TOKEN);
    let cookie = header(&written, "set-cookie").split(';').next().unwrap().to_owned();

    for own in [
        (TOKEN, token),
        (TOKEN, "forged"),
        ("cookie", &cookie),
        ("cookie", "a=b; storefront_consistency_0123456789ab=forged"),
        ("authorization", "Basic b2Y6YW5vdGhlcg=="),
        STAFF,
        ("x-storefront-explain", "1"),
    ] {
        let answer = get(shop, "{ stores { nodes { name } } }", &[own]).await;

        assert_eq!(answer.data("/stores/nodes"), &json!([{ "name": "New" }]), "{own:?}");
        assert_eq!(header(&answer, "cache-control"), "private, no-store", "{own:?}");
        assert_eq!((header(&answer, "etag"), header(&answer, "surrogate-key")), ("", ""), "{own:?}");
        assert!(!header(&answer, "ratelimit").is_empty(), "{own:?}");
    }
    // A cookie of the page's own tells nothing about who asks.
    let with_another = get(shop, "{ stores { nodes { name } } }", &[("cookie", "theme=dark")]).await;
    assert_eq!(header(&with_another, "cache-control"), "public, max-age=60");
    let by_post = shop.ask("{ stores { nodes { name } } }", json!({})).await;
    assert_eq!(header(&by_post, "cache-control"), "private, no-store");
}

async fn what_failed_or_changes_at_once_is_not_kept(shop: &Shop) {
    let store = shop.store("acme").await;
    let oak = shop.product(&store, "oak-board").await;
    let sku = shop.sku(&oak, "9.99").await;
    shop.stock(&sku, 3).await;

    for (query, is_answered) in [
        ("{ product(slug: \"oak-board\") { skus { stock { isAvailable } } } }", true),
        ("{ __schema { queryType { name } } }", true),
        ("{ store(slug: \"acme\") { slug } product(id: \"?\") { id } }", false),
        ("{ users { nodes { id } } }", false),
        ("{ nothing }", false),
        ("{", false),
    ] {
        let answer = get(shop, query, &[]).await;

        assert_eq!(answer.json.get("errors").is_none(), is_answered, "{}", answer.text);
        assert_eq!(header(&answer, "cache-control"), "private, no-store", "{query}");
        assert_eq!((header(&answer, "etag"), header(&answer, "surrogate-key")), ("", ""), "{query}");
        assert_eq!(answer.json.get("extensions"), None::<&Value>, "{query}");
    }
}

async fn a_cookie_outlives_what_caches_may_hold_from_before_the_write(shop: &Shop) {
    let store = shop.store("acme").await;
    let rename = "mutation ($id: ID!) { storeUpdate(input: { id: $id, name: \"New\" }) { store { id } } }";

    let written = shop.ask_as_staff(rename, json!({ "id": store })).await;

    // 30 s that the token counts, and 60 s that a cache may give out what it was told before.
    let cookies = written.headers.get_all("set-cookie");
    assert!(cookies.iter().all(|cookie| cookie.to_str().unwrap().contains("Max-Age=90")), "{cookies:?}");
}

async fn what_is_hidden_is_told_from_what_is_not_there_by_nothing(shop: &Shop) {
    let store = shop.store("acme").await;
    let status = |slug: &str, status: &str| json!({ "storeId": store, "slug": slug, "name": slug, "status": status });
    let draft = shop.product_with(status("draft", "DRAFT")).await;
    let archived = shop.product_with(status("archived", "ARCHIVED")).await;
    let sku = shop.sku(&draft, "9.99").await;

    let of_nothing = get(shop, "{ product(slug: \"nothing\") { slug } }", &[]).await;
    assert_eq!(header(&of_nothing, "surrogate-key"), "Product");
    for query in [
        "{ product(slug: \"draft\") { slug } }".to_owned(),
        format!("{{ product(id: \"{draft}\") {{ slug }} }}"),
        format!("{{ product(id: \"{archived}\") {{ slug }} }}"),
        "{ products { nodes { slug } } }".to_owned(),
        "{ store(slug: \"acme\") { products { nodes { slug } } } }".to_owned(),
    ] {
        for _ in 0..2 {
            let answer = get(shop, &query, &[]).await;
            let shown = header(&answer, "surrogate-key");
            assert!(shown.contains("Product"), "{query}: {shown}");
            assert!(!shown.contains(&draft) && !shown.contains(&archived), "{query}: {shown}");
        }
    }
    let of_sku = get(shop, &format!("{{ node(id: \"{sku}\") {{ id }} }}"), &[]).await;
    assert!(!header(&of_sku, "surrogate-key").contains(&draft));
}
