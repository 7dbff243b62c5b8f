//! The server as a process: started, asked, weighed and stopped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::{by_hand, cpu};

pub struct Server {
    process: Child,
    /// Held open for programs that say more.
    output: BufReader<ChildStdout>,
    address: String,
    client: reqwest::Client,
}

impl Server {
    /// Starts the server on a free port and returns when it says that it serves. Without an address of a database among the
    /// settings it has the embedded one, and nobody is refused for asking much unless they turn windows on.
    pub fn start(program: &Path, folder: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(["serve", "--port", "0"]).current_dir(folder);
        command.env_remove("DATABASE_URL").env_remove("REPLICA_URLS").env_remove("REDIS_URL");
        command.env("FEATURE_RATE_LIMIT", "false");
        command.envs(settings.iter().copied()).stderr(Stdio::null());
        Self::spawn(command)
    }

    /// Starts a handler by hand that the server is compared with.
    pub fn start_by_hand(kind: by_hand::Kind, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["by-hand", kind.word()]).envs(settings.iter().copied()).stderr(Stdio::null());
        Self::spawn(command)
    }

    /// Starts any program that says `http://` and its address on its first line.
    pub fn spawn(mut command: Command) -> anyhow::Result<Self> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let output = BufReader::new(process.stdout.take().context("the output is piped")?);
        let mut server = Self { process, output, address: String::new(), client: reqwest::Client::new() };
        let mut line = String::new();
        server.output.read_line(&mut line)?;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        address.with_context(|| format!("no address in {line:?}"))?.clone_into(&mut server.address);
        Ok(server)
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        self.send(query, variables, &[]).await
    }

    /// Asks, and for the statements that are run.
    pub async fn explain(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        self.send(query, variables, &[("x-storefront-explain", "1")]).await
    }

    async fn send(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(self.url("/graphql")).json(&body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await?;
        let answer: Value = serde_json::from_str(&answer.text().await?)?;
        ensure!(answer.get("errors").is_none(), "{answer}");
        Ok(answer)
    }

    /// The lines of one metric: labels, and the value as a whole number.
    pub async fn metrics(&self, name: &str) -> anyhow::Result<Vec<(String, u64)>> {
        let text = self.client.get(self.url("/metrics")).send().await?.text().await?;
        let lines = text.lines().filter_map(|line| line.strip_prefix(name)).filter_map(|line| line.rsplit_once(' '));
        lines.map(|(labels, value)| Ok((labels.to_owned(), value.parse::<f64>()? as u64))).collect()
    }

    /// User and system time of the process so far.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        cpu::of_process(self.process.id())
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
