//! One connection through a proxy: each direction reads ahead, and writes each chunk when its time has come.
//!
//! What becomes of a chunk is decided at the moment of writing, so that a change of the wire catches those that wait too.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::state::{Fate, Sent, Shared};

const CHUNK_BYTES: usize = 16 * 1024;
/// Chunks read ahead of the writer: 1 MB, 100 MB/s at a delay of 10 ms.
const AHEAD: usize = 64;

#[derive(Default)]
pub(super) struct Connection {
    closing: Notify,
    /// Bytes of this connection have been swallowed.
    has_lost: AtomicBool,
    /// Since when nothing goes back to the client any more.
    mute_since: OnceLock<Instant>,
    /// A muted server has answered, or closed its side.
    answered: Notify,
}

impl Connection {
    /// Resets both sides, soon.
    pub(super) fn close(&self) {
        self.closing.notify_one();
    }

    pub(super) fn lose(&self) {
        self.has_lost.store(true, Ordering::SeqCst);
    }

    pub(super) fn has_lost(&self) -> bool {
        self.has_lost.load(Ordering::SeqCst)
    }
}

/// What a peer did, and when it was read.
type Read = (Instant, Event);

enum Event {
    Bytes(Vec<u8>),
    Closed,
    Broken,
}

/// Why both sides are reset before their peers have closed them.
enum Reset {
    Broken,
    Failpoint(u64),
}

pub(super) async fn serve(shared: Arc<Shared>, client: TcpStream) {
    let Some((number, connection)) = shared.admit() else { return };
    let failpoint = pass(&shared, &connection, client).await;
    shared.forget(number);
    if let Some(failpoint) = failpoint {
        shared.fire(failpoint);
    }
}

/// Passes bytes until both peers have closed, or something resets both sides; the number of the failpoint that did so.
async fn pass(shared: &Shared, connection: &Connection, mut client: TcpStream) -> Option<u64> {
    if shared.swallows(connection) {
        // The server must not hear of this client; all that can come is its end.
        tokio::select! { () = connection.closing.notified() => {}, () = drain(&mut client) => {} }
        reset(&client);
        return None;
    }
    let server = tokio::select! {
        biased;
        () = connection.closing.notified() => None,
        server = TcpStream::connect(shared.to) => server.ok(),
    };
    let Some(mut server) = server else {
        reset(&client);
        return None;
    };
    // Without this, a chunk may wait for the acknowledgement of the one before: a delay that nobody asked for.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));

    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let (requests, to_send) = mpsc::channel(AHEAD);
    let (answers, to_answer) = mpsc::channel(AHEAD);
    let both_directions = async {
        tokio::try_join!(
            read(from_client, requests),
            read(from_server, answers),
            send(shared, connection, to_send, to_server),
            answer(shared, connection, to_answer, to_client),
        )
    };
    let ended = tokio::select! {
        biased;
        () = connection.closing.notified() => Err(Reset::Broken),
        ended = both_directions => ended.map(drop),
    };
    let cause = ended.err()?;
    reset(&client);
    reset(&server);
    match cause {
        Reset::Broken => None,
        Reset::Failpoint(number) => Some(number),
    }
}

async fn read(mut from: ReadHalf<'_>, to: mpsc::Sender<Read>) -> Result<(), Reset> {
    loop {
        let mut bytes = Vec::with_capacity(CHUNK_BYTES);
        let event = match from.read_buf(&mut bytes).await {
            Ok(0) => Event::Closed,
            Ok(_) => Event::Bytes(bytes),
            Err(_) => Event::Broken,
        };
        let is_last = !matches!(event, Event::Bytes(_));
        let is_unheard = to.send((Instant::now(), event)).await.is_err();
        if is_last || is_unheard {
            return Ok(());
        }
    }
}

/// From the client to the server.
async fn send(
    shared: &Shared,
    connection: &Connection,
    mut requests: mpsc::Receiver<Read>,
    mut server: WriteHalf<'_>,
) -> Result<(), Reset> {
    let mut sent = Sent::default();
    while let Some((read_at, event)) = requests.recv().await {
        shared.delayed(read_at).await;
        if shared.swallows(connection) {
            continue;
        }
        let Event::Bytes(bytes) = &event else {
            write(event, &mut server).await?;
            continue;
        };
        match shared.find_pattern(connection, &mut sent, bytes) {
            None => write(event, &mut server).await?,
            Some((Fate::CutBefore, number)) => return Err(Reset::Failpoint(number)),
            Some((fate, number)) => {
                connection.mute_since.get_or_init(Instant::now);
                write(event, &mut server).await?;
                if fate == Fate::Cut {
                    connection.answered.notified().await;
                    return Err(Reset::Failpoint(number));
                }
                shared.fire(number);
            }
        }
    }
    Ok(())
}

/// From the server to the client.
async fn answer(
    shared: &Shared,
    connection: &Connection,
    mut answers: mpsc::Receiver<Read>,
    mut client: WriteHalf<'_>,
) -> Result<(), Reset> {
    while let Some((read_at, event)) = answers.recv().await {
        shared.delayed(read_at).await;
        if let Some(mute_since) = connection.mute_since.get() {
            // What was read before then answers something earlier.
            if read_at >= *mute_since {
                connection.answered.notify_one();
            }
        } else if !shared.swallows(connection) {
            write(event, &mut client).await?;
        }
    }
    Ok(())
}

/// A failure is no reason to reset: the peer's own direction tells of its end, after the last that it sent.
async fn write(event: Event, to: &mut WriteHalf<'_>) -> Result<(), Reset> {
    match event {
        Event::Bytes(bytes) => {
            let _ = to.write_all(&bytes).await;
        }
        Event::Closed => {
            let _ = to.shutdown().await;
        }
        Event::Broken => return Err(Reset::Broken),
    }
    Ok(())
}

async fn drain(client: &mut TcpStream) {
    let mut chunk = vec![0; CHUNK_BYTES];
    while client.read(&mut chunk).await.is_ok_and(|read| read > 0) {}
}

/// Has the connection reset when it is dropped.
fn reset(stream: &TcpStream) {
    // It fails when the peer was faster; then there is nothing left to reset.
    let _ = stream.set_zero_linger();
}
