//! The server as a process: started, asked, weighed and stopped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

pub struct Server {
    process: Child,
    address: String,
    client: reqwest::Client,
}

impl Server {
    /// Starts the server on a free port and returns when it says that it serves. Without an address of a database among the
    /// settings it has the embedded one.
    pub fn start(program: &Path, folder: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--port", "0"]).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null());
        command.env_remove("DATABASE_URL").env_remove("REPLICA_URLS").envs(settings.iter().copied());
        let mut process = command.spawn()?;
        let output = process.stdout.take().context("the output is piped")?;
        let line = BufReader::new(output).lines().next().context("the server ended")??;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let address = address.with_context(|| format!("no address in {line:?}"))?.to_owned();
        Ok(Self { process, address, client: reqwest::Client::new() })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables });
        let answer = self.client.post(self.url("/graphql")).json(&body).send().await?;
        let answer: Value = serde_json::from_str(&answer.text().await?)?;
        ensure!(answer.get("errors").is_none(), "{answer}");
        Ok(answer)
    }

    /// User and system time of the process so far.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let after_name = stat.rsplit_once(')').context("a process has a name")?.1;
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        // A tick is a hundredth of a second on Linux (USER_HZ).
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Resident memory in bytes.
    pub fn resident(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("a process has memory")?;
        let kilobytes: u64 = line.split_whitespace().nth(1).context("the line has a number")?.parse()?;
        Ok(kilobytes * 1024)
    }

    pub fn stop(mut self) -> anyhow::Result<()> {
        kill(Pid::from_raw(self.process.id().try_into()?), Signal::SIGTERM)?;
        ensure!(self.process.wait()?.success(), "the server did not end well");
        Ok(())
    }
}

impl Drop for Server {
    /// Leaves no server behind when a measurement fails; one that was stopped is gone already.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
