//! From the start of the process to its first answer, and what it weighs when nobody asks.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::server::Server;

pub struct Startup {
    /// Into an empty folder: file, tables and demo shop are made.
    pub first: Duration,
    /// Into the folder as the first start left it.
    pub second: Duration,
    /// Resident memory after the first start, which has made the shop, and after the second.
    pub first_bytes: u64,
    pub second_bytes: u64,
}

pub async fn embedded(program: &Path) -> anyhow::Result<Startup> {
    let folder = tempfile::tempdir()?;
    let (server, first) = start(program, folder.path()).await?;
    let first_bytes = server.resident()?;
    server.stop()?;
    let (server, second) = start(program, folder.path()).await?;
    let second_bytes = server.resident()?;
    server.stop()?;
    Ok(Startup { first, second, first_bytes, second_bytes })
}

async fn start(program: &Path, folder: &Path) -> anyhow::Result<(Server, Duration)> {
    let begun = Instant::now();
    let server = Server::start(program, folder, &[])?;
    server.ask("{ products(first: 1) { nodes { id } } }", json!({})).await?;
    Ok((server, begun.elapsed()))
}
