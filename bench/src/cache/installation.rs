//! What is measured: a primary, two replicas and Redis over a shop of 20,000 products, and servers in front of them as they are asked for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use devstack::{RedisServer, Stack, StackOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::program::run;
use crate::server::Server;

pub const DATABASE: &str = "shop";
pub const STAFF_KEY: &str = "the staff key of the figures";
const SIZES: [&str; 10] =
    ["--stores", "200", "--products", "20000", "--skus", "50000", "--users", "10", "--orders", "10"];
/// The products that most requests ask for: so many, spread over the whole shop.
pub const HOT: usize = 200;
const IN_USE_WITHIN: Duration = Duration::from_secs(60);

/// What most shops set apart from the defaults: nothing, no in-process tier, no cache.
pub const BOTH_TIERS: &[(&str, &str)] = &[];
pub const REDIS_ALONE: &[(&str, &str)] = &[("STOREFRONT_LOCAL_CACHE_TTL_MS", "0")];
pub const NO_CACHE: &[(&str, &str)] = &[("FEATURE_REDIS_CACHE", "false")];

pub struct Installation {
    pub stack: Stack,
    /// The ids of all products, the hot ones first.
    pub products: Vec<String>,
    program: PathBuf,
    folder: TempDir,
}

impl Installation {
    pub async fn start(program: &Path) -> anyhow::Result<Self> {
        let stack = Stack::start(StackOptions { fsync: true, ..Default::default() }).await?;
        stack.create_database(DATABASE).await?;
        let url = stack.primary_url(DATABASE);
        run(program, &["migrate", "up"], &url)?;
        run(program, &[&["seed"], &SIZES[..]].concat(), &url)?;
        // As when the shop was filled long ago: nothing is left to be told to the cache.
        stack.primary().execute(DATABASE, "TRUNCATE change_log").await?;
        stack.primary().execute(DATABASE, "VACUUM ANALYZE").await?;
        stack.await_replay().await?;
        let folder = tempfile::tempdir()?;
        let mut installation = Self { stack, products: Vec::new(), program: program.to_owned(), folder };
        installation.products = installation.list_products().await?;
        Ok(installation)
    }

    pub fn redis(&self) -> anyhow::Result<&RedisServer> {
        self.stack.redis().context("the stack has Redis")
    }

    pub fn hot(&self) -> &[String] {
        &self.products[..HOT]
    }

    /// A server that uses all of it and has its caches in use, if it has any. Redis keeps what it holds.
    pub async fn server(&self, settings: &[(&str, &str)]) -> anyhow::Result<Server> {
        let (primary, replicas) = (self.stack.primary_url(DATABASE), self.stack.replica_urls(DATABASE).join(","));
        let redis = self.redis()?.url();
        let mut all = vec![
            ("DATABASE_URL", primary.as_str()),
            ("REPLICA_URLS", replicas.as_str()),
            ("REDIS_URL", redis.as_str()),
            ("STOREFRONT_SECRET_KEY", "the secret key of the figures"),
            ("STOREFRONT_STAFF_KEY", STAFF_KEY),
        ];
        all.extend(settings);
        let server = Server::start(&self.program, self.folder.path(), &all)?;
        let deadline = Instant::now() + IN_USE_WITHIN;
        while !is_in_use(&server, self.products.first(), settings == NO_CACHE).await? {
            ensure!(Instant::now() < deadline, "the server uses not all that it has");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.stack.stop().await
    }

    async fn list_products(&self) -> anyhow::Result<Vec<String>> {
        const PAGE: &str =
            "query ($after: String) { products(first: 100, after: $after) { nodes { id } pageInfo { endCursor } } }";
        let server = self.server(NO_CACHE).await?;
        let (mut ids, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut answer = server.ask(PAGE, json!({ "after": after })).await?;
            let page = &mut answer["data"]["products"];
            let before = ids.len();
            ids.extend(
                page["nodes"].as_array().into_iter().flatten().filter_map(|node| Some(node["id"].as_str()?.to_owned())),
            );
            if ids.len() == before {
                break;
            }
            after = page["pageInfo"]["endCursor"].take();
        }
        server.stop()?;
        ensure!(ids.len() > HOT * 2, "the shop has too few products");
        let every = ids.len() / HOT;
        let (hot, others): (Vec<_>, Vec<_>) =
            ids.into_iter().enumerate().partition(|(place, _)| place % every == 0 && place / every < HOT);
        Ok(hot.into_iter().chain(others).map(|(_, id)| id).collect())
    }
}

/// Whether a server reads from both replicas, and takes values out of its cache.
async fn is_in_use(server: &Server, product: Option<&String>, has_no_cache: bool) -> anyhow::Result<bool> {
    let hosts = server.metrics("storefront_host_in_use").await?;
    if hosts.len() < 3 || hosts.iter().any(|(_, value)| *value != 1) {
        return Ok(false);
    }
    let Some(product) = product.filter(|_| !has_no_cache) else { return Ok(true) };
    server.ask("query ($id: ID!) { product(id: $id) { id } }", json!({ "id": product })).await?;
    let reads = server.metrics("storefront_cache_reads_total").await?;
    Ok(reads.iter().any(|(labels, value)| labels.contains("hit") && *value > 0))
}
