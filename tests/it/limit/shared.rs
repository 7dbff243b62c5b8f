//! Limiters on one Redis are one limiter; without it each goes on alone, and with it again as if nothing had been.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use devstack::{RedisServer, Stack};
use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;
use storefront::config::WindowConfig;
use storefront::limit::{Limiter, Policy, Receipt, Who};
use storefront::redis::{Endpoint, Manners};
use storefront::telemetry;
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::support::until;

/// A limiter with what goes on beside it.
struct Instance {
    limiter: Arc<Limiter>,
    keeping: AbortHandle,
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

impl Instance {
    /// Windows so long that nothing comes back during a test. A busy machine is no Redis that is away.
    fn start(urls: &[String], namespace: &str, response: Duration) -> Self {
        telemetry::metrics();
        let config =
            WindowConfig { window_secs: 3600, address_points: 1000, client_points: 5000, window_mutations: 100 };
        let manners = Manners { response, connection: Duration::from_secs(5), authority: None };
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        let endpoint = Endpoint::new(&urls, &manners, "gate", "each counts for itself").unwrap();
        let endpoint = Arc::new(endpoint);
        let limiter = Arc::new(Limiter::new(&config, Some(endpoint.clone()), namespace));
        let kept = limiter.clone().keep();
        let keeping = tokio::spawn(async move { tokio::join!(endpoint.look_after(), kept) }).abort_handle();
        Self { limiter, keeping }
    }

    fn patient(urls: &[String], namespace: &str) -> Self {
        Self::start(urls, namespace, Duration::from_secs(5))
    }

    async fn remaining(&self, who: &Who) -> u64 {
        self.limiter.charge(who, 0, 0).await.unwrap().points().unwrap().remaining
    }
}

fn namespace() -> String {
    Uuid::now_v7().simple().to_string()
}

fn client(buyer: Option<&str>) -> Who {
    Who::Client { id: Uuid::from_u128(7), points: None, buyer: buyer.map(|buyer| buyer.parse().unwrap()) }
}

fn home() -> Who {
    Who::Address(IpAddr::from([203, 0, 113, 7]))
}

fn fallbacks() -> f64 {
    let text = telemetry::metrics().render();
    let count = text.lines().find_map(|line| line.strip_prefix("storefront_limit_fallbacks_total "));
    count.map_or(0.0, |count| count.parse().unwrap())
}

fn remaining(receipt: &Receipt) -> Vec<(Policy, u64)> {
    receipt.standings().map(|standing| (standing.policy, standing.remaining)).collect()
}

async fn shared_redis() -> Vec<String> {
    vec![Stack::shared().await.unwrap().redis_url().unwrap()]
}

async fn redis_of_ones_own() -> RedisServer {
    Stack::shared().await.unwrap().further_redis(&[]).await.unwrap()
}

async fn connect(url: &str) -> MultiplexedConnection {
    redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}

#[test]
fn every_metric_of_windows_is_described_and_has_a_row() {
    telemetry::metrics();
    let _limiter = Limiter::new(&WindowConfig::default(), None, "");

    let text = telemetry::metrics().render();

    let names = text.lines().filter_map(|line| line.strip_prefix("# TYPE storefront_limit_")?.split(' ').next());
    let names: BTreeSet<&str> = names.collect();
    assert_eq!(
        names,
        BTreeSet::from(["charged_points_total", "fallbacks_total", "refunded_points_total", "refusals_total"])
    );
    for name in names {
        assert!(text.contains(&format!("# HELP storefront_limit_{name} ")), "{name} is not described");
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(&format!("`storefront_limit_{name}")), "{name} has no row in README.md");
    }
}

#[tokio::test]
async fn two_instances_together_spend_no_more_than_the_limit_and_all_of_it() {
    let (urls, namespace) = (shared_redis().await, namespace());
    let instances = [Instance::patient(&urls, &namespace), Instance::patient(&urls, &namespace)];
    let who = home();

    // A window is used up by small charges, so that the last one that passes leaves nothing.
    let charges = (0..300).map(|round| instances[round % 2].limiter.charge(&who, 7, 0));
    let passed = join_all(charges).await.into_iter().filter(Result::is_ok).count();

    assert_eq!(passed, 142);
    for Instance { limiter, .. } in &instances {
        let refusal = limiter.refused_for(&who).unwrap();
        assert_eq!((refusal.policy, refusal.limit, refusal.remaining), (Policy::Points, 1000, 6));
        assert!((3590..=3720).contains(&refusal.retry_after.unwrap().as_secs()), "{refusal:?}");
    }
}

#[tokio::test]
async fn all_windows_of_a_request_are_charged_or_none() {
    let (urls, namespace) = (shared_redis().await, namespace());
    let (one, other) = (Instance::patient(&urls, &namespace), Instance::patient(&urls, &namespace));
    let buyer = client(Some("2001:db8::1"));

    let first = one.limiter.charge(&buyer, 995, 40).await.unwrap();
    let too_dear = other.limiter.charge(&buyer, 6, 1).await.unwrap_err();
    let too_many = one.limiter.charge(&client(None), 1, 61).await.unwrap_err();
    let second = other.limiter.charge(&client(Some("2001:db8:0:1::1")), 100, 60).await.unwrap();

    let of_both = |points, buyer, mutations| {
        vec![(Policy::Points, points), (Policy::Buyer, buyer), (Policy::Mutations, mutations)]
    };
    assert_eq!(remaining(&first), of_both(4005, 5, 60));
    assert_eq!((too_dear.policy, too_dear.remaining), (Policy::Buyer, 5));
    assert_eq!((too_many.policy, too_many.remaining), (Policy::Mutations, 60));
    // Those of the same network are one buyer.
    assert_eq!(other.limiter.refused_for(&client(Some("2001:db8::2"))).unwrap().policy, Policy::Buyer);
    // The one of too many mutations cost ten points.
    assert_eq!(remaining(&second), of_both(3895, 900, 0));
}

#[tokio::test]
async fn what_is_given_back_reaches_redis_along_with_a_charge_or_by_itself() {
    let (urls, namespace) = (shared_redis().await, namespace());
    let (one, other) = (Instance::patient(&urls, &namespace), Instance::patient(&urls, &namespace));
    let buyer = client(Some("198.51.100.1"));

    let receipt = one.limiter.charge(&buyer, 600, 1).await.unwrap();
    one.limiter.refund(&receipt, 500);
    let again = one.limiter.charge(&buyer, 0, 0).await.unwrap();
    assert_eq!(remaining(&again), [(Policy::Points, 4900), (Policy::Buyer, 900)]);

    one.limiter.refund(&receipt, 40);
    until("the other instance has it", async || other.remaining(&buyer).await == 940).await;
    // More than is left of what was charged comes back to nobody.
    one.limiter.refund(&receipt, 600);
    until("the other instance has it", async || other.remaining(&buyer).await == 1000).await;
    assert_eq!(one.remaining(&client(None)).await, 5000);
}

#[tokio::test]
async fn namespaces_and_subjects_are_apart() {
    let urls = shared_redis().await;
    let (one, other) = (Instance::patient(&urls, &namespace()), Instance::patient(&urls, &namespace()));
    one.limiter.charge(&home(), 600, 0).await.unwrap();

    assert_eq!(one.remaining(&home()).await, 400);
    assert_eq!(other.remaining(&home()).await, 1000);
    assert_eq!(one.remaining(&client(None)).await, 5000);
}

#[tokio::test]
async fn a_redis_that_forgot_the_script_is_told_it_again() {
    let redis = redis_of_ones_own().await;
    let instance = Instance::patient(&[redis.url()], &namespace());
    instance.limiter.charge(&home(), 100, 0).await.unwrap();

    redis.command(&["SCRIPT", "FLUSH"]).await.unwrap();

    assert_eq!(instance.remaining(&home()).await, 900);
    redis.kill().await.unwrap();
}

#[tokio::test]
async fn without_redis_each_instance_counts_for_itself_and_with_it_they_share_again() {
    let redis = redis_of_ones_own().await;
    let (urls, namespace) = ([redis.url()], namespace());
    let (one, other) = (Instance::patient(&urls, &namespace), Instance::patient(&urls, &namespace));
    one.limiter.charge(&home(), 600, 0).await.unwrap();
    assert_eq!(other.remaining(&home()).await, 400);

    redis.kill().await.unwrap();
    let before = fallbacks();
    for Instance { limiter, .. } in [&one, &other] {
        for _ in 0..10 {
            limiter.charge(&home(), 100, 0).await.unwrap();
        }
        // In the process nobody goes free either.
        assert_eq!(limiter.charge(&home(), 100, 0).await.unwrap_err().remaining, 0);
    }
    assert!(fallbacks() >= before + 20.0);

    redis.start().await.unwrap();
    let who = client(None);
    until("both charge in Redis again", async || {
        let mut mine = connect(&redis.url()).await;
        let _ = (one.limiter.charge(&who, 1, 0).await, other.limiter.charge(&who, 1, 0).await);
        let keys: Vec<String> = redis::cmd("KEYS").arg("storefront:*").query_async(&mut mine).await.unwrap();
        let [key] = &keys[..] else { return false };
        let used: u64 = redis::cmd("HGET").arg(key).arg("u").query_async(&mut mine).await.unwrap();
        used == 5000 - other.remaining(&who).await && used == 5000 - one.remaining(&who).await
    })
    .await;
    redis.kill().await.unwrap();
}

#[tokio::test]
async fn a_redis_that_hangs_fails_no_request() {
    let redis = redis_of_ones_own().await;
    let instance = Instance::start(&[redis.url()], &namespace(), Duration::from_millis(50));
    redis.freeze().await.unwrap();

    for round in 0..50 {
        assert!(instance.limiter.charge(&home(), 10, 1).await.is_ok(), "round {round}");
    }

    redis.thaw().await.unwrap();
    let mut mine = connect(&redis.url()).await;
    until("it is used again", async || {
        let _ = instance.limiter.charge(&client(None), 1, 0).await;
        let keys: Vec<String> = redis::cmd("KEYS").arg("storefront:*:c:*").query_async(&mut mine).await.unwrap();
        !keys.is_empty()
    })
    .await;
    redis.kill().await.unwrap();
}

#[tokio::test]
async fn on_a_cluster_the_windows_of_a_request_lie_together() {
    let cluster = Stack::shared().await.unwrap().redis_cluster(3).await.unwrap();
    let urls: Vec<String> = cluster.nodes().iter().map(RedisServer::url).collect();
    let namespace = namespace();
    let (one, other) = (Instance::patient(&urls, &namespace), Instance::patient(&urls, &namespace));

    for number in 0..30 {
        let who = Who::Client { id: Uuid::from_u128(number), points: Some(500), buyer: Some([198, 51, 100, 1].into()) };
        let receipt = one.limiter.charge(&who, 300, 2).await.unwrap();
        one.limiter.refund(&receipt, 200);
        until("it is given back", async || other.remaining(&who).await == 400).await;
        assert_eq!(other.limiter.charge(&who, 401, 0).await.unwrap_err().policy, Policy::Points);
    }

    cluster.stop().await.unwrap();
}
