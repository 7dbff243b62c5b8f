//! A listener that is closed the moment it is dropped, whatever the task that accepts from it is doing.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::Result;

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
                while let Some(client) = accept(&slot).await {
                    take(client);
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
async fn accept(slot: &Slot) -> Option<TcpStream> {
    poll_fn(|context| {
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(listener) = slot.as_ref() else { return Poll::Ready(None) };
        loop {
            match listener.poll_accept(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok((client, _))) => return Poll::Ready(Some(client)),
                // That client has gone again; the listener is well.
                Poll::Ready(Err(_)) => {}
            }
        }
    })
    .await
}
