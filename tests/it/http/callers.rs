//! Who pays: a client with a key for itself, the buyer it names, and everybody else by address.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Answer, Kind, Shop, on_both, run};

on_both!(
    a_client_with_a_key_has_a_window_of_its_own,
    a_buyer_whom_a_client_names_has_a_window_beside_the_clients,
    what_a_client_with_a_key_is_answered_is_for_nobody_else,
);

const KEY: &str = "x-storefront-client-key";
const BUYER: &str = "x-storefront-buyer-address";

async fn create(shop: &Shop, arguments: &[&str]) -> String {
    let url = shop.database_url().await;
    let ended = run(Path::new("/"), &[&["client", "create"], arguments].concat(), &[("DATABASE_URL", &url)]).await;
    ended.succeeded().trim().to_owned()
}

async fn ask(shop: &Shop, headers: &[(&str, &str)]) -> Answer {
    shop.send("{ __typename }", json!({}), headers).await
}

/// Size of the window and what is left of it.
fn window(answer: &Answer) -> (u64, u64) {
    let window = &answer.json["extensions"]["cost"]["window"];
    let number = |name: &str| window[name].as_u64().unwrap_or_else(|| panic!("no {name} in {}", answer.text));
    (number("limit"), number("remaining"))
}

async fn a_client_with_a_key_has_a_window_of_its_own(shop: &Shop) {
    let (web, till) = (create(shop, &["web", "--points", "5000"]).await, create(shop, &["till"]).await);
    let by_address = window(&ask(shop, &[]).await);

    let first = window(&ask(shop, &[(KEY, &web)]).await);
    let second = window(&ask(shop, &[(KEY, &web)]).await);
    let other = window(&ask(shop, &[(KEY, &till)]).await);

    assert_eq!((first, second), ((5000, 4999), (5000, 4998)));
    assert_eq!(other, (1_000_000_000, 999_999_999));
    assert_eq!(window(&ask(shop, &[]).await).1, by_address.1 - 1);
}

async fn a_buyer_whom_a_client_names_has_a_window_beside_the_clients(shop: &Shop) {
    let key = create(shop, &["web"]).await;
    let left = |answer: &Answer, name: &str| -> u64 {
        let states = answer.headers["ratelimit"].to_str().unwrap();
        let state = states.split(", ").find_map(|state| state.strip_prefix(&format!("\"{name}\";r="))).unwrap();
        1_000_000_000 - state.split(';').next().unwrap().parse::<u64>().unwrap()
    };

    let one = ask(shop, &[(KEY, &key), (BUYER, "192.0.2.1")]).await;
    let again = ask(shop, &[(KEY, &key), (BUYER, "192.0.2.1")]).await;
    let other = ask(shop, &[(KEY, &key), (BUYER, "2001:db8::1")]).await;
    let neighbour = ask(shop, &[(KEY, &key), (BUYER, "2001:db8::2")]).await;
    let garbage = ask(shop, &[(KEY, &key), (BUYER, "somewhere")]).await;

    // An IPv6 address is known by its network.
    assert_eq!([&one, &again, &other, &neighbour].map(|answer| left(answer, "buyer")), [1, 2, 1, 2]);
    assert_eq!([&one, &again, &other, &neighbour].map(|answer| left(answer, "points")), [1, 2, 3, 4]);
    assert_eq!((garbage.status, garbage.error().0.as_str()), (400, "BAD_USER_INPUT"));
    assert!(garbage.error().1.contains("somewhere"), "{}", garbage.text);
}

async fn what_a_client_with_a_key_is_answered_is_for_nobody_else(shop: &Shop) {
    let key = create(shop, &["web"]).await;

    let answer = shop.http().get(shop.url("/graphql?query={__typename}")).header(KEY, key).send().await.unwrap();

    assert_eq!(answer.headers()["cache-control"], "private, no-store");
    assert!(answer.headers().contains_key("ratelimit"));
    assert!(!answer.headers().contains_key("etag"));
}

#[tokio::test]
async fn trusted_proxies_say_who_pays_and_nobody_else_does() {
    let shop = Shop::start_with(Kind::Sqlite, &["--trusted-proxies", "127.0.0.0/8,10.0.0.0/8"]).await;
    let limit = 1_000_000_000;

    let one = ask(&shop, &[("x-forwarded-for", "192.0.2.1")]).await;
    let behind_two = ask(&shop, &[("x-forwarded-for", "192.0.2.1, 10.1.2.3")]).await;
    let made_up = ask(&shop, &[("x-forwarded-for", "198.51.100.7, 192.0.2.1")]).await;
    let other = ask(&shop, &[("x-forwarded-for", "192.0.2.2")]).await;

    assert_eq!([&one, &behind_two, &made_up].map(window), [limit - 1, limit - 2, limit - 3].map(|left| (limit, left)));
    assert_eq!(window(&other), (limit, limit - 1));
    shop.stop().await;
}

#[tokio::test]
async fn a_client_whose_window_is_smaller_than_a_price_is_told_so() {
    let shop = Shop::start(Kind::Sqlite).await;
    let key = create(&shop, &["small", "--points", "20"]).await;
    let page = "{ stores(first: 50) { nodes { slug } } }";

    let refused = shop.send(page, json!({}), &[(KEY, &key)]).await;
    // Less the ten points of the refusal.
    let answered = shop.send("{ stores(first: 8) { nodes { slug } } }", json!({}), &[(KEY, &key)]).await;

    assert_eq!((refused.status, refused.error().0.as_str()), (200, "MAX_COST_EXCEEDED"));
    assert_eq!((refused.json.get("data"), refused.headers.get("retry-after")), (None::<&Value>, None));
    assert_eq!(answered.data("/stores/nodes"), &json!([]));
    shop.stop().await;
}
