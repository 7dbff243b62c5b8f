//! stub
#[derive(clap::Args)]
pub struct Seed { #[command(flatten)] database: crate::config::DatabaseConfig, #[command(flatten)] pub log: crate::config::LogConfig }
pub async fn run(_s: Seed) -> anyhow::Result<()> { Ok(()) }
