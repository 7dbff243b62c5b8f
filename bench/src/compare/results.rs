//! The lines of results: each is written to the file of its set as it is measured, and printed as a row.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub struct Results {
    folder: PathBuf,
    /// Those that have lines of this run; a set's older ones are gone.
    begun: BTreeSet<String>,
}

impl Results {
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), begun: BTreeSet::new() })
    }

    pub fn add(&mut self, line: &Value) -> anyhow::Result<()> {
        let set = line["set"].as_str().unwrap_or_default().to_owned();
        let path = self.folder.join(format!("{set}.jsonl"));
        let mut file = match self.begun.insert(set.clone()) {
            true => File::create(path)?,
            false => OpenOptions::new().append(true).open(path)?,
        };
        writeln!(file, "{line}")?;
        if file.metadata()?.len() == line.to_string().len() as u64 + 1 {
            println!("\n{set}\n\n{}", row(HEADS.map(str::to_owned)));
        }
        println!("{}", row(cells(line)));
        Ok(())
    }
}

const HEADS: [&str; 13] = [
    "subject", "variant", "work", "pass", "per s", "p50 ms", "p95 ms", "p99 ms", "server", "Postgres", "Redis", "SQL",
    "errors",
];

fn cells(line: &Value) -> [String; 13] {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let number =
        |value: &Value, digits: usize| value.as_f64().map_or("-".to_owned(), |value| format!("{value:.digits$}"));
    let cpu = |part: &str| number(&line["cpu_us"][part], 0);
    let pace = if line["loop"] == "rate" { " rate" } else { "" };
    let apart = ["keys", "pool", "instances", "scenario"].iter().filter_map(|name| match &line["extra"][name] {
        Value::Null => None,
        Value::String(text) => Some(format!(" {text}")),
        value => Some(format!(" {value}")),
    });
    [
        text("subject"),
        text("variant"),
        format!("{}{pace}{}", text("workload"), apart.collect::<String>()),
        number(&line["pass"], 0),
        number(&line["per_second"], 0),
        number(&line["p50_ms"], 2),
        number(&line["p95_ms"], 2),
        number(&line["p99_ms"], 2),
        cpu("server"),
        cpu("postgres"),
        cpu("redis"),
        number(&line["statements_per_request"], 2),
        number(&line["errors"], 0),
    ]
}

fn row(cells: [String; 13]) -> String {
    let [subject, variant, work, figures @ ..] = cells;
    let figures: String = figures.iter().map(|cell| format!(" {cell:>8}")).collect();
    format!("{subject:<13} {variant:<12} {work:<24}{figures}")
}
