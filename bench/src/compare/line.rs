//! The JSON line of a run, from what its load tells and what was used before and after it.

use std::time::Duration;

use anyhow::ensure;
use serde_json::{Value, json};

use super::contender::Contender;
use super::hits::Hits;
use super::load::{Load, Pace, Told, Workload};
use super::run::About;
use super::shop::Shop;
use super::statements::Statements;
use super::subject::Subject;
use crate::cpu::Cpu;

/// What was used and had so far.
pub struct Reading {
    cpu: Cpu,
    balancer: Option<Duration>,
    hits: Hits,
}

impl Reading {
    pub async fn take(contender: &Contender, shop: &Shop) -> anyhow::Result<Self> {
        let hits = Hits::read(contender, shop).await?;
        Ok(Self { cpu: Cpu::read(contender.pids(), &shop.stack).await?, balancer: contender.balancer_cpu()?, hits })
    }
}

/// The line of a run: what it was, what was answered, and what was used for that.
pub fn line(
    contender: &Contender,
    load: Load,
    about: &About,
    told: &Told,
    before: &Reading,
    after: &Reading,
    statements: Statements,
) -> anyhow::Result<Value> {
    let requests = told.count("requests");
    ensure!(requests > 0, "{} answered nothing", contender.subject.name());
    for figure in ["errors", "per_second", "p50_ms", "p95_ms", "p99_ms"] {
        ensure!(told.get(figure).is_number(), "{} told no {figure}", load.workload.name());
    }
    // When a closed loop ends, each connection has one more under way, which is half done in the mean.
    let under_way = if load.pace == Pace::Closed { f64::from(load.connections) / 2.0 } else { 0.0 };
    let worked_on = requests as f64 + under_way;
    let micros = |cpu: Duration| cpu.as_secs_f64() * 1e6 / worked_on;
    let cpu = after.cpu.since(before.cpu);
    let (hit_share, local_hit_share) = after.hits.since(before.hits).shares();
    let (pace, asked) = match load.pace {
        Pace::Closed => ("closed", None),
        Pace::Rate(rate) => ("rate", Some(rate)),
    };
    let mut extra = about.extra.clone();
    if let (Some(before), Some(after)) = (before.balancer, after.balancer) {
        extra.insert("balancer_us".to_owned(), micros(after.saturating_sub(before)).into());
    }
    for name in ["dropped", "thresholds"] {
        if !told.get(name).is_null() {
            extra.insert(name.to_owned(), told.get(name).clone());
        }
    }
    if matches!(load.workload, Workload::W5 | Workload::W6) && told.parts().next().is_some() {
        extra.insert("kinds".to_owned(), told.get("by_scenario").clone());
    }
    let local_hit_share = local_hit_share.filter(|_| contender.subject == Subject::Storefront);
    Ok(json!({
        "set": about.set,
        "subject": contender.subject.name(),
        "variant": contender.variant.name,
        "workload": load.workload.name(),
        "loop": pace,
        "asked_per_second": asked,
        "connections": load.connections,
        "seconds": load.long.as_secs_f64(),
        "pass": about.pass,
        "requests": requests,
        "errors": told.count("errors"),
        "per_second": told.get("per_second"),
        "p50_ms": told.get("p50_ms"),
        "p95_ms": told.get("p95_ms"),
        "p99_ms": told.get("p99_ms"),
        "cpu_us": { "server": micros(cpu.server), "postgres": micros(cpu.postgres), "redis": micros(cpu.redis) },
        "statements_per_request": statements.all() as f64 / worked_on,
        "hit_share": hit_share,
        "local_hit_share": local_hit_share,
        "replica_share": statements.replica_share(),
        "resident_mb": contender.resident()? as f64 / 1e6,
        "answer_bytes": null,
        "stale": null,
        "wrong": null,
        "extra": extra,
    }))
}

/// One scenario of a run that has several; what only the whole run can tell is left out.
pub fn line_of_scenario(whole: &Value, name: &str, part: &Value) -> Value {
    let mut line = whole.clone();
    for field in ["requests", "errors", "p50_ms", "p95_ms", "p99_ms"] {
        line[field] = part[field].clone();
    }
    for field in
        ["asked_per_second", "per_second", "cpu_us", "statements_per_request", "stale", "wrong", "answer_bytes"]
    {
        line[field] = Value::Null;
    }
    line["extra"] = json!({ "scenario": name });
    line
}
