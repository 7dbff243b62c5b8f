//! `storefront serve`: brings the database up, and serves until it is told to stop.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::{demo, migrate};
use crate::app::App;
use crate::auth::STAFF_HEADER;
use crate::config::{Environment, ServeConfig};
use crate::db::Db;
use crate::http::{Bundle, Routes};
use crate::{http, telemetry};

/// How long the end waits for connections to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

pub async fn run(config: ServeConfig) -> anyhow::Result<()> {
    config.check()?;
    telemetry::metrics();
    // The address first: a second server on it ends here and has touched nothing.
    let listener = http::bind(config.address()).await?;
    let address = listener.local_addr()?;
    let mut stop = Box::pin(stop_signal()?);
    let app = tokio::select! {
        app = prepare(config) => app?,
        () = &mut stop => return Ok(()),
    };
    announce(&app, &address.to_string());
    tokio::spawn(keep_metrics_small());
    http::serve(Routes::new(app.clone()), listener, stop).await?;
    if tokio::time::timeout(CLOSE_WITHIN, app.stop()).await.is_err() {
        tracing::warn!("the database's connections did not close within {} s", CLOSE_WITHIN.as_secs());
    }
    tracing::info!("stopped");
    Ok(())
}

/// Brings the database up and builds the server on it.
async fn prepare(config: ServeConfig) -> anyhow::Result<Arc<App>> {
    let mut db = Db::connect_all(&config).await?;
    migrate::before_serving(&db, &config).await?;
    if config.database.is_embedded() {
        if config.environment() == Environment::Development {
            demo::fill_when_empty(&db).await.context("cannot fill the demo shop")?;
        }
        // Other connections serve: these keep the statements and pages of the start in memory.
        db.close().await;
        db = Db::connect_all(&config).await?;
    }
    let db = Arc::new(db);
    App::new(config, db).await
}

fn announce(app: &App, address: &str) {
    let environment = app.config.environment();
    let mut lines = vec![format!("Storefront serves on http://{address} ({environment})")];
    if environment == Environment::Development {
        let source = if Bundle::BUILT.is_some() { "" } else { "  (the page loads GraphiQL from a CDN)" };
        lines.push(format!("  GraphiQL  http://{address}/{source}"));
    }
    lines.push(format!("  GraphQL   http://{address}/graphql"));
    lines.push(format!("  Probes    http://{address}/healthz  http://{address}/readyz"));
    lines.push(format!("  Metrics   http://{address}/metrics"));
    if let Some(key) = &app.own_staff_key {
        lines.push(format!("  Staff key {key}  (header {STAFF_HEADER})"));
    } else if app.config.staff_key.is_none() {
        tracing::warn!("STOREFRONT_STAFF_KEY is not set: nobody can write, or see what is for staff");
    }
    lines.push(String::new());
    // Whoever started the server may have stopped reading; that is no reason to stop serving.
    let _ = std::io::stdout().write_all(lines.join("\n").as_bytes());
}

/// Ready at Ctrl-C or SIGTERM. A second signal ends the process at once.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => tracing::info!("Ctrl-C: finishing what is in flight"),
            _ = terminate.recv() => tracing::info!("SIGTERM: finishing what is in flight"),
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            tracing::warn!("a second signal: leaving without finishing");
            std::process::exit(130);
        });
    })
}

/// Histograms keep every sample until they are rendered; without a scraper that would grow for ever.
async fn keep_metrics_small() {
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        ticks.tick().await;
        telemetry::metrics().run_upkeep();
    }
}
