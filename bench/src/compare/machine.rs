//! What the figures were measured on: `machine.json` beside them.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

/// How each program tells its version.
const PROGRAMS: [(&str, &[&str]); 8] = [
    ("postgres", &["psql", "--version"]),
    ("redis", &["redis-server", "--version"]),
    ("node", &["node", "--version"]),
    ("k6", &["k6", "version"]),
    ("wrk", &["wrk", "--version"]),
    ("nginx", &["nginx", "-v"]),
    ("pgbouncer", &["pgbouncer", "--version"]),
    ("rust", &["rustc", "--version"]),
];

/// The command that was run, when it is another than this program's.
const COMMAND: &str = "BENCH_COMMAND";

pub fn write(out: &Path, program: &Path) -> anyhow::Result<()> {
    let mut versions: Map<String, Value> =
        PROGRAMS.iter().filter_map(|(name, line)| Some(((*name).to_owned(), said(line)?.into()))).collect();
    let storefront = program.display().to_string();
    versions.extend(said(&[&storefront, "--version"]).map(|version| ("storefront".to_owned(), version.into())));
    let own = || std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let machine = json!({
        "cpu": field("/proc/cpuinfo", "model name"),
        "cores": std::thread::available_parallelism()?.get(),
        "memory": field("/proc/meminfo", "MemTotal"),
        "kernel": said(&["uname", "-sr"]),
        "commit": said(&["git", "rev-parse", "HEAD"]),
        "date": said(&["date", "-u", "+%Y-%m-%d"]),
        "command": std::env::var(COMMAND).unwrap_or_else(|_| format!("bench {}", own())),
        "versions": versions,
    });
    std::fs::create_dir_all(out)?;
    Ok(std::fs::write(out.join("machine.json"), serde_json::to_string_pretty(&machine)? + "\n")?)
}

/// The first line that a program says, on whichever output.
fn said(line: &[&str]) -> Option<String> {
    let (program, arguments) = line.split_first()?;
    let ended = Command::new(program).args(arguments).output().ok()?;
    let said = [ended.stdout, ended.stderr].concat();
    Some(String::from_utf8_lossy(&said).lines().next()?.trim().to_owned())
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
