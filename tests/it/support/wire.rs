//! Requests byte by byte, for what no client library sends, and for clients that hang up.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Shop;
use super::shop::STAFF_KEY;

const NOTICED_WITHIN: Duration = Duration::from_secs(30);

impl Shop {
    /// Sends a request as it stands and gives the answer as it came. The request must ask to close the connection.
    pub async fn wire(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks for a path with these header lines and no body.
    pub async fn wire_get(&self, path: &str, headers: &[&str]) -> String {
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        self.wire(format!("GET {path} HTTP/1.1\r\n{headers}connection: close\r\n\r\n").as_bytes()).await
    }
}

/// A member of staff who has asked and will not wait for the answer.
pub struct Impatient(TcpStream);

impl Impatient {
    pub async fn ask(address: SocketAddr, query: &str, variables: Value) -> Self {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             x-storefront-staff-key: {STAFF_KEY}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all((head + &body).as_bytes()).await.unwrap();
        Self(stream)
    }

    /// Hangs up, and waits until the server has given the request up: it closes its side only then.
    pub async fn hang_up(mut self) {
        self.0.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let closed = tokio::time::timeout(NOTICED_WITHIN, self.0.read_to_end(&mut answer)).await;
        closed.expect("the server has not noticed").unwrap();
        assert!(answer.is_empty(), "it did not wait: {}", String::from_utf8_lossy(&answer));
    }
}
