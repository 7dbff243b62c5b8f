//! Connections to a stack, and waiting for a condition.

use std::time::{Duration, Instant};

use sea_orm::sqlx::{Connection, PgConnection};

pub(crate) const WITHIN: Duration = Duration::from_secs(20);

pub(crate) async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// Looks until the condition holds; panics with its name at the deadline.
pub(crate) async fn eventually(condition: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < WITHIN, "{condition}: not within {WITHIN:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
