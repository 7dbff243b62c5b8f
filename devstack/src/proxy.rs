//! A TCP proxy that breaks the wire: between a client and a server it cuts, swallows, delays, or fails at a chosen moment.
//!
//! It runs in the runtime that started it, and looks at bytes only to find the pattern of a failpoint. What it closes by
//! force it resets (RST), on both sides: the peer sees `connection reset by peer`, as from a machine that lost its memory.
//! What a peer closes itself is passed on as it was, with all bytes before it.

mod connection;
mod listener;
mod state;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Handle;

use crate::Result;
use connection::Connection;
use listener::Listener;
pub use state::Fate;
use state::{Shared, Wire};

/// A proxy in front of one server; it keeps its port for life. Dropping it closes its listener and resets its connections.
///
/// A connection accepted while the server isn't there is reset: refusing it is [`Proxy::cut`]'s work.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    runtime: Handle,
}

impl Proxy {
    /// Starts a proxy for the server at `to` on a free port of 127.0.0.1. An error outside a tokio runtime.
    pub fn start(to: SocketAddr) -> Result<Self> {
        let runtime = Handle::try_current().context("a proxy needs a runtime")?;
        let port = crate::port::free()?;
        let proxy = Self { port, shared: Arc::new(Shared::new(to)), runtime };
        proxy.listen()?;
        Ok(proxy)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The address of a server on this machine, such as `postgres://…` or `redis://…`, with this proxy's port.
    ///
    /// An address that leads to a unix socket doesn't pass through the proxy.
    pub fn url(&self, node_url: &str) -> String {
        with_port(node_url, self.port)
    }

    /// How many connections are open now.
    pub fn connections(&self) -> usize {
        self.shared.connections()
    }

    /// Resets every open connection and closes the listener, until [`Proxy::heal`]: new connections are refused.
    pub fn cut(&self) {
        self.shared.close_all();
    }

    /// Resets every connection open now; new ones are taken.
    pub fn break_connections(&self) {
        self.shared.close_connections(|_| true);
    }

    /// Lets all bytes vanish from now on, in both directions, until [`Proxy::heal`]. New connections are accepted, and nothing
    /// is closed: that a peer closes its side vanishes as well.
    pub fn swallow(&self) {
        self.shared.change(|wire| wire.swallows = true);
    }

    /// Everything is normal again: it listens, takes away the delay and a failpoint that hasn't happened, and resets the
    /// connections that bytes were swallowed from, those accepted meanwhile included. An error when another program has
    /// taken the port after a [`Proxy::cut`].
    pub fn heal(&self) -> Result<()> {
        self.shared.disarm();
        self.shared.change(|wire| *wire = Wire::default());
        self.shared.close_connections(Connection::has_lost);
        if self.shared.is_listening() { Ok(()) } else { self.listen() }
    }

    /// Lets every chunk wait that long, in each direction on its own, so that order is kept and throughput hardly suffers.
    /// `Duration::ZERO` takes the delay away, from chunks that wait too. Connections open as fast as ever.
    pub fn delay(&self, delay: Duration) {
        self.shared.change(|wire| wire.delay = delay);
    }

    /// Arms a failpoint for the first connection whose client has sent `pattern` from now on, wherever chunks begin and end;
    /// it happens once. It takes the place of one that hasn't happened. `pattern` may not be empty.
    ///
    /// With `b"COMMIT"` and [`Fate::Cut`] it is the moment between a commit and its answer.
    pub fn fail_after_sent(&self, pattern: &[u8], then: Fate) {
        assert!(!pattern.is_empty(), "an empty pattern is found in everything");
        self.shared.arm(pattern.to_vec(), then);
    }

    /// Resolves when the failpoint armed last has happened: with [`Fate::Cut`] and [`Fate::CutBefore`] once the client's side
    /// is closed, with [`Fate::Swallow`] once the bytes are on their way to the server. It may never do so; put a deadline on it.
    pub async fn fired(&self) {
        self.shared.fired().await;
    }

    fn listen(&self) -> Result<()> {
        let shared = Arc::downgrade(&self.shared);
        let listener = Listener::open(&self.runtime, self.address(), move |client| {
            if let Some(shared) = shared.upgrade() {
                tokio::spawn(connection::serve(shared, client));
            }
        })?;
        self.shared.set_listener(listener);
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
    }
}

fn with_port(url: &str, port: u16) -> String {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    let host_begin = url[begin..end].rfind('@').map_or(begin, |at| begin + at + 1);
    let host_end = url[host_begin..end].rfind(':').map_or(end, |at| host_begin + at);
    format!("{}:{port}{}", &url[..host_end], &url[end..])
}

#[cfg(test)]
mod tests {
    use super::with_port;

    #[test]
    fn only_the_port_of_an_address_changes() {
        let addresses = [
            ("postgres://storefront@127.0.0.1:15001/shop?a=b:1", "postgres://storefront@127.0.0.1:7/shop?a=b:1"),
            ("postgres://role:pass@127.0.0.1:15001/shop", "postgres://role:pass@127.0.0.1:7/shop"),
            ("redis://127.0.0.1:15002/", "redis://127.0.0.1:7/"),
            ("redis://:secret@127.0.0.1:15002", "redis://:secret@127.0.0.1:7"),
            ("redis://127.0.0.1", "redis://127.0.0.1:7"),
        ];

        for (address, expected) in addresses {
            assert_eq!(with_port(address, 7), expected);
        }
    }
}
