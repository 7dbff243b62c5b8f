//! The checks: one task per server asks it, on a connection of its own, where it stands.
//!
//! A check that gets no answer in time, like one that cannot connect, means that the server is not reached. Only a check brings it back.
//! Statements of requests that take too long, or are cancelled, say nothing about the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions, PgConnection};

use super::cluster::Cluster;
use super::knowledge::Status;
use super::position::{self, Report};
use crate::error::Fault;

/// How long one connection is used for checks. A new one tells whether the address still leads to the same server.
const ANEW_AFTER: Duration = Duration::from_secs(5);

/// How often, and how patiently.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub interval: Duration,
    pub timeout: Duration,
}

/// Checks one server for as long as the task lives.
pub async fn watch(cluster: Arc<Cluster>, host: usize, server: PgConnectOptions, pace: Pace) {
    let server = for_checks(server, pace);
    let life = &cluster.hosts[host].life;
    let mut connection = None;
    let (mut connected_in, mut connected_at) = (life.generation(), Instant::now());
    // A server that is away is logged once.
    let mut is_missed = false;
    loop {
        let generation = life.generation();
        if connected_in != generation || connected_at.elapsed() > ANEW_AFTER {
            // The address may lead to another server by now.
            (connection, connected_in, connected_at) = (None, generation, Instant::now());
        }
        match tokio::time::timeout(pace.timeout, ask(&mut connection, &server)).await {
            Ok(Ok(report)) => {
                is_missed = false;
                cluster.checked(host, generation, Some(report));
            }
            // It answers, though not this question: in the middle of a promotion a standby's functions fail.
            Ok(Err(error)) if connection.is_some() && Fault::of(&error) != Fault::Lost => {
                tracing::debug!(host = cluster.hosts[host].name, cause = %error, "a check was not answered");
            }
            failed => {
                if !std::mem::replace(&mut is_missed, true) {
                    let cause = match failed {
                        Ok(Err(error)) => error.to_string(),
                        _ => format!("no answer within {} ms", pace.timeout.as_millis()),
                    };
                    tracing::warn!(host = cluster.hosts[host].name, cause, "a database server is not reached");
                }
                connection = None;
                cluster.checked(host, generation, None);
            }
        }
        tell_staleness(&cluster, host);
        // Instances that started together should not ask together.
        let pause = pace.interval.mul_f64(rand::random_range(0.75..1.25));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = life.asked() => {}
        }
    }
}

/// Asks a server once.
pub async fn ask_once(server: PgConnectOptions, pace: Pace) -> Result<Report, sqlx::Error> {
    ask(&mut None, &for_checks(server, pace)).await
}

async fn ask(connection: &mut Option<PgConnection>, server: &PgConnectOptions) -> Result<Report, sqlx::Error> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(server.connect().await?),
    };
    position::report(connection).await
}

fn for_checks(server: PgConnectOptions, pace: Pace) -> PgConnectOptions {
    let timeout = pace.timeout.as_millis().to_string();
    server
        .application_name("storefront health")
        .disable_statement_logging()
        .options([("statement_timeout", timeout.as_str()), ("default_transaction_read_only", "on")])
}

fn tell_staleness(cluster: &Cluster, host: usize) {
    let Some((name, status, staleness)) = cluster.statuses().nth(host) else { return };
    metrics::gauge!("storefront_host_in_use", "host" => name.to_owned()).set(f64::from(u8::from(status.is_read())));
    if cluster.hosts.len() > 1 {
        let unknown = if status == Status::Primary { 0.0 } else { f64::NAN };
        let staleness = staleness.map_or(unknown, |staleness| staleness.as_secs_f64());
        metrics::gauge!("storefront_replica_staleness_seconds", "host" => name.to_owned()).set(staleness);
    }
}
