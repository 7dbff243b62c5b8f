//! The program in a process of its own, on a fleet's databases and a Redis: it has metrics of its own and can be killed.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::market::{PRODUCT, Product, RENAME};
use crate::support::{Answer, EXPLAIN, Fleet, Program, STAFF, STAFF_KEY, until};

pub struct Process {
    pub program: Program,
    _folder: TempDir,
}

impl Process {
    /// An instance of a fleet that reads from all replicas and through the Redis at this address.
    pub async fn start(fleet: &Fleet, redis_url: &str, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (primary, replicas) = (fleet.primary_url(), fleet.replica_urls().join(","));
        let own = [
            ("DATABASE_URL", primary.as_str()),
            ("REPLICA_URLS", &replicas),
            ("REDIS_URL", redis_url),
            ("STOREFRONT_SECRET_KEY", "the secret key of this program"),
            ("STOREFRONT_STAFF_KEY", STAFF_KEY),
            // The stock in Redis outlives a test.
            ("STOREFRONT_STOCK_TTL_SECS", "300"),
            ("STOREFRONT_LOCAL_CACHE_TTL_MS", "0"),
        ];
        let program = Program::serve(folder.path(), &[&own, environment].concat()).await;
        Self { program, _folder: folder }
    }

    pub async fn read(&self, product: &Product) -> Answer {
        self.send(PRODUCT, json!({ "id": product.id }), EXPLAIN).await
    }

    pub async fn rename(&self, product: &Product, name: &str) -> Answer {
        self.send(RENAME, json!({ "id": product.id, "name": name }), STAFF).await
    }

    pub async fn until_hot(&self, product: &Product) {
        until("the product comes from the cache", async || self.read(product).await.statements() == 0).await;
    }

    /// The sum of the samples of a metric with this label; zero when there is none.
    pub async fn metric(&self, name: &str, label: &str, value: &str) -> f64 {
        let text = self.program.get("/metrics").await.text().await.unwrap();
        let label = format!("{label}=\"{value}\"");
        let samples = text.lines().filter_map(|line| line.rsplit_once(' '));
        let matching = samples.filter(|(series, _)| series.split('{').next() == Some(name) && series.contains(&label));
        matching.map(|(_, value)| value.parse::<f64>().unwrap()).sum()
    }

    async fn send(&self, query: &str, variables: Value, header: (&str, &str)) -> Answer {
        let request = reqwest::Client::new().post(format!("http://{}/graphql", self.program.address));
        let request = request.header(header.0, header.1).json(&json!({ "query": query, "variables": variables }));
        Answer::read(request.send().await.unwrap()).await
    }
}
