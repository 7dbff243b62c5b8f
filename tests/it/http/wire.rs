//! A connection of one's own, to send bytes on as no client library does.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Shop;

const DEADLINE: Duration = Duration::from_secs(30);

pub struct Wire(pub TcpStream);

pub const HEALTHZ: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
pub const LAST_HEALTHZ: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

impl Wire {
    pub async fn connect(shop: &Shop) -> Self {
        Self(TcpStream::connect(shop.address).await.unwrap())
    }

    /// Connects and sends.
    pub async fn with(shop: &Shop, bytes: &[u8]) -> Self {
        let mut wire = Self::connect(shop).await;
        wire.send(bytes).await;
        wire
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The health of the server, asked for on this connection, which stays open.
    pub async fn is_served(&mut self) -> bool {
        self.send(HEALTHZ).await;
        self.answer().await.starts_with("HTTP/1.1 200")
    }

    /// One answer of `/healthz`.
    pub async fn answer(&mut self) -> String {
        let read = async {
            let mut answer = Vec::new();
            while !answer.ends_with(b"{\"status\":\"ok\"}") {
                assert_ne!(self.0.read_buf(&mut answer).await.unwrap(), 0, "{}", String::from_utf8_lossy(&answer));
            }
            String::from_utf8(answer).unwrap()
        };
        tokio::time::timeout(DEADLINE, read).await.expect("no answer came")
    }

    /// What comes until the server closes the connection.
    pub async fn rest(mut self) -> String {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(DEADLINE, self.0.read_to_end(&mut rest)).await;
        closed.expect("the connection is still open").unwrap();
        String::from_utf8_lossy(&rest).into_owned()
    }
}
