//! Storefront behind PgBouncer, beside itself without: a script of the report's tries it, and says each run as a line.

use std::process::Stdio;

use anyhow::ensure;
use tokio::process::Command;

use crate::compare::run::Bench;
use crate::compare::shop::DATABASE;

const SCRIPT: &str = "bench/report/pgbouncer.py";

pub async fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let stack = &bench.shop.stack;
    let mut command = Command::new("python3");
    command.arg(SCRIPT).arg("--program").arg(&bench.shop.program).arg("--data").arg(bench.shop.folder());
    command.args(["--passes", &bench.passes.to_string(), "--seconds", &bench.long.as_secs().to_string()]);
    command.env("DATABASE_URL", stack.primary_url(DATABASE));
    command.env("REPLICA_URLS", stack.replica_urls(DATABASE).join(","));
    let ended = command.stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true).output().await?;
    ensure!(ended.status.success(), "{SCRIPT} failed");
    for line in String::from_utf8(ended.stdout)?.lines() {
        bench.results.add(&serde_json::from_str(line)?)?;
    }
    Ok(())
}
