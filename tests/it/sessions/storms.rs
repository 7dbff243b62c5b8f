//! Many logins that fail: on two instances, with and without Redis, from many addresses, and beside an owner who knows the password.

use devstack::StackOptions;
use serde_json::json;
use storefront::auth::{Attempts, SecretKey};
use storefront::limit::Limiter;

use super::look_up::join;
use crate::accounts::{PASSWORD, email_of};
use crate::support::{Answer, Fleet, Kind, SECRET, Shop};

const ADA: &str = "ada@example.com";
const WRONG: &str = "a wrong password";
/// The tests' requests come from a proxy.
const BEHIND_PROXY: [&str; 2] = ["--trusted-proxies", "127.0.0.1"];

/// A busy machine is no Redis that is away.
const PATIENT: [&str; 4] = ["--redis-timeout-ms", "5000", "--redis-connect-timeout-ms", "5000"];

/// A login of somebody whom the proxy has named.
async fn try_from(shop: &Shop, address: &str, email: &str, password: &str) -> Answer {
    let mutation =
        "mutation ($input: SessionCreateInput!) { sessionCreate(input: $input) { token userErrors { code field } } }";
    let input = json!({ "input": { "email": email, "password": password } });
    shop.send(mutation, input, &[("x-forwarded-for", address)]).await
}

fn is_throttled(answer: &Answer) -> bool {
    let is_refused = answer.status == 429;
    assert_eq!(is_refused, answer.json["errors"][0]["extensions"]["code"] == "THROTTLED", "{}", answer.text);
    assert_eq!(is_refused, answer.headers.contains_key("retry-after"), "{}", answer.text);
    is_refused
}

/// Tries so many wrong passwords, by turns on each of the instances; how many were looked at.
async fn storm(
    shops: &[&Shop],
    address: impl Fn(usize) -> String,
    email: impl Fn(usize) -> String,
    many: usize,
) -> usize {
    let mut looked_at = 0;
    for turn in 0..many {
        let answer = try_from(shops[turn % shops.len()], &address(turn), &email(turn), WRONG).await;
        looked_at += usize::from(!is_throttled(&answer));
    }
    looked_at
}

fn anywhere(turn: usize) -> String {
    format!("198.51.100.{}", turn % 250)
}

#[tokio::test]
async fn two_instances_take_ten_by_account_and_thirty_by_address_together() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let redis = fleet.redis().url();
    let with_redis = [&BEHIND_PROXY[..], &PATIENT, &["--redis-url", &redis]].concat();
    let alone = BEHIND_PROXY.to_vec();
    for (flags, name) in [(&with_redis, "with"), (&alone, "without")] {
        let (one, other) = (fleet.instance(flags).await, fleet.instance(flags).await);
        let both = [&one, &other];

        assert_eq!(storm(&both, anywhere, |_| format!("ada-{name}@example.com"), 16).await, 10, "{name}");
        let from = |network: &'static str| move |turn| format!("{network}{turn:x}");
        let anyone = |turn| format!("user{turn}-{name}@example.com");
        let network = if name == "with" { "2001:db8:1:1::" } else { "2001:db8:1:2::" };
        assert_eq!(storm(&both, from(network), anyone, 36).await, 30, "{name}");
        assert!(is_throttled(&try_from(&one, &format!("{network}ffff"), "new@example.com", WRONG).await));
        assert!(!is_throttled(&try_from(&other, "2001:db8:1:3::1", "new@example.com", WRONG).await));
        one.stop().await;
        other.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn what_one_of_the_counts_forgets_the_other_remembers() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let redis = fleet.redis();
    let url = redis.url();
    let flags = [&BEHIND_PROXY[..], &PATIENT, &["--redis-url", &url]].concat();
    let (one, other) = (fleet.instance(&flags).await, fleet.instance(&flags).await);
    let throttled = async |email| is_throttled(&try_from(&other, "203.0.113.9", email, WRONG).await);

    // Redis remembers.
    assert_eq!(storm(&[&one], anywhere, |_| "ada@example.com".to_owned(), 10).await, 10);
    one.sql("DELETE FROM login_failures", vec![]).await;
    assert!(throttled("ada@example.com").await);

    // The database does.
    assert_eq!(storm(&[&one], anywhere, |_| "bob@example.com".to_owned(), 10).await, 10);
    redis.flush().await.unwrap();
    assert!(throttled("bob@example.com").await);

    // Redis dies in the middle.
    assert_eq!(storm(&[&one, &other], anywhere, |_| "eve@example.com".to_owned(), 5).await, 5);
    redis.kill().await.unwrap();
    assert_eq!(storm(&[&one, &other], anywhere, |_| "eve@example.com".to_owned(), 9).await, 5);
    assert!(throttled("eve@example.com").await);
    one.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn an_owner_gets_in_during_a_storm_from_where_they_have_been_before() {
    let shop = Shop::start_with(Kind::Sqlite, &BEHIND_PROXY).await;
    join(&shop, ADA).await;
    let home = "203.0.113.7";
    let session = format!("Bearer {}", try_from(&shop, home, ADA, PASSWORD).await.string("/sessionCreate/token"));

    assert_eq!(storm(&[&shop], anywhere, |_| ADA.to_owned(), 30).await, 10);
    // The right password does not help those who come from elsewhere, nor does it tell them that it is right.
    let [right, wrong] = [PASSWORD, WRONG].map(|password| try_from(&shop, "203.0.113.8", ADA, password));
    let (right, wrong) = (right.await, wrong.await);
    assert!(is_throttled(&right) && is_throttled(&wrong));
    assert_eq!(right.json["errors"][0]["path"], wrong.json["errors"][0]["path"]);
    for _ in 0..12 {
        try_from(&shop, home, ADA, PASSWORD).await.string("/sessionCreate/token");
    }
    assert_eq!(email_of(&shop, &session).await.as_deref(), Some(ADA));

    // There, too, ten may fail, and a right one in between is no failure.
    assert_eq!(storm(&[&shop], |_| home.to_owned(), |_| ADA.to_owned(), 9).await, 9);
    try_from(&shop, home, ADA, PASSWORD).await.string("/sessionCreate/token");
    assert_eq!(storm(&[&shop], |_| home.to_owned(), |_| ADA.to_owned(), 5).await, 1);
    assert!(is_throttled(&try_from(&shop, home, ADA, PASSWORD).await));
    shop.stop().await;
}

#[tokio::test]
async fn an_address_that_nobody_trusted_has_named_is_not_believed() {
    let shop = Shop::start(Kind::Sqlite).await;

    let looked_at = storm(&[&shop], anywhere, |turn| format!("user{turn}@example.com"), 36).await;

    assert_eq!(looked_at, 30);
    shop.stop().await;
}

#[tokio::test]
async fn of_twenty_aliases_ten_are_looked_at() {
    let shop = Shop::start_with(Kind::Sqlite, &["--max-mutations", "20"]).await;
    join(&shop, ADA).await;
    let one = |index: usize| {
        let password = if index == 15 { PASSWORD } else { WRONG };
        format!("a{index}: sessionCreate(input: {{ email: \"{ADA}\", password: \"{password}\" }}) {{ token }} ")
    };
    let twenty: String = (0..20).map(one).collect();

    let answer = shop.ask(&format!("mutation {{ {twenty} }}"), json!({})).await;

    let (data, errors) = (answer.json["data"].as_object().unwrap(), answer.json["errors"].as_array().unwrap());
    assert_eq!(data.values().filter(|payload| !payload.is_null()).count(), 10, "{}", answer.text);
    assert_eq!(errors.len(), 10);
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "THROTTLED"), "{}", answer.text);
    assert!(!answer.text.contains("sfs_"), "a right password among them lets in");
    shop.stop().await;
}

#[tokio::test]
async fn failures_that_are_long_ago_count_no_more_in_the_database() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(&[]).await;
    let seal = || SecretKey::new(SECRET).seal("login attempt");
    // Windows of their own, which have seen nothing yet.
    let attempts = || Attempts::new(shop.db.clone(), Limiter::of_logins(None, "test").into(), seal());
    for _ in 0..10 {
        attempts().begin(Some(ADA), None).await.unwrap();
    }
    assert_eq!(attempts().begin(Some(ADA), None).await.err().unwrap().code(), "THROTTLED");

    let long_ago = chrono::Utc::now() - chrono::TimeDelta::minutes(16);
    shop.sql("UPDATE login_failures SET since = $1", vec![long_ago.into()]).await;
    assert!(attempts().begin(Some(ADA), None).await.is_ok());

    attempts().sweep().await.unwrap();
    assert_eq!(shop.count("login_failures WHERE since < $1", chrono::Utc::now()).await, 1);
    shop.sql("UPDATE login_failures SET since = $1", vec![long_ago.into()]).await;
    attempts().sweep().await.unwrap();
    assert_eq!(shop.count("login_failures WHERE since < $1", chrono::Utc::now()).await, 0);
    shop.stop().await;
    fleet.end().await;
}
