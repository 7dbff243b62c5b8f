//! What a proxy's connections share: the condition of the wire, the failpoint, and who is open.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::connection::Connection;
use super::listener::Listener;

/// What becomes of the connection whose client has sent a failpoint's pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The server gets the bytes; once it has answered, or closed, the connection is reset. The client gets no answer.
    Cut,
    /// The server gets the bytes, and those that follow. The connection stays open, and nothing comes back to the client.
    Swallow,
    /// The server doesn't get the bytes: the chunk in which the pattern ends. The connection is reset on both sides.
    CutBefore,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Wire {
    pub(super) swallows: bool,
    pub(super) delay: Duration,
}

pub(super) struct Shared {
    pub(super) to: SocketAddr,
    wire: watch::Sender<Wire>,
    /// The number of the failpoint that happened last.
    fired: watch::Sender<u64>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    listener: Option<Listener>,
    connections: HashMap<u64, Arc<Connection>>,
    last_connection: u64,
    failpoint: Option<(Vec<u8>, Fate)>,
    /// Failpoints are numbered from 1, so that an old one that happens late isn't taken for the new one.
    last_failpoint: u64,
}

impl Shared {
    pub(super) fn new(to: SocketAddr) -> Self {
        Self { to, wire: watch::Sender::default(), fired: watch::Sender::default(), state: Mutex::default() }
    }

    pub(super) fn set_listener(&self, listener: Listener) {
        self.lock().listener = Some(listener);
    }

    pub(super) fn is_listening(&self) -> bool {
        self.lock().listener.is_some()
    }

    pub(super) fn connections(&self) -> usize {
        self.lock().connections.len()
    }

    /// Counts a new connection; `None` when the listener was closed while this client was on its way.
    pub(super) fn admit(&self) -> Option<(u64, Arc<Connection>)> {
        let mut state = self.lock();
        state.listener.as_ref()?;
        state.last_connection += 1;
        let (number, connection) = (state.last_connection, Arc::new(Connection::default()));
        state.connections.insert(number, Arc::clone(&connection));
        Some((number, connection))
    }

    pub(super) fn forget(&self, connection: u64) {
        self.lock().connections.remove(&connection);
    }

    pub(super) fn close_all(&self) {
        let mut state = self.lock();
        state.listener = None;
        close(&mut state, |_| true);
    }

    pub(super) fn close_connections(&self, which: impl Fn(&Connection) -> bool) {
        close(&mut self.lock(), which);
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Wire)) {
        self.wire.send_modify(change);
    }

    /// Whether the wire swallows what the connection is about to pass on; the connection bears the mark from then on.
    ///
    /// The mark is made while the wire can't change, so that whoever ends the swallowing finds every connection marked.
    pub(super) fn swallows(&self, connection: &Connection) -> bool {
        let wire = self.wire.borrow();
        if wire.swallows {
            connection.lose();
        }
        wire.swallows
    }

    /// Waits until a chunk that was read at that time may go on; a change of the delay counts at once.
    pub(super) async fn delayed(&self, read_at: Instant) {
        let mut wire = self.wire.subscribe();
        loop {
            let delay = wire.borrow_and_update().delay;
            if delay.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(read_at + delay) => return,
                _ = wire.changed() => {}
            }
        }
    }

    pub(super) fn arm(&self, pattern: Vec<u8>, then: Fate) {
        let mut state = self.lock();
        state.last_failpoint += 1;
        state.failpoint = Some((pattern, then));
    }

    pub(super) fn disarm(&self) {
        self.lock().failpoint = None;
    }

    /// Looks for the pattern where a client's chunk joins what it sent before; when it is there, the failpoint is used up,
    /// and its fate and number are returned.
    pub(super) fn find_pattern(&self, connection: &Connection, sent: &mut Sent, chunk: &[u8]) -> Option<(Fate, u64)> {
        let mut state = self.lock();
        let (pattern, fate) = state.failpoint.as_ref()?;
        if sent.failpoint != state.last_failpoint {
            *sent = Sent { failpoint: state.last_failpoint, tail: Vec::new() };
        }
        sent.tail.extend_from_slice(chunk);
        if sent.tail.windows(pattern.len()).any(|window| window == pattern) {
            if *fate == Fate::Swallow {
                // Under the lock, so that whoever takes failpoints away finds the mark.
                connection.lose();
            }
            let found = (*fate, state.last_failpoint);
            state.failpoint = None;
            return Some(found);
        }
        let kept = sent.tail.len().min(pattern.len() - 1);
        sent.tail.drain(..sent.tail.len() - kept);
        None
    }

    pub(super) fn fire(&self, failpoint: u64) {
        self.fired.send_replace(failpoint);
    }

    /// With no failpoint armed, it waits for ever.
    pub(super) async fn fired(&self) {
        let awaited = self.lock().last_failpoint;
        // It can't fail: the sender is a part of `self`.
        let _ = self.fired.subscribe().wait_for(|fired| awaited > 0 && *fired == awaited).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn close(state: &mut State, which: impl Fn(&Connection) -> bool) {
    for (_, connection) in state.connections.extract_if(|_, connection| which(connection)) {
        connection.close();
    }
}

/// The end of what a client has sent since a failpoint was armed: as much as may be the beginning of the pattern.
#[derive(Default)]
pub(super) struct Sent {
    failpoint: u64,
    tail: Vec<u8>,
}
