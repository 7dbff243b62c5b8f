//! What requests cost, who pays for them, and what whoever has nothing left is told.

use serde_json::{Value, json};

use crate::support::{Answer, Fleet, Kind, STAFF, Shop, on_both, until};

on_both!(
    an_answer_tells_what_it_cost_and_what_is_left,
    a_refused_request_costs_ten_points,
    what_a_page_did_not_hold_is_given_back,
);

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// What the headers say is left.
fn left(answer: &Answer) -> u64 {
    let state = header(answer, "ratelimit");
    let left = state.split(";r=").nth(1).and_then(|rest| rest.split(';').next());
    left.and_then(|left| left.parse().ok()).unwrap_or_else(|| panic!("nothing is said to be left: {state:?}"))
}

async fn an_answer_tells_what_it_cost_and_what_is_left(shop: &Shop) {
    shop.store("acme").await;

    let answer = shop.ask("{ store(slug: \"acme\") { slug } }", json!({})).await;
    let next = shop.ask("{ store(slug: \"acme\") { slug } }", json!({})).await;

    let cost = &answer.json["extensions"]["cost"];
    assert_eq!((&cost["requested"], &cost["actual"]), (&json!(1), &json!(1)), "{}", answer.text);
    assert_eq!(cost["window"]["limit"], 1_000_000_000);
    assert_eq!(cost["window"]["remaining"], left(&answer));
    assert!((60..=62).contains(&cost["window"]["resetSeconds"].as_u64().unwrap()), "{cost}");
    assert_eq!(left(&next), left(&answer) - 1);
    assert_eq!(header(&answer, "ratelimit-policy"), "\"points\";q=1000000000;w=60");
}

async fn a_refused_request_costs_ten_points(shop: &Shop) {
    let before = left(&shop.ask("{ __typename }", json!({})).await);
    let mut spent = 0;

    for (query, headers) in [
        ("{", &[][..]),
        ("{ nothing }", &[]),
        ("query ($a: Int!) { __typename }", &[]),
        ("", &[]),
        ("{ __typename }", &[("x-storefront-staff-key", "a wrong key of staff")]),
        ("{ __typename }", &[("x-storefront-client-key", "a wrong key of a client")]),
        ("{ __typename }", &[("accept", "text/html")]),
    ] {
        let answer = shop.send(query, json!({}), headers).await;
        spent += 10;

        assert!(answer.json["errors"][0].is_object(), "{query}: {}", answer.text);
        assert_eq!(answer.json.get("extensions"), None::<&Value>, "{query}");
        let now = left(&shop.ask("{ __typename }", json!({})).await);
        spent += 1;
        assert_eq!(before - now, spent, "{query} {headers:?}");
    }
}

async fn what_a_page_did_not_hold_is_given_back(shop: &Shop) {
    let store = shop.store("acme").await;
    for slug in ["oak-board", "pine-board"] {
        shop.product(&store, slug).await;
    }
    let before = left(&shop.ask("{ __typename }", json!({})).await);

    let answer = shop.ask("{ products(first: 50) { nodes { slug } } }", json!({})).await;
    let failed = shop.ask("{ products(first: 50) { nodes { slug } } product(id: \"?\") { id } }", json!({})).await;

    let cost = |answer: &Answer| answer.json["extensions"]["cost"].clone();
    assert_eq!((&cost(&answer)["requested"], &cost(&answer)["actual"]), (&json!(52), &json!(4)), "{}", answer.text);
    assert_eq!((&cost(&failed)["requested"], &cost(&failed)["actual"]), (&json!(53), &json!(53)), "{}", failed.text);
    until("the rest is given back", async || {
        let asked = shop.ask("{ __typename }", json!({})).await;
        let spent = before - left(&asked);
        // 4 for the page, 53 for the one that failed, and one for each time this was asked.
        (58..58 + 48).contains(&spent)
    })
    .await;
}

/// Spends until there is nothing left; the refusal.
async fn until_refused(shop: &Shop, query: &str, headers: &[(&str, &str)]) -> Answer {
    for _ in 0..200 {
        let answer = shop.send(query, json!({}), headers).await;
        if answer.status == 429 {
            return answer;
        }
    }
    panic!("never refused");
}

/// Few points, which come back soon.
const NARROW: &[&str] = &["--address-points", "60", "--client-points", "90", "--window-secs", "3", "--max-cost", "60"];

async fn whoever_has_spent_it_all_is_refused_until_it_comes_back(shop: &Shop) {
    let refused = until_refused(shop, "{ a: __typename stores(first: 2) { nodes { slug } } }", &[]).await;

    assert_eq!(refused.error().0, "THROTTLED", "{}", refused.text);
    assert_eq!(refused.json.get("data"), None);
    let wait: u64 = header(&refused, "retry-after").parse().unwrap();
    assert!((1..=4).contains(&wait), "{wait}");
    assert!(refused.error().1.contains(&format!("try again in {wait} s")), "{}", refused.text);
    assert_eq!(header(&refused, "ratelimit-policy"), "\"points\";q=60;w=3");
    // Before anything is read: not even what is wrong with it is told.
    let unread = until_refused(shop, "{", &[]).await;
    assert_eq!(unread.error().0, "THROTTLED");
    until("the points come back", async || shop.ask("{ __typename }", json!({})).await.status == 200).await;
}

#[tokio::test]
async fn sqlite_whoever_has_spent_it_all_is_refused_until_it_comes_back() {
    let shop = Shop::start_with(Kind::Sqlite, NARROW).await;
    whoever_has_spent_it_all_is_refused_until_it_comes_back(&shop).await;
    shop.stop().await;
}

/// Two instances, one Redis.
#[tokio::test]
async fn two_instances_count_one_window() {
    let fleet = Fleet::shared().await;
    let redis = fleet.redis().url();
    let secret = format!("the secret of {}", fleet.database);
    let flags = ["--redis-url", &redis, "--address-points", "100", "--client-points", "100", "--max-cost", "100"];
    let flags = [&flags[..], &["--secret-key", &secret]].concat();
    let (one, other) = (fleet.instance(&flags).await, fleet.instance(&flags).await);

    let mut answered = 0;
    for _ in 0..80 {
        for shop in [&one, &other] {
            let answer = shop.ask("{ __typename }", json!({})).await;
            answered += u32::from(answer.status == 200);
        }
    }

    assert_eq!(answered, 100);
    one.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn mutations_have_a_window_of_their_own() {
    let flags = ["--window-mutations", "5", "--max-mutations", "5"];
    let shop = Shop::start_with(Kind::Sqlite, &flags).await;
    let create = |slug: u32| {
        format!(
            "mutation {{ storeCreate(input: {{ slug: \"s{slug}\", name: \"s\", currencyCode: \"EUR\" }}) {{ store {{ id }} }} }}"
        )
    };

    let mut answers = Vec::new();
    for slug in 0..6 {
        answers.push(shop.ask_as_staff(&create(slug), json!({})).await);
    }
    let query = shop.send("{ stores { nodes { slug } } }", json!({}), &[STAFF]).await;

    assert!(answers[..5].iter().all(|answer| answer.status == 200), "{answers:?}");
    assert!(header(&answers[0], "ratelimit").contains("\"mutations\";r=4"), "{:?}", answers[0].headers);
    assert_eq!((answers[5].status, answers[5].error().0.as_str()), (429, "THROTTLED"));
    assert!(header(&answers[5], "ratelimit-policy").starts_with("\"mutations\";q=5"), "{:?}", answers[5].headers);
    assert_eq!(query.data("/stores/nodes").as_array().unwrap().len(), 5);
    shop.stop().await;
}

#[tokio::test]
async fn what_is_long_or_wide_costs_though_nothing_comes_of_it() {
    let shop = Shop::start(Kind::Sqlite).await;
    let cost = |answer: &Answer| answer.json["extensions"]["cost"]["requested"].as_u64();
    let fields = "slug ".repeat(150);

    let long = shop.ask("{ __typename }", json!({ "undeclared": "x".repeat(40 * 1024) })).await;
    let four_times = format!("{{ store(slug: \"a\") {{ ...F ...F ...F ...F }} }} fragment F on Store {{ {fields} }}");
    let wide = shop.ask(&four_times, json!({})).await;
    let aliased = shop.ask("{ store(slug: \"a\") { slug a: slug b: slug } }", json!({})).await;

    assert_eq!(cost(&long), Some(20));
    assert_eq!(cost(&wide), Some(6), "{}", wide.text);
    assert_eq!(cost(&aliased), Some(3));
    shop.stop().await;
}

#[tokio::test]
async fn a_visitor_does_not_pay_for_what_a_page_of_another_site_sends() {
    let shop = Shop::start(Kind::Sqlite).await;
    let before = left(&shop.ask("{ __typename }", json!({})).await);
    let elsewhere = ("sec-fetch-site", "cross-site");

    let get = shop.http().get(shop.url("/graphql?query={__typename}")).header(elsewhere.0, elsewhere.1);
    let form = shop.http().post(shop.url("/graphql")).header("content-type", "text/plain").body("{}");
    for request in [get, form.header(elsewhere.0, elsewhere.1)] {
        let answer = Answer::read(request.send().await.unwrap()).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (403, "FORBIDDEN"), "{}", answer.text);
    }

    assert_eq!(left(&shop.ask("{ __typename }", json!({})).await), before - 1);
    shop.stop().await;
}

#[tokio::test]
async fn what_front_end_tools_add_to_a_mutation_is_none() {
    let shop = Shop::start_with(Kind::Sqlite, &["--window-mutations", "5", "--max-mutations", "1"]).await;
    let create = "mutation { __typename storeCreate(input: { slug: \"a\", name: \"a\", currencyCode: \"EUR\" }) { __typename } }";

    let answer = shop.ask_as_staff(create, json!({})).await;

    assert_eq!(answer.string("/__typename"), "Mutation");
    assert!(header(&answer, "ratelimit").contains("\"mutations\";r=4"), "{:?}", answer.headers);
    shop.stop().await;
}

/// What is too dear for what is left keeps nobody from what is not.
#[tokio::test]
async fn a_refusal_costs_ten_points_and_locks_nobody_out_before_they_are_gone() {
    let flags = ["--address-points", "100", "--client-points", "100", "--max-cost", "100"];
    let shop = Shop::start_with(Kind::Sqlite, &flags).await;
    let page = |size: u32| format!("{{ stores(first: {size}) {{ nodes {{ slug }} }} }}");
    assert_eq!(shop.ask("query ($a: Int!) { __typename }", json!({})).await.error().0, "BAD_USER_INPUT");

    // 90 are left, and 80 once this is refused.
    let refused = shop.ask(&page(98), json!({})).await;
    let cheap = shop.ask("{ __typename }", json!({})).await;
    for _ in 0..7 {
        assert_eq!(shop.ask(&page(98), json!({})).await.status, 429);
    }
    let last = shop.ask("{ __typename }", json!({})).await;
    let unread = shop.ask("{", json!({})).await;

    assert_eq!((refused.status, refused.error().0.as_str()), (429, "THROTTLED"));
    assert!(refused.error().1.contains("has 80 left"), "{}", refused.text);
    assert_eq!((cheap.status, left(&cheap)), (200, 79));
    assert_eq!((last.status, left(&last)), (200, 8));
    assert_eq!((unread.status, unread.error().0.as_str()), (429, "THROTTLED"));
    shop.stop().await;
}

#[tokio::test]
async fn without_the_feature_nothing_is_counted_and_the_price_is_told_all_the_same() {
    let shop = Shop::start_with(Kind::Sqlite, &["--feature-rate-limit=false"]).await;

    let answer = shop.ask("{ stores(first: 5) { nodes { slug } } }", json!({})).await;

    assert_eq!((header(&answer, "ratelimit"), header(&answer, "ratelimit-policy")), ("", ""));
    assert_eq!(answer.json["extensions"]["cost"], json!({ "requested": 7, "actual": 2, "window": null }));
    shop.stop().await;
}
