//! A listener that is closed the moment it is dropped, whatever the task that accepts from it is doing.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::Result;

const AFTER_FAILURE: Duration = Duration::from_millis(10);

pub(super) struct Listener {
    slot: Arc<Slot>,
    accepting: JoinHandle<()>,
}

type Slot = Mutex<Option<TcpListener>>;

impl Listener {
    /// Listens on `address` and gives each client to `take`.
    pub(super) fn open(
        runtime: &Handle,
        address: SocketAddr,
        take: impl Fn(TcpStream) + Send + 'static,
    ) -> Result<Self> {
        let _inside = runtime.enter();
        let listener = std::net::TcpListener::bind(address).with_context(|| format!("listen on {address}"))?;
        listener.set_nonblocking(true)?;
        let slot = Arc::new(Mutex::new(Some(TcpListener::from_std(listener)?)));
        let accepting = runtime.spawn({
            let slot = Arc::clone(&slot);
            async move {
                while let Some(accepted) = accept(&slot).await {
                    match accepted {
                        Ok(client) => take(client),
                        // That client has gone again, or the process has no file left to open; then others close some.
                        Err(_) => tokio::time::sleep(AFTER_FAILURE).await,
                    }
                }
            }
        });
        Ok(Self { slot, accepting })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Nothing wakes a task that waits for a listener which is gone.
        self.accepting.abort();
    }
}

/// The next client; `None` when the listener is closed.
async fn accept(slot: &Slot) -> Option<io::Result<TcpStream>> {
    poll_fn(|context| {
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(listener) = slot.as_ref() else { return Poll::Ready(None) };
        listener.poll_accept(context).map(|accepted| Some(accepted.map(|(client, _)| client)))
    })
    .await
}
