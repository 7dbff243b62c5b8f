//! Positions in the log of changes, as bytes since its beginning, and waiting until replicas have replayed up to one.

use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx::{self, PgConnection};

use crate::deadline::Deadline;
use crate::{Node, Result, Stack};

const REPLAYED_WITHIN: Duration = Duration::from_secs(30);

impl Stack {
    /// Waits until every replica that runs has replayed all that was committed on the primary before this call.
    ///
    /// Replicas that are stopped or killed are passed over; one that runs and can't follow (frozen, paused, promoted, or
    /// cut off) makes it an error after 30 s. It asks the node called `primary`, whatever role that has by now.
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
            if replica.pid().await.is_some() {
                replica.await_replayed(marker).await?;
            }
        }
        Ok(())
    }
}

impl Node {
    /// How far this node has replayed, in bytes. An error on a node that has never been a standby since it started.
    pub async fn replayed(&self) -> Result<i64> {
        replayed(&mut self.connect("postgres").await?, self.name()).await
    }

    /// How far this node's own log is flushed, in bytes: all that was committed before the call lies before it. An error on
    /// a standby.
    pub async fn position(&self) -> Result<i64> {
        sqlx::query_scalar("SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint")
            .fetch_one(&mut self.connect("postgres").await?)
            .await
            .with_context(|| format!("ask {} for its position", self.name()))
    }

    /// Waits until this standby has replayed up to `position`, a value of [`Node::position`]; an error after 30 s.
    pub async fn await_replayed(&self, position: i64) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        let deadline = Deadline::within(REPLAYED_WITHIN);
        while replayed(&mut connection, self.name()).await? < position {
            deadline.look_again(|| format!("{} to replay position {position}", self.name())).await?;
        }
        Ok(())
    }
}

async fn replayed(connection: &mut PgConnection, name: &str) -> Result<i64> {
    let replayed: Option<i64> = sqlx::query_scalar("SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint")
        .fetch_one(connection)
        .await
        .with_context(|| format!("ask {name} how far it has replayed"))?;
    replayed.with_context(|| format!("{name} replays nothing: it is no standby"))
}
