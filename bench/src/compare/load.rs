//! Loads, and what they tell: wrk for closed loops, which leaves the CPU to the servers, and k6 for constant rates and whatever reads answers.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Map, Value};
use tokio::process::Command;

use super::ask::OPERATIONS;
use super::contender::Contender;
use super::shop::HOT;
use super::subject::STAFF_KEY;

const K6: &str = "bench/k6";
const WRK: &str = "bench/wrk/closed.lua";
/// What k6 says when a threshold was crossed: the figures are there all the same.
const CROSSED: i32 = 99;
pub const CONNECTIONS: u32 = 64;
pub const RATE: u32 = 900;
const HOT_SHARE: f64 = 0.8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    W1,
    W2,
    W3,
    W4,
    W5,
    W6,
    W7,
}

impl Workload {
    pub fn name(self) -> &'static str {
        match self {
            Self::W1 => "W1",
            Self::W2 => "W2",
            Self::W3 => "W3",
            Self::W4 => "W4",
            Self::W5 => "W5",
            Self::W6 => "W6",
            Self::W7 => "W7",
        }
    }

    /// Whether it asks for pages, and not for single products.
    pub fn is_of_pages(self) -> bool {
        matches!(self, Self::W3 | Self::W4)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// The next request of each connection follows the answer to its last one.
    Closed,
    /// So many operations begin in a second.
    Rate(u32),
}

#[derive(Clone, Copy)]
pub struct Load {
    pub workload: Workload,
    pub pace: Pace,
    pub connections: u32,
    pub long: Duration,
    pub hot_share: f64,
    /// Loads differ in what they draw by this.
    pub seed: u32,
}

impl Load {
    pub fn closed(workload: Workload, long: Duration) -> Self {
        Self { workload, pace: Pace::Closed, connections: CONNECTIONS, long, hot_share: HOT_SHARE, seed: 1 }
    }

    pub fn rate(workload: Workload, long: Duration) -> Self {
        Self { pace: Pace::Rate(RATE), ..Self::closed(workload, long) }
    }

    /// Puts the load on a contender by wrk, or by k6 where wrk cannot.
    pub async fn put(&self, contender: &Contender) -> anyhow::Result<Told> {
        match (self.pace, self.workload) {
            (Pace::Closed, Workload::W1 | Workload::W2 | Workload::W3 | Workload::W4 | Workload::W6) => {
                self.by_wrk(contender, &contender.urls()).await
            }
            _ => self.by_k6(contender).await,
        }
    }

    /// The same reads before they are measured, on every instance.
    pub async fn warm(&self, contender: &Contender, long: Duration) -> anyhow::Result<()> {
        if long.is_zero() {
            return Ok(());
        }
        let workload = match self.workload {
            Workload::W5 | Workload::W7 => Workload::W2,
            workload => workload,
        };
        let long = (long / contender.servers.len() as u32).max(Duration::from_secs(1));
        let warming = Self { workload, pace: Pace::Closed, long, seed: self.seed + 1000, ..*self };
        for server in &contender.servers {
            warming.by_wrk(contender, &server.url("")).await?;
        }
        Ok(())
    }

    async fn by_wrk(&self, contender: &Contender, urls: &str) -> anyhow::Result<Told> {
        let mut command = Command::new("wrk");
        command.args(["--latency", "--timeout", "10s"]);
        // A thread for each address; for one address a second thread would only take more CPU.
        command.arg(format!("-t{}", urls.split(',').count())).arg(format!("-c{}", self.connections));
        command.arg(format!("-d{}s", self.long.as_secs().max(1)));
        command.args(["-s", WRK]).arg(urls.split(',').next().unwrap_or_default());
        self.tell(command, contender, urls, 0).await
    }

    pub async fn by_k6(&self, contender: &Contender) -> anyhow::Result<Told> {
        let script = Path::new(K6).join(format!("{}.js", self.workload.name().to_lowercase()));
        let mut command = Command::new("k6");
        command.args(["run", "--quiet", "--no-usage-report"]).arg(script);
        self.tell(command, contender, &contender.urls(), CROSSED).await
    }

    /// Runs a program of load to its end; its summary.
    async fn tell(
        &self,
        mut command: Command,
        contender: &Contender,
        urls: &str,
        crossed: i32,
    ) -> anyhow::Result<Told> {
        let summary = contender.data.join("summary.json");
        let _ = std::fs::remove_file(&summary);
        let (name, rate) = match self.pace {
            Pace::Closed => ("closed", 0),
            Pace::Rate(rate) => ("rate", rate),
        };
        command.envs([
            ("SUBJECT", contender.subject.name()),
            ("WORKLOAD", self.workload.name()),
            ("LOOP", name),
            ("BASE_URLS", urls),
            ("STAFF_KEY", STAFF_KEY),
        ]);
        command
            .env("DATA", &contender.data)
            .env("OPERATIONS", std::path::absolute(OPERATIONS)?)
            .env("SUMMARY", &summary);
        command.env("RATE", rate.to_string()).env("CONNECTIONS", self.connections.to_string());
        command.env("SECONDS", self.long.as_secs().to_string()).env("SEED", self.seed.to_string());
        command.env("HOT", HOT.to_string()).env("HOT_SHARE", self.hot_share.to_string());
        command.stdin(Stdio::null()).kill_on_drop(true);
        let ended =
            command.output().await.with_context(|| format!("{:?} does not start", command.as_std().get_program()))?;
        let said = || {
            let (said, failed) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
            format!("{} on {}: {said}\n{failed}", self.workload.name(), contender.subject.name())
        };
        ensure!(ended.status.success() || ended.status.code() == Some(crossed), "{}", said());
        // k6 writes its summary to a file, the last line that wrk prints is one.
        let summary =
            std::fs::read_to_string(&summary).unwrap_or_else(|_| String::from_utf8_lossy(&ended.stdout).into_owned());
        let summary = serde_json::from_str(summary.lines().last().unwrap_or_default()).with_context(said)?;
        Ok(Told { summary, complaint: String::from_utf8_lossy(&ended.stderr).trim().to_owned() })
    }
}

/// What a load says about itself.
pub struct Told {
    summary: Map<String, Value>,
    /// What it wrote beside: the first answer that was wrong, as a rule.
    pub complaint: String,
}

impl Told {
    pub fn count(&self, name: &str) -> u64 {
        self.get(name).as_u64().unwrap_or_default()
    }

    pub fn get(&self, name: &str) -> &Value {
        self.summary.get(name).unwrap_or(&Value::Null)
    }

    /// What it says of each scenario, or of each kind of request.
    pub fn parts(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.get("by_scenario").as_object().into_iter().flatten()
    }
}
