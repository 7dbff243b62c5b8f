//! What the server is compared with: handlers written by hand that do one thing, as programs of their own. They take the settings that all
//! subjects of `bench compare` take, from the environment, and say their address in the same words as the server does.

mod redis;
mod sql;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

pub use redis::PREFIX;

#[derive(Args)]
pub struct Options {
    kind: Kind,
    #[arg(long, env = "HOST", default_value_t = Ipv4Addr::LOCALHOST.into())]
    host: IpAddr,
    #[arg(long, env = "PORT", default_value_t = 0)]
    port: u16,
    #[arg(long, env = "DATABASE_URL", default_value = "")]
    database_url: String,
    #[arg(long, env = "REDIS_URL", default_value = "")]
    redis_url: String,
    #[arg(long, env = "POOL", default_value_t = 10)]
    pool: u32,
}

#[derive(ValueEnum, Clone, Copy)]
pub enum Kind {
    Redis,
    Sql,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Sql => "sql",
        }
    }
}

/// Serves until it is told to stop.
pub async fn serve(options: &Options) -> anyhow::Result<()> {
    let router: Router = match options.kind {
        Kind::Redis => redis::router(&options.redis_url).await?,
        Kind::Sql => sql::router(&options.database_url, options.pool).await?,
    };
    let listener = TcpListener::bind((options.host, options.port)).await?;
    writeln!(std::io::stdout(), "A handler by hand on http://{}", listener.local_addr()?)?;
    let mut stop = signal(SignalKind::terminate())?;
    let stopped = async move { stop.recv().await.unwrap_or_default() };
    Ok(axum::serve(listener, router).with_graceful_shutdown(stopped).await?)
}

fn json(body: impl IntoResponse) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
