//! `REDIS_READ_URL`: a Redis that follows the main one serves those without a token, for as long as it does follow.

use devstack::{RedisServer, StackOptions};
use serde_json::json;

use super::acts::rename;
use super::hot::{REMOTE_ONLY, cached, id_of, until_hot};
use crate::support::{EXPLAIN, Fleet, Shop, TOKEN, until};

const PRODUCT: &str = "query ($id: ID!) { product(id: $id) { name } }";
const READS: u64 = 3;

/// How often a Redis was asked for nodes so far.
async fn mgets(server: &RedisServer) -> u64 {
    let client = redis::Client::open(server.url()).unwrap();
    let mut session = client.get_multiplexed_async_connection().await.unwrap();
    let stats: String = redis::cmd("INFO").arg("commandstats").query_async(&mut session).await.unwrap();
    let mgets = stats.lines().find_map(|line| line.strip_prefix("cmdstat_mget:calls="));
    mgets.map_or(0, |mgets| mgets.split(',').next().unwrap().parse().unwrap())
}

/// An instance with a Redis to write to and one to read from, and a product.
struct Pair<'a> {
    shop: Shop,
    main: &'a RedisServer,
    follower: RedisServer,
    product: String,
}

impl Pair<'_> {
    /// Reads the product a few times; the name, and how often the main Redis and its follower were asked for it.
    async fn read(&self, headers: &[(&str, &str)]) -> (String, u64, u64) {
        let before = (mgets(self.main).await, mgets(&self.follower).await);
        let mut name = String::new();
        for _ in 0..READS {
            // Explained: no whole answer stands in for the nodes.
            let headers = [&[EXPLAIN], headers].concat();
            name = self.shop.send(PRODUCT, json!({ "id": self.product }), &headers).await.string("/product/name");
        }
        (name, mgets(self.main).await - before.0, mgets(&self.follower).await - before.1)
    }

    async fn until_read(&self, name: &str, from_main: u64, from_follower: u64) {
        let expected = (name.to_owned(), from_main, from_follower);
        until(&format!("it is {expected:?}"), async || self.read(&[]).await == expected).await;
    }
}

#[tokio::test]
async fn a_redis_that_follows_serves_those_without_a_token_until_it_is_late() {
    // Redis counts for all who use it.
    let fleet = Fleet::faulty_with(StackOptions { replicas: 1, ..StackOptions::default() }).await;
    let main = fleet.redis();
    main.command(&["CONFIG", "SET", "repl-diskless-sync-delay", "0"]).await.unwrap();
    let port = main.port().to_string();
    let options = ["--replicaof", "127.0.0.1", &port, "--dbfilename", "follower.rdb"];
    let follower = fleet.stack().further_redis(&options).await.unwrap();
    let shop = cached(&fleet, &[REMOTE_ONLY, &["--redis-read-url", &follower.url()]].concat()).await;
    shop.fill(1, 1).await;
    fleet.stack().await_replay().await.unwrap();
    let product = id_of(&shop, "product", "store-1-1").await;
    until_hot(&shop, PRODUCT, json!({ "id": product })).await;
    let pair = Pair { shop, main, follower, product };

    pair.until_read("Product", 0, READS).await;
    let token = rename(&pair.shop, &pair.product, "first").await.token();
    assert_eq!(pair.read(&[(TOKEN, &token)]).await, ("first".to_owned(), READS, 0));
    fleet.stack().await_replay().await.unwrap();
    pair.until_read("first", 0, READS).await;

    // It keeps what it has, and nobody tells it of the write.
    pair.follower.command(&["REPLICAOF", "127.0.0.1", "1"]).await.unwrap();
    rename(&pair.shop, &pair.product, "second").await;
    fleet.stack().await_replay().await.unwrap();
    pair.until_read("second", READS, 0).await;

    pair.follower.command(&["REPLICAOF", "127.0.0.1", &port]).await.unwrap();
    pair.until_read("second", 0, READS).await;
    pair.shop.stop().await;
    fleet.end().await;
}
