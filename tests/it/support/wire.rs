//! Requests byte by byte, for what no client library sends.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Shop;

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
