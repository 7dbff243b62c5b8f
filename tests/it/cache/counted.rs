//! The program itself as an instance, whose metrics are its own.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, EXPLAIN, Fleet, Program, STAFF_KEY, until};

/// An instance on all servers of a fleet and its Redis.
pub struct Counted {
    pub program: Program,
    _folder: TempDir,
    client: reqwest::Client,
}

impl Counted {
    /// Started, and with all that it has in use. `replicas` are their addresses.
    pub async fn start(fleet: &Fleet, replicas: &[String], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (primary, replicas, redis) = (fleet.primary_url(), replicas.join(","), fleet.redis().url());
        let own = [
            ("DATABASE_URL", primary.as_str()),
            ("REPLICA_URLS", &replicas),
            ("REDIS_URL", &redis),
            ("STOREFRONT_LOCAL_CACHE_TTL_MS", "0"),
            ("STOREFRONT_REDIS_TIMEOUT_MS", "5000"),
            ("STOREFRONT_SECRET_KEY", "the secret key of this program"),
            ("STOREFRONT_STAFF_KEY", STAFF_KEY),
            // The stock in Redis outlives a test.
            ("STOREFRONT_STOCK_TTL_SECS", "300"),
        ];
        let program = Program::serve(folder.path(), &[&own, environment].concat()).await;
        let counted = Self { program, _folder: folder, client: reqwest::Client::new() };
        until("every server is in use", async || {
            let answer: Value = counted.program.get("/readyz").await.json().await.unwrap();
            let servers = answer["servers"].as_array().unwrap();
            servers.iter().all(|server| server["status"] == "primary" || server["status"] == "replica")
        })
        .await;
        until("the cache is in use", async || {
            let answer = counted.send("{ products(first: 1) { nodes { id } } }", json!({}), &[EXPLAIN]).await;
            answer.json["extensions"]["explain"]["cache"]["calls"].as_u64() > Some(0)
        })
        .await;
        counted
    }

    pub async fn send(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> Answer {
        self.post(json!({ "query": query, "variables": variables }), headers).await
    }

    /// Sends a body of one's own.
    pub async fn post(&self, body: Value, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("http://{}/graphql", self.program.address)).json(&body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::read(request.send().await.unwrap()).await
    }

    /// The sum of all samples of a metric that have these labels; zero when there is none.
    pub async fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let text = self.program.get("/metrics").await.text().await.unwrap();
        let value = |line: &str| {
            let (series, value) = line.rsplit_once(' ')?;
            let given = series.strip_prefix(name)?;
            let is_asked_for = (given.is_empty() || given.starts_with('{'))
                && labels.iter().all(|(label, value)| given.contains(&format!("{label}=\"{value}\"")));
            is_asked_for.then(|| value.parse::<f64>().unwrap())
        };
        text.lines().filter_map(value).sum()
    }

    /// How many products were read and not stored for this reason.
    pub async fn refused(&self, reason: &str) -> f64 {
        self.metric("storefront_cache_refused_fills_total", &[("kind", "product"), ("reason", reason)]).await
    }

    /// How many products were found and not taken for this reason.
    pub async fn passed(&self, reason: &str) -> f64 {
        self.metric("storefront_cache_passed_total", &[("kind", "product"), ("reason", reason)]).await
    }
}
