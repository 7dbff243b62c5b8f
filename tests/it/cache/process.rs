//! The program in a process of its own, on a fleet's databases and its Redis: it has metrics of its own and can be killed.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::market::{PRODUCT, Product, RENAME};
use crate::support::{Answer, EXPLAIN, Fleet, Program, SECRET, STAFF, STAFF_KEY, until};

/// A busy machine is no Redis that is away.
const PATIENT: [(&str, &str); 2] =
    [("STOREFRONT_REDIS_TIMEOUT_MS", "5000"), ("STOREFRONT_REDIS_CONNECT_TIMEOUT_MS", "5000")];

pub struct Process {
    pub program: Program,
    _folder: TempDir,
}

impl Process {
    /// An instance that reads from all replicas and through the fleet's Redis, with no in-process tier; the environment can name others.
    pub async fn start(fleet: &Fleet, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (primary, replicas, redis) = (fleet.primary_url(), fleet.replica_urls().join(","), fleet.redis().url());
        let own = [
            ("DATABASE_URL", primary.as_str()),
            ("REPLICA_URLS", &replicas),
            ("REDIS_URL", &redis),
            // That of the fleet's other instances: they take each other's tokens.
            ("STOREFRONT_SECRET_KEY", SECRET),
            ("STOREFRONT_STAFF_KEY", STAFF_KEY),
            ("STOREFRONT_LOCAL_CACHE_TTL_MS", "0"),
            // The stock in Redis outlives a test.
            ("STOREFRONT_STOCK_TTL_SECS", "300"),
        ];
        let program = Program::serve(folder.path(), &[&own, environment].concat()).await;
        Self { program, _folder: folder }
    }

    /// The same with patience.
    pub async fn patient(fleet: &Fleet, environment: &[(&str, &str)]) -> Self {
        Self::start(fleet, &[&PATIENT, environment].concat()).await
    }

    /// The same with all that it has in use.
    pub async fn in_use(fleet: &Fleet, environment: &[(&str, &str)]) -> Self {
        let process = Self::patient(fleet, environment).await;
        until("every server is in use", async || {
            let answer: Value = process.program.get("/readyz").await.json().await.unwrap();
            let servers = answer["servers"].as_array().unwrap();
            servers.iter().all(|server| server["status"] == "primary" || server["status"] == "replica")
        })
        .await;
        until("the cache is in use", async || {
            let answer = process.send("{ products(first: 1) { nodes { id } } }", json!({}), &[EXPLAIN]).await;
            answer.json["extensions"]["explain"]["cache"]["calls"].as_u64() > Some(0)
        })
        .await;
        process
    }

    pub async fn send(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> Answer {
        self.program.post(json!({ "query": query, "variables": variables }), headers).await
    }

    pub async fn read(&self, product: &Product) -> Answer {
        self.send(PRODUCT, json!({ "id": product.id }), &[EXPLAIN]).await
    }

    pub async fn rename(&self, product: &Product, name: &str) -> Answer {
        self.send(RENAME, json!({ "id": product.id, "name": name }), &[STAFF]).await
    }

    pub async fn until_hot(&self, product: &Product) {
        until("the product comes from the cache", async || self.read(product).await.statements() == 0).await;
    }

    /// The sum of all samples of a metric that have these labels; zero when there is none.
    pub async fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.program.metric(name, labels).await
    }

    /// The same of a metric of the cache, by what follows after that in its name.
    pub async fn counted(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.metric(&format!("storefront_cache_{name}"), labels).await
    }

    /// How many products were read and not stored for this reason.
    pub async fn refused(&self, reason: &str) -> f64 {
        self.counted("refused_fills_total", &[("kind", "product"), ("reason", reason)]).await
    }

    /// How many products were found and not taken for this reason.
    pub async fn passed(&self, reason: &str) -> f64 {
        self.counted("passed_total", &[("kind", "product"), ("reason", reason)]).await
    }
}
