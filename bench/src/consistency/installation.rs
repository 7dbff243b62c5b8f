//! What is measured: a Postgres primary, two replicas that are 5 s late, and two servers in front of them that share a secret key.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use devstack::{Proxy, Stack, StackOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::program::run;
use crate::server::Server;

pub const DATABASE: &str = "shop";
/// How late the replicas are: they replay a commit no earlier than this after the primary made it.
pub const LATE: Duration = Duration::from_secs(5);
const SECRET_KEY: &str = "the secret key of the figures";
const STAFF_KEY: &str = "the staff key of the figures";
const TOKEN_HEADER: &str = "x-consistency-token";
/// Longer than the server lets a request take.
const PATIENCE: Duration = Duration::from_secs(15);
const WHOLE_WITHIN: Duration = Duration::from_secs(60);

pub struct Installation {
    pub stack: Stack,
    /// The wire from the servers to the second replica.
    pub wire: Proxy,
    servers: Vec<Server>,
    http: reqwest::Client,
    _folder: TempDir,
}

/// What a request was answered.
pub struct Answer {
    pub data: Value,
    /// The consistency token, of a write.
    pub token: Option<String>,
    /// The roles of the servers that its statements went to.
    pub roles: Vec<String>,
    pub took: Duration,
}

impl Installation {
    /// Starts everything over a small shop that all replicas have. They are not late yet.
    pub async fn start(program: &Path) -> anyhow::Result<Self> {
        let stack = Stack::start(StackOptions { redis: false, fsync: true, ..Default::default() }).await?;
        fill(program, &stack).await?;
        let [first, second] = stack.replicas() else { bail!("there are two replicas") };
        let wire = second.proxy()?;
        let replicas = [first.url(DATABASE), wire.url(&second.url(DATABASE))].join(",");
        let primary = stack.primary_url(DATABASE);
        let settings = [
            ("DATABASE_URL", primary.as_str()),
            ("REPLICA_URLS", replicas.as_str()),
            ("STOREFRONT_SECRET_KEY", SECRET_KEY),
            ("STOREFRONT_STAFF_KEY", STAFF_KEY),
        ];
        let folder = tempfile::tempdir()?;
        let start = |_| Server::start(program, folder.path(), &settings);
        let servers = (0..2).map(start).collect::<anyhow::Result<_>>()?;
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self { stack, wire, servers, http, _folder: folder })
    }

    /// From now on the replicas are late; before, they have all that was written.
    pub async fn make_late(&self) -> anyhow::Result<()> {
        self.stack.await_replay().await?;
        for replica in self.stack.replicas() {
            replica.set_apply_delay(LATE).await?;
        }
        Ok(())
    }

    /// Asks one of the servers, whose number may be any. An answer with errors is an error.
    pub async fn ask(
        &self,
        server: usize,
        query: &str,
        variables: Value,
        token: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let server = &self.servers[server % self.servers.len()];
        let mut request = self.http.post(server.url("/graphql")).header("x-storefront-explain", "1");
        if query.starts_with("mutation") {
            request = request.header("x-storefront-staff-key", STAFF_KEY);
        }
        if let Some(token) = token {
            request = request.header(TOKEN_HEADER, token);
        }
        let begun = Instant::now();
        let answer = request.json(&json!({ "query": query, "variables": variables })).send().await?;
        let token = answer.headers().get(TOKEN_HEADER).and_then(|token| token.to_str().ok()).map(str::to_owned);
        let mut json: Value = answer.json().await?;
        let took = begun.elapsed();
        ensure!(json.get("errors").is_none(), "{json}");
        let statements = json["extensions"]["explain"]["statements"].as_array().into_iter().flatten();
        let roles = statements.filter_map(|statement| Some(statement["role"].as_str()?.to_owned())).collect();
        Ok(Answer { data: json["data"].take(), token, roles, took })
    }

    /// How many reads both servers have sent to replicas, and to any server, since they were started.
    pub async fn reads(&self) -> anyhow::Result<(u64, u64)> {
        let (mut on_replicas, mut all) = (0, 0);
        for line in self.metrics("storefront_reads_total").await? {
            let count: u64 = line.rsplit(' ').next().context("a metric has a value")?.parse()?;
            all += count;
            on_replicas += if line.contains("role=\"replica\"") { count } else { 0 };
        }
        Ok((on_replicas, all))
    }

    /// Waits until both servers use all three database servers.
    pub async fn whole(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + WHOLE_WITHIN;
        loop {
            let hosts = self.metrics("storefront_host_in_use").await?;
            if hosts.len() == 6 && hosts.iter().all(|line| line.ends_with(" 1")) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the servers do not use all database servers again: {hosts:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        for server in self.servers {
            server.stop()?;
        }
        self.stack.stop().await
    }

    /// The lines of one metric, of both servers.
    async fn metrics(&self, name: &str) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        for server in &self.servers {
            let text = self.http.get(server.url("/metrics")).send().await?.text().await?;
            lines.extend(text.lines().filter(|line| line.starts_with(name)).map(str::to_owned));
        }
        Ok(lines)
    }
}

/// Makes the database with a small shop, and waits until all replicas have it.
pub async fn fill(program: &Path, stack: &Stack) -> anyhow::Result<()> {
    stack.create_database(DATABASE).await?;
    let url = stack.primary_url(DATABASE);
    run(program, &["migrate", "up"], &url)?;
    let sizes = ["--stores", "20", "--products", "500", "--skus", "1000", "--users", "10", "--orders", "10"];
    run(program, &[&["seed"], sizes.as_slice()].concat(), &url)?;
    stack.await_replay().await
}
