//! Who is charged for what: clients, addresses and buyers, in the process.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use uuid::Uuid;

use crate::config::WindowConfig;
use crate::limit::key::{Key, Network, Policy, Spending, Subject};
use crate::limit::local::Local;
use crate::limit::window::{Rule, Verdict};
use crate::limit::{Limiter, Refusal, Who};

const HOME: Who = Who::Address(IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7)));

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Windows so long that nothing comes back during a test.
fn limiter() -> Limiter {
    let config = WindowConfig { window_secs: 3600, address_points: 100, client_points: 1000, window_mutations: 10 };
    Limiter::new(&config, None, "test")
}

async fn refused(limiter: &Limiter, who: &Who, points: u64, mutations: u32) -> Refusal {
    limiter.charge(who, points, mutations).await.unwrap_err()
}

#[tokio::test]
async fn an_address_spends_its_points_and_is_refused_with_what_is_left_and_when() {
    let limiter = limiter();

    let receipt = limiter.charge(&HOME, 70, 0).await.unwrap();
    let standing = receipt.points().unwrap();
    let refusal = refused(&limiter, &HOME, 31, 0).await;

    assert_eq!((standing.limit, standing.remaining, standing.period.as_secs()), (100, 30, 3600));
    assert!((3600..=3720).contains(&standing.resets_in.as_secs()), "{standing:?}");
    // Less by the ten that a refusal costs.
    assert_eq!((refusal.policy, refusal.limit, refusal.remaining), (Policy::Points, 100, 20));
    assert!((3600..=3720).contains(&refusal.retry_after.unwrap().as_secs()), "{refusal:?}");
}

#[tokio::test]
async fn who_cannot_pay_for_a_refusal_is_refused_before_anything_is_read_and_nobody_else_is() {
    let limiter = limiter();
    let other = Who::Address(address("203.0.113.8"));
    assert_eq!(limiter.refused_for(&HOME), None);

    limiter.charge(&HOME, 95, 0).await.unwrap();
    limiter.charge(&other, 75, 0).await.unwrap();
    refused(&limiter, &HOME, 6, 0).await;
    refused(&limiter, &other, 26, 0).await;

    let refusal = limiter.refused_for(&HOME).unwrap();
    assert_eq!((refusal.policy, refusal.remaining), (Policy::Points, 5));
    assert!((3600..=3720).contains(&refusal.retry_after.unwrap().as_secs()), "{refusal:?}");
    // What is too dear for what is left keeps nobody from what is not.
    assert_eq!(limiter.refused_for(&other), None);
    assert_eq!(limiter.charge(&other, 15, 0).await.unwrap().points().unwrap().remaining, 0);
}

#[tokio::test]
async fn to_be_refused_costs_what_every_request_costs_that_comes_to_nothing() {
    let limiter = limiter();
    limiter.charge(&HOME, 50, 0).await.unwrap();

    for left in [40, 30, 20, 10, 0] {
        assert_eq!(refused(&limiter, &HOME, 90, 0).await.remaining, left);
    }

    assert_eq!(limiter.refused_for(&HOME), None);
    refused(&limiter, &HOME, 90, 0).await;
    assert!(limiter.refused_for(&HOME).is_some());
}

#[tokio::test]
async fn what_is_given_back_can_be_spent_again_at_once() {
    let limiter = limiter();
    let receipt = limiter.charge(&HOME, 100, 0).await.unwrap();
    refused(&limiter, &HOME, 1, 0).await;
    assert!(limiter.refused_for(&HOME).is_some());

    limiter.refund(&receipt, 40);

    assert_eq!(limiter.refused_for(&HOME), None);
    assert_eq!(limiter.charge(&HOME, 30, 0).await.unwrap().points().unwrap().remaining, 10);
    // Never more than was charged.
    limiter.refund(&receipt, 1000);
    assert_eq!(limiter.charge(&HOME, 100, 0).await.unwrap().points().unwrap().remaining, 0);
}

#[tokio::test]
async fn a_charge_above_the_limit_never_passes_and_keeps_nobody_from_asking_for_less() {
    let limiter = limiter();

    let refusal = refused(&limiter, &HOME, 101, 0).await;

    assert_eq!((refusal.retry_after, refusal.remaining), (None, 90));
    assert_eq!(limiter.refused_for(&HOME), None);
    limiter.charge(&HOME, 90, 0).await.unwrap();
}

#[tokio::test]
async fn mutations_have_a_window_of_their_own_which_lets_queries_pass() {
    let limiter = limiter();
    limiter.charge(&HOME, 10, 8).await.unwrap();

    let refusal = refused(&limiter, &HOME, 10, 3).await;

    assert_eq!((refusal.policy, refusal.limit, refusal.remaining), (Policy::Mutations, 10, 2));
    assert_eq!(limiter.refused_for(&HOME), None);
    // The refused one cost as any refusal.
    let standing = limiter.charge(&HOME, 10, 0).await.unwrap().points().unwrap().clone();
    assert_eq!(standing.remaining, 70);
    assert_eq!(refused(&limiter, &HOME, 10, 3).await.policy, Policy::Mutations);
    limiter.charge(&HOME, 10, 2).await.unwrap();
}

#[tokio::test]
async fn a_client_has_the_points_that_its_key_was_given_wherever_it_asks_from() {
    let limiter = limiter();
    let client = |points| Who::Client { id: Uuid::from_u128(7), points, buyer: None };

    assert_eq!(limiter.charge(&client(None), 10, 0).await.unwrap().points().unwrap().limit, 1000);
    assert_eq!(limiter.charge(&client(Some(50)), 30, 0).await.unwrap().points().unwrap().remaining, 10);
    assert_eq!(refused(&limiter, &client(Some(50)), 11, 0).await.remaining, 0);
}

#[tokio::test]
async fn a_buyer_is_bounded_like_an_address_and_leaves_the_client_to_other_buyers() {
    let limiter = limiter();
    let buying = |buyer: &str| Who::Client { id: Uuid::from_u128(7), points: None, buyer: Some(address(buyer)) };

    let receipt = limiter.charge(&buying("198.51.100.1"), 95, 0).await.unwrap();
    let refusal = refused(&limiter, &buying("198.51.100.1"), 20, 0).await;

    let standing = receipt.points().unwrap();
    assert_eq!((standing.policy, standing.remaining), (Policy::Buyer, 5));
    assert_eq!((refusal.policy, refusal.limit, refusal.remaining), (Policy::Buyer, 100, 5));
    assert!(limiter.refused_for(&buying("198.51.100.1")).is_some());
    assert_eq!(limiter.refused_for(&buying("198.51.100.2")), None);
    let other = limiter.charge(&buying("198.51.100.2"), 10, 0).await.unwrap();
    // The refused one spent nothing of the client's either; what a buyer gets back the client gets back too.
    let remaining = |receipt: &super::super::Receipt| receipt.standings().map(|one| one.remaining).collect::<Vec<_>>();
    assert_eq!(remaining(&other), [895, 90]);
    limiter.refund(&receipt, 50);
    assert_eq!(remaining(&limiter.charge(&buying("198.51.100.1"), 10, 0).await.unwrap()), [935, 45]);
}

#[tokio::test]
async fn without_windows_nobody_is_charged_and_nobody_refused() {
    let limiter = Limiter::of_logins(None, "test");

    let receipt = limiter.charge(&HOME, u64::MAX, 100).await.unwrap();

    assert_eq!(receipt.points(), None);
    limiter.refund(&receipt, 1);
    assert_eq!(limiter.refused_for(&HOME), None);
}

#[test]
fn an_address_is_counted_by_its_network_in_whatever_form_it_is_written() {
    let network = |text| Network::from(address(text));

    assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
    assert_ne!(network("203.0.113.7"), network("203.0.113.6"));
    assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::"));
    assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
}

#[test]
fn the_windows_of_a_request_have_one_hash_tag_and_names_of_their_own() {
    let (client, network) = (Uuid::from_u128(7), Network::from(address("2001:db8::1")));
    let rule = Rule::new(1, Duration::from_secs(60));
    let name = |subject, policy, rule| Key { subject, policy }.name("space", rule);
    let mut names = vec![name(Subject::Client(client), Policy::Points, Rule::new(1, Duration::from_secs(6)))];
    for policy in Policy::ALL {
        names.push(name(Subject::Client(client), policy, rule));
        names.push(name(Subject::Buyer { client, network }, policy, rule));
    }

    let tags: BTreeSet<&str> = names.iter().map(|name| name.split(['{', '}']).nth(1).unwrap()).collect();

    assert_eq!(tags, BTreeSet::from(["space:w:c:00000000000000000000000000000007"]));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    assert_eq!(name(Subject::Address(network), Policy::Points, rule), "storefront:{space:w:a:2001:db8::}:points:60000");
}

#[test]
fn newcomers_share_a_window_when_there_are_too_many_and_clients_and_idle_ones_are_no_part_of_it() {
    let local = Local::with_room(160);
    let rule = Rule::new(10, Duration::from_secs(60));
    let charge = |subject, amount, clock_ms| {
        let key = Key { subject, policy: Policy::Points };
        local.charge(subject, &[Spending { key, rule, amount }], clock_ms)[0].verdict == Verdict::Passes
    };
    let newcomer = |number: u32| Subject::Address(Network::from(IpAddr::from(number.to_be_bytes())));

    let passed = (0..10_000).filter(|number| charge(newcomer(*number), 10, 0)).count();

    // Each of the 16 shards has room for ten, and a window for the rest.
    assert_eq!(passed, 16 * 11);
    assert!((0..1000).all(|number| charge(Subject::Client(Uuid::from_u128(number)), 10, 0)));
    local.drop_idle(61_999);
    assert!(!charge(newcomer(10_001), 10, 61_999));
    local.drop_idle(62_000);
    assert!(charge(newcomer(10_001), 10, 62_000));
}
