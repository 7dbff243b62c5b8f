//! One connection that stays open: as much of HTTP/1.1 as a load needs, at a fraction of the CPU of a full client, which would take it
//! from the server beside it.

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

pub struct Reply<'a> {
    pub status: u16,
    head: &'a str,
    pub body: &'a [u8],
}

impl Reply<'_> {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Wire {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// An answer whose status is 200; another one is an error.
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Reply<'_>> {
        let reply = self.exchange(request).await?;
        ensure!(reply.status == 200, "{}{}", reply.head, String::from_utf8_lossy(reply.body));
        Ok(reply)
    }

    /// An answer of any status.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Reply<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head, whole) = loop {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
            if let Some(ends) = ends(&self.buffer)? {
                break ends;
            }
        };
        while self.buffer.len() < whole {
            ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server hung up");
        }
        let (head, body) = self.buffer.split_at(head);
        let head = str::from_utf8(head)?;
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|line| line.get(..3)?.parse().ok());
        Ok(Reply { status: status.with_context(|| format!("no status in {head:?}"))?, head, body })
    }
}

/// Where the head ends, and where the body does; `None` when the head is not there yet.
fn ends(received: &[u8]) -> anyhow::Result<Option<(usize, usize)>> {
    let Some(head) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(None) };
    let head = head + 4;
    let lines = str::from_utf8(&received[..head])?.lines();
    let mut lengths = lines.filter_map(|line| line.strip_prefix("content-length: "));
    let length: usize = lengths.next().context("the answer tells no length")?.parse()?;
    Ok(Some((head, head + length)))
}

pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n\r\n").into_bytes()
}

/// A request of GraphQL with further headers.
pub fn post(query: &str, variables: Value, headers: &[(&str, &str)]) -> Vec<u8> {
    let body = json!({ "query": query, "variables": variables }).to_string();
    let mut request = "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n".to_owned();
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    request.into_bytes()
}
