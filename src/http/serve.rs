//! Listening, and stopping without losing an answer.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;

use super::router;
use crate::app::App;

/// Takes the address; the error of a taken port names it.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Serves until `stop` is ready, then finishes what is in flight, for as long as the drain time lasts.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let drain = Duration::from_millis(app.config.drain_ms);
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        stopping.send_replace(true);
    });
    let overdue = async move {
        // The sender lives as long as the server, so this waits for the stop.
        let _ = stopped.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        served = serving.into_future() => Ok(served?),
        () = overdue => {
            tracing::warn!("some answers were not finished within {} ms", drain.as_millis());
            Ok(())
        }
    }
}
