//! Sends an attack over a connection of its own, byte for byte.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use super::list::{Media, Reply, Request};

/// Whatever is sent, the server ends the connection before.
const DEADLINE: Duration = Duration::from_secs(60);
/// Between two bytes of a client that takes its time.
const PAUSE: Duration = Duration::from_millis(20);

/// Sends a request and gives all answers of the connection, once the server has ended it.
pub async fn send(address: SocketAddr, request: &Request, media: Media) -> Result<Vec<Reply>, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| format!("no connection: {error}"))?;
    let (mut reading, mut writing) = stream.into_split();
    let bytes = request.bytes(media);
    let write = async {
        // The server may have heard enough before the end.
        let mut sent = writing.write_all(&bytes).await;
        if let Request::Dripping(_, drop) = request {
            let mut pause = interval(PAUSE);
            for byte in drop.iter().cycle() {
                if sent.is_err() {
                    break;
                }
                pause.tick().await;
                sent = writing.write_all(&[*byte]).await;
            }
        }
        // The connection is held open: whoever hangs up has given up.
        std::future::pending().await
    };
    let read = async {
        let mut answer = Vec::new();
        // A connection that was reset has brought what it has brought.
        let _ = reading.read_to_end(&mut answer).await;
        answer
    };
    let both = async {
        tokio::select! { answer = read => answer, answer = write => answer }
    };
    let answer =
        timeout(DEADLINE, both).await.map_err(|_| format!("the connection is not ended within {DEADLINE:?}"))?;
    Reply::all(&answer)
}
