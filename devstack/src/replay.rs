//! Waiting until replicas have replayed what the primary has committed.

use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx;

use crate::deadline::Deadline;
use crate::{Node, Result, Stack};

const REPLAY_WITHIN: Duration = Duration::from_secs(30);

impl Stack {
    /// Waits until every replica has replayed all that was committed on the primary before this call.
    ///
    /// It commits a small marker of its own: a position just read may lie behind the last record (at a page's start),
    /// where no replica arrives until something else is written.
    pub async fn await_replay(&self) -> Result<()> {
        let mut primary = self.primary().connect("postgres").await?;
        // Without waiting for synchronous standbys: the wait below is for all replicas anyway, and has a deadline.
        sqlx::raw_sql("SET synchronous_commit = local").execute(&mut primary).await?;
        let marker: i64 = sqlx::query_scalar("SELECT (pg_logical_emit_message(true, 'devstack', '') - '0/0')::bigint")
            .fetch_one(&mut primary)
            .await
            .context("write a marker to the primary's log")?;
        for replica in self.replicas() {
            await_position(replica, marker).await?;
        }
        Ok(())
    }
}

async fn await_position(replica: &Node, position: i64) -> Result<()> {
    let mut connection = replica.connect("postgres").await?;
    let deadline = Deadline::within(REPLAY_WITHIN);
    loop {
        let replayed: Option<i64> = sqlx::query_scalar("SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint")
            .fetch_one(&mut connection)
            .await
            .with_context(|| format!("ask {} for its position", replica.name()))?;
        if replayed.is_some_and(|replayed| replayed >= position) {
            return Ok(());
        }
        deadline.look_again(|| format!("{} to replay position {position}", replica.name())).await?;
    }
}
