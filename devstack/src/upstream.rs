//! Which node a standby follows: another one from now on, or one at all after it was the primary.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx;

use crate::cluster::{self, REPLICATION_ROLE};
use crate::deadline::Deadline;
use crate::{Node, Result};

const STREAMING_WITHIN: Duration = Duration::from_secs(60);
const SLOT_FREE_WITHIN: Duration = Duration::from_secs(20);

impl Node {
    /// Has this standby follow another node, a writable one or a standby, and waits until it streams from there.
    ///
    /// It streams through a slot of its own name, which is made on the new upstream when it is missing. The slot on the old
    /// upstream stays, and keeps that node's log from being removed until somebody drops it. An error after 60 s when it
    /// can't stream: because it has replayed more than the new upstream had when that was promoted (then [`Node::rejoin`]),
    /// or because a commit waits for the apply delay. An error on a writable node and while replay is paused: Postgres changes
    /// its upstream between two records.
    pub async fn follow(&self, upstream: &Node) -> Result<()> {
        let name = self.name();
        anyhow::ensure!(name != upstream.name(), "{name} can't follow itself");
        anyhow::ensure!(
            !self.is_writable().await?,
            "{name} is writable; stop it and let it rejoin {}",
            upstream.name()
        );
        anyhow::ensure!(!self.is_paused().await?, "the replay of {name} is paused; resume it first");
        let slot = "SELECT pg_create_physical_replication_slot($1, true)
            WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)";
        sqlx::query(slot)
            .bind(name)
            .execute(&mut upstream.connect("postgres").await?)
            .await
            .with_context(|| format!("make the slot {name} on {}", upstream.name()))?;

        self.set("primary_slot_name", name).await?;
        let address = format!("host=127.0.0.1 port={} user={REPLICATION_ROLE} sslmode=disable", upstream.port());
        self.set("primary_conninfo", &address).await?;
        self.await_streaming(upstream).await
    }

    /// Brings a stopped or killed node back as a standby of `upstream`, on its old port, with a fresh copy of the upstream's
    /// data; waits until it streams from there. What this node had is lost. An error when it runs.
    ///
    /// Settings that were changed on the upstream since its start, such as an apply delay, come with the copy.
    pub async fn rejoin(&self, upstream: &Node) -> Result<()> {
        let name = self.name();
        anyhow::ensure!(name != upstream.name(), "{name} can't rejoin itself");
        anyhow::ensure!(self.pid().await.is_none(), "{name} runs; stop it or kill it first");
        upstream.drop_slot(name).await?;
        let data = self.data_folder();
        tokio::task::spawn_blocking(move || empty(&data)).await??;
        cluster::copy(upstream, self).await?;
        self.start().await?;
        self.await_streaming(upstream).await
    }

    async fn await_streaming(&self, upstream: &Node) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        let streams =
            "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming' AND sender_port = $1)";
        let deadline = Deadline::within(STREAMING_WITHIN);
        while !sqlx::query_scalar::<_, bool>(streams)
            .bind(i32::from(upstream.port()))
            .fetch_one(&mut connection)
            .await?
        {
            deadline.look_again(|| format!("{} to stream from {}", self.name(), upstream.name())).await?;
        }
        Ok(())
    }

    /// Drops a slot if it is there. A sender whose standby has just died may hold it a moment longer.
    async fn drop_slot(&self, slot: &str) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        let drop = "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
            WHERE slot_name = $1 AND NOT active";
        let is_there = "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)";
        let deadline = Deadline::within(SLOT_FREE_WITHIN);
        while sqlx::query_scalar::<_, bool>(is_there).bind(slot).fetch_one(&mut connection).await? {
            sqlx::query(drop).bind(slot).execute(&mut connection).await?;
            deadline.look_again(|| format!("the slot {slot} on {} to be free", self.name())).await?;
        }
        Ok(())
    }
}

/// Removes what is in the folder. The folder itself stays, since Postgres finds the shared memory that a killed server left
/// behind by its inode, and gives it back at the next start.
fn empty(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| format!("remove {}", path.display()))?;
    }
    Ok(())
}
