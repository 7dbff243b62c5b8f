//! What tells that Redis is away, or that it is there and refuses.

use std::time::{Duration, Instant};

use devstack::{Fate, StackOptions};
use futures_util::future::join_all;

use super::market::{until_hot, until_named};
use super::process::Process;
use super::stall::Stall;
use crate::support::{Fleet, until};

const REFUSED: &str = "refused_fills_total";
const FENCES: &str = "fences_total";
const FAILURES: &str = "storefront_redis_failures_total";
const OPEN: &str = "storefront_redis_breaker_open";
const REJECTIONS: &str = "storefront_redis_breaker_rejections_total";

#[tokio::test]
async fn a_full_redis_takes_fences_and_refuses_values_and_the_breaker_stays_closed() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let redis = fleet.redis();
    let stall = Stall::open(&fleet).await;
    let process = Process::start(&fleet, &[]).await;
    let [held, wanted, ..] = &stall.products[..] else { unreachable!() };
    process.until_hot(held).await;
    until_hot(&stall.shop, held).await;
    let unheard = process.counted(FENCES, &[("outcome", "unheard")]).await;

    redis.command(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await.unwrap();
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]).await.unwrap();
    assert_eq!(process.read(held).await.statements(), 0);
    let renamed = process.rename(held, "new").await;
    // Many more than open a breaker. Whoever reads while a value is on its way to Redis shares what was read for it.
    until("refused values are counted", async || {
        process.read(wanted).await;
        process.counted(REFUSED, &[("reason", "full")]).await >= 10.0
    })
    .await;

    assert_eq!(renamed.string("/productUpdate/product/name"), "new");
    assert_eq!(process.counted(FENCES, &[("outcome", "unheard")]).await, unheard);
    assert_eq!(stall.read(held).await, "new");
    assert_eq!(process.counted(REFUSED, &[("reason", "unreached")]).await, 0.0);
    assert_eq!(process.metric(OPEN, &[("endpoint", "main")]).await, 0.0);
    redis.command(&["CONFIG", "SET", "maxmemory", "0"]).await.unwrap();
    process.until_hot(wanted).await;
    process.program.stop().await;
    stall.shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn the_breaker_opens_after_failures_lets_nobody_wait_and_closes_when_redis_answers() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    let product = &stall.products[0];
    let proxy = fleet.redis().proxy().unwrap();
    let process = Process::start(&fleet, &[("REDIS_URL", &proxy.url(&fleet.redis().url()))]).await;
    process.until_hot(product).await;
    assert_eq!(process.metric(OPEN, &[("endpoint", "main")]).await, 0.0);

    proxy.swallow();
    until("the breaker opens", async || {
        process.read(product).await;
        process.metric(OPEN, &[("endpoint", "main")]).await == 1.0
    })
    .await;
    let failures = process.metric(FAILURES, &[("endpoint", "main")]).await;
    let rejections = process.metric(REJECTIONS, &[("endpoint", "main")]).await;
    let begun = Instant::now();
    let mut from_database = 0;
    for _ in 0..40 {
        from_database += usize::from(process.read(product).await.statements() > 0);
    }
    // Whoever reads while a probe takes a value along shares what was read for it.
    assert!(from_database > 20, "{from_database} of 40");
    // Each read was turned away at least once, or was a probe, of which there is one a second.
    let failed = process.metric(FAILURES, &[("endpoint", "main")]).await - failures;
    let rejected = process.metric(REJECTIONS, &[("endpoint", "main")]).await - rejections;
    let most = 10.0 + 2.0 * begun.elapsed().as_secs_f64();
    assert!(rejected + failed >= 40.0, "{rejected} rejections, {failed} failures");
    assert!(failed < most, "{failed} failures, at most {most}");

    stall.rename(product, "new").await;
    proxy.heal().unwrap();
    until("the breaker closes", async || process.metric(OPEN, &[("endpoint", "main")]).await == 0.0).await;
    process.until_hot(product).await;
    assert_eq!(process.read(product).await.string("/product/name"), "new");
    let warnings = process.program.stderr();
    let of_main: Vec<&String> = warnings.iter().filter(|line| line.contains("endpoint=\"main\"")).collect();
    let told = |words: &str| of_main.iter().filter(|line| line.contains(words)).count();
    assert_eq!((told("Redis is not reached"), told("Redis is reached again")), (1, 1), "{warnings:?}");
    process.program.stop().await;
    stall.shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_connection_to_redis_that_went_dumb_is_replaced() {
    let fleet = Fleet::shared().await;
    let stall = Stall::open(&fleet).await;
    let product = &stall.products[0];
    let proxy = fleet.redis().proxy().unwrap();
    let process = Process::start(&fleet, &[("REDIS_URL", &proxy.url(&fleet.redis().url()))]).await;
    process.until_hot(product).await;

    // The server gets what is sent, and its answers are lost; another connection would do.
    proxy.fail_after_sent(b"TIME", Fate::Swallow);
    tokio::time::timeout(Duration::from_secs(30), proxy.fired()).await.unwrap();
    until("the breaker opens", async || {
        join_all((0..8).map(|_| process.read(product))).await;
        process.metric(OPEN, &[("endpoint", "main")]).await == 1.0
    })
    .await;

    process.until_hot(product).await;
    stall.rename(product, "new").await;
    until_named(&stall.shop, product, "new").await;
    process.program.stop().await;
    stall.shop.stop().await;
    fleet.end().await;
}
