//! Listening, and stopping without losing an answer.
//!
//! HTTP/1.1 alone: HTTP/2 is spoken by the proxy that ends TLS, and what it brings (many requests on one connection) is between that and the
//! browser. Above the most connections new ones wait in the kernel's queue: a burst is served late, not refused. Answers to what is no
//! HTTP (400, 431) are hyper's own, without a body; in none of them did anything of ours run.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Routes;
use super::connection::{Progress, Stream};
use crate::config::HttpConfig;

/// What a connection may have in memory of what it has sent; also the longest head.
const MOST_BUFFERED: usize = 64 * 1024;
/// The pause after the kernel had no connection to give, such as for want of file handles.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes the address; the error of a taken port names it.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Serves until `stop` is ready. Then nobody is let in, connections without a request are closed, and what is in flight is finished, for
/// as long as the drain time lasts.
pub async fn serve(
    routes: Routes,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let app = &routes.0.app;
    let drain = Duration::from_millis(app.config.drain_ms);
    let config = app.config.http.clone();
    let mut door = Door::new(listener, config.max_connections);
    let (connections, stopping) = (TaskTracker::new(), CancellationToken::new());
    let mut stop = pin!(stop);
    loop {
        let (socket, peer, place) = tokio::select! {
            next = door.next() => next,
            () = &mut stop => break,
        };
        let connection = connection(socket, peer, routes.clone(), config.clone(), stopping.clone());
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(door);
    stopping.cancel();
    connections.close();
    if tokio::time::timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!("some answers were not finished within {} ms", drain.as_millis());
    }
    Ok(())
}

/// Answers what comes on a connection, until either side ends it.
async fn connection(
    socket: TcpStream,
    peer: SocketAddr,
    routes: Routes,
    config: HttpConfig,
    stopping: CancellationToken,
) {
    // An answer is written at once and whole: there is nothing to wait for.
    let _ = socket.set_nodelay(true);
    let progress = Progress::new();
    let stream = TokioIo::new(Stream::new(socket, progress.clone(), &config));
    let service = service_fn(move |request| {
        let request = progress.asked(request).map(Body::new);
        let (routes, progress) = (routes.clone(), progress.clone());
        async move {
            let mut response = routes.answer(request, peer).await;
            progress.answered(&mut response);
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.max_buf_size(MOST_BUFFERED).header_read_timeout(None);
    let mut connection = pin!(http.serve_connection(stream, service).with_upgrades());
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!("a connection ended: {error}");
    }
}

/// Where connections come in, as many at once as there are places.
struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
    most: u32,
    is_full: bool,
    fails: bool,
}

impl Door {
    fn new(listener: TcpListener, most: u32) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(most as usize)), most, is_full: false, fails: false }
    }

    /// The next connection, once there is a place for it.
    async fn next(&mut self) -> (TcpStream, SocketAddr, Place) {
        let place = self.place().await;
        loop {
            match self.listener.accept().await {
                Ok((socket, peer)) => {
                    if std::mem::take(&mut self.fails) {
                        tracing::info!("connections are accepted again");
                    }
                    return (socket, peer, place);
                }
                Err(error) if is_the_clients(&error) => {}
                Err(error) => {
                    metrics::counter!("storefront_http_accept_failures_total").increment(1);
                    if !std::mem::replace(&mut self.fails, true) {
                        tracing::error!("no connection can be accepted: {error}");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn place(&mut self) -> Place {
        let was_full = std::mem::replace(&mut self.is_full, self.places.available_permits() == 0);
        if self.is_full && !was_full {
            tracing::warn!("all {} connections are taken, new ones wait", self.most);
        }
        let permit = self.places.clone().acquire_owned().await.expect("the places are never closed");
        Place::new(permit)
    }
}

/// Whether the client was gone before it was let in.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The place of a connection, free again when it is dropped.
struct Place(#[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit);

impl Place {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        metrics::gauge!("storefront_http_connections").increment(1);
        Self(permit)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("storefront_http_connections").decrement(1);
    }
}
