//! Redis that goes away, hangs, fills up or forgets in the middle of load: nobody notices, but for the time it takes.

use devstack::{RedisServer, StackOptions};
use futures_util::future::join_all;

use super::market::{Market, products, read, rename, until_hot, until_hot_as, until_named};
use super::stall::Stall;
use crate::support::{Fleet, until};

/// A number that Redis tells of itself.
async fn number_of(redis: &RedisServer, name: &str) -> u64 {
    let mut connection = connect(redis).await;
    let info: String = redis::cmd("INFO").query_async(&mut connection).await.unwrap();
    let number = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    number.unwrap_or_else(|| panic!("no {name} in {info}")).trim().parse().unwrap()
}

/// Stores as much as makes a Redis full that is almost so.
async fn litter(redis: &RedisServer) {
    let mut litter = redis::pipe();
    for number in 0..500 {
        litter.set(format!("litter:{number}"), "litter ".repeat(100)).ignore();
    }
    // A full one refuses the rest.
    let _ = litter.exec_async(&mut connect(redis).await).await;
}

async fn connect(redis: &RedisServer) -> redis::aio::MultiplexedConnection {
    redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
}

#[tokio::test]
async fn a_redis_that_is_killed_or_frozen_fails_nothing_and_is_used_again_when_it_is_back() {
    let market = Market::open().await;
    let redis = market.fleet.redis();

    market
        .while_open(async {
            market.pass().await;
            redis.kill().await.unwrap();
            market.until_distrusted().await;
            market.pass().await;
            redis.start().await.unwrap();
            market.pass().await;
        })
        .await;
    market.until_settled().await;

    market
        .while_open(async {
            redis.freeze().await.unwrap();
            market.until_distrusted().await;
            market.pass().await;
            redis.thaw().await.unwrap();
            market.pass().await;
            // Gone while it hangs.
            redis.freeze().await.unwrap();
            market.pass().await;
            redis.kill().await.unwrap();
            redis.start().await.unwrap();
            market.pass().await;
        })
        .await;
    market.until_settled().await;
    market.close().await;
}

#[tokio::test]
async fn a_redis_that_is_full_or_read_only_or_emptied_fails_nothing_and_is_used_again_afterwards() {
    let market = Market::open().await;
    let redis = market.fleet.redis();
    let set = async |name: &str, value: &str| redis.command(&["CONFIG", "SET", name, value]).await.unwrap();

    market
        .while_open(async {
            market.pass().await;
            redis.flush().await.unwrap();
            market.pass().await;
            redis.flush().await.unwrap();
            redis.command(&["SCRIPT", "FLUSH"]).await.unwrap();
            market.pass().await;
        })
        .await;
    market.until_settled().await;

    // Whatever is stored is soon dropped again, fences among it.
    set("maxmemory-policy", "allkeys-lru").await;
    set("maxmemory", &(number_of(redis, "used_memory").await + 200_000).to_string()).await;
    market
        .while_open(async {
            litter(redis).await;
            market.pass().await;
            litter(redis).await;
            market.pass().await;
            set("maxmemory-policy", "noeviction").await;
            litter(redis).await;
            market.pass().await;
            set("maxmemory", "1").await;
            market.pass().await;
            set("maxmemory", "0").await;
            market.pass().await;
        })
        .await;
    assert!(number_of(redis, "evicted_keys").await > 0);
    market.until_settled().await;

    market
        .while_open(async {
            redis.command(&["REPLICAOF", "127.0.0.1", "1"]).await.unwrap();
            market.until_distrusted().await;
            market.pass().await;
            redis.command(&["REPLICAOF", "NO", "ONE"]).await.unwrap();
            market.pass().await;
        })
        .await;
    market.until_settled().await;
    market.close().await;
}

#[tokio::test]
async fn what_a_read_only_redis_holds_is_not_read_once_a_write_could_not_be_told() {
    let market = Market::open().await;
    let ([one, other], [product, ..]) = (&market.instances, &market.products[..]) else { unreachable!() };
    until_hot(one, product).await;
    until_hot(other, product).await;

    market.fleet.redis().command(&["REPLICAOF", "127.0.0.1", "1"]).await.unwrap();
    assert_eq!(read(other, product).await.statements(), 0);
    rename(one, product, "new").await;

    until_named(one, product, "new").await;
    until_named(other, product, "new").await;
    market.until_distrusted().await;
    assert_eq!(read(other, product).await.string("/product/name"), "new");
    market.fleet.redis().command(&["REPLICAOF", "NO", "ONE"]).await.unwrap();
    for shop in [one, other] {
        until_hot_as(shop, product, "new").await;
    }
    market.close().await;
}

#[tokio::test]
async fn a_redis_that_comes_back_with_what_it_held_before_brings_no_old_value_back() {
    let market = Market::open().await;
    let ([one, other], redis) = (&market.instances, market.fleet.redis());
    let [settled, missed, ..] = &market.products[..] else { unreachable!() };
    for product in [settled, missed] {
        until_hot(other, product).await;
    }
    redis.save().await.unwrap();

    // One write is long told and done with, the other falls into the outage.
    rename(one, settled, "settled").await;
    let settle = "UPDATE change_log SET fenced_at = now(), is_settled = true";
    market.fleet.primary().execute(&market.fleet.database, settle).await.unwrap();
    redis.kill().await.unwrap();
    market.until_distrusted().await;
    rename(one, missed, "missed").await;
    redis.start().await.unwrap();

    // Nobody reads before: a read finds the new value in the database, and would store it over the old one.
    for shop in [one, other] {
        until("the cache is trusted", async || shop.app.shared.cache.is_trusted()).await;
    }
    for (product, name) in [(settled, "settled"), (missed, "missed")] {
        assert_eq!(read(other, product).await.string("/product/name"), name);
        until_hot_as(other, product, name).await;
        until_hot_as(one, product, name).await;
    }
    market.close().await;
}

#[tokio::test]
async fn after_redis_was_emptied_each_instance_reads_a_hot_product_once() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let stall = Stall::open(&fleet).await;
    let (product, other) = (&stall.products[0], fleet.cached(&["--local-cache-ttl-ms", "0"]).await);
    until_hot(&stall.shop, product).await;
    until_hot(&other, product).await;

    for _ in 0..5 {
        fleet.redis().flush().await.unwrap();
        let answers = join_all((0..64).map(|number| read([&stall.shop, &other][number % 2], product))).await;

        let statements = answers
            .iter()
            .flat_map(|answer| answer.json["extensions"]["explain"]["statements"].as_array().expect("it is explained"));
        let reads = statements.filter(|statement| statement["label"] == "ProductById").count();
        assert!((1..=2).contains(&reads), "{reads} statements for one product");
    }
    stall.shop.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_server_that_starts_without_redis_serves_and_uses_it_when_it_comes() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    fleet.redis().kill().await.unwrap();
    let url = fleet.redis().url();

    let shop = fleet.instance(&["--redis-url", &url]).await;
    shop.fill(1, 2).await;
    fleet.stack().await_replay().await.unwrap();
    let products = products(&shop, 1).await;
    let read_before = read(&shop, &products[0]).await;
    rename(&shop, &products[0], "new").await;
    fleet.redis().start().await.unwrap();

    assert!(read_before.statements() > 0);
    until_hot_as(&shop, &products[0], "new").await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn without_its_own_address_for_reads_redis_is_read_at_the_main_one() {
    let fleet = Fleet::shared().await;
    let shop = fleet.cached(&["--redis-read-url", "redis://127.0.0.1:1/", "--local-cache-ttl-ms", "0"]).await;
    shop.fill(1, 2).await;
    fleet.stack().await_replay().await.unwrap();
    let products = products(&shop, 2).await;

    for product in &products {
        assert_eq!(read(&shop, product).await.string("/product/name"), "Product");
        until_hot(&shop, product).await;
    }

    rename(&shop, &products[0], "new").await;
    until_named(&shop, &products[0], "new").await;
    shop.stop().await;
    fleet.end().await;
}
