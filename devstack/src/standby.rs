//! Faults of replication: replay that pauses or lags, and roles that change.

use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use crate::deadline::Deadline;
use crate::{Node, Result, Stack};

const PAUSE_STATE: &str = "SELECT pg_get_wal_replay_pause_state()";
const PAUSED_WITHIN: Duration = Duration::from_secs(30);
const SHOWN_WITHIN: Duration = Duration::from_secs(20);
const PROMOTED_WITHIN: Duration = Duration::from_secs(60);

impl Stack {
    /// Has commits on the primary wait for standbys, in the words of `synchronous_standby_names`: `FIRST 1 (replica_1)`,
    /// `ANY 1 (*)`; empty for none. Waits until it holds.
    ///
    /// While too few of them stream, every commit waits, and so do methods that commit, such as `create_database`.
    pub async fn set_synchronous(&self, names: &str) -> Result<()> {
        self.primary().set("synchronous_standby_names", names).await?;
        // A session sees the setting before the checkpointer, which alone tells commits whether to wait; it reads its
        // settings before it makes a checkpoint.
        self.primary().execute("postgres", "CHECKPOINT").await
    }
}

impl Node {
    /// Pauses replay on a standby and waits until it stands still. It goes on receiving; a restart or a promotion ends the
    /// pause. An error on a writable node.
    ///
    /// A commit that waits for the apply delay is replayed first, so the pause may take as long as the delay; an error
    /// after 30 s.
    pub async fn pause_replay(&self) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        sqlx::raw_sql("SELECT pg_wal_replay_pause()")
            .execute(&mut connection)
            .await
            .with_context(|| format!("pause the replay of {}", self.name()))?;
        let deadline = Deadline::within(PAUSED_WITHIN);
        while sqlx::query_scalar::<_, String>(PAUSE_STATE).fetch_one(&mut connection).await? != "paused" {
            deadline.look_again(|| format!("the replay of {} to pause", self.name())).await?;
        }
        Ok(())
    }

    /// Lets a paused replay go on; no effect on one that isn't paused. An error on a writable node.
    pub async fn resume_replay(&self) -> Result<()> {
        self.execute("postgres", "SELECT pg_wal_replay_resume()").await
    }

    /// Lets a standby replay each commit no earlier than `delay` after the primary's time of it, in whole milliseconds;
    /// `Duration::ZERO` takes the delay away. It is kept over restarts.
    pub async fn set_apply_delay(&self, delay: Duration) -> Result<()> {
        self.set("recovery_min_apply_delay", &delay.as_millis().to_string()).await
    }

    /// Makes a standby writable and waits until it is. It ends a pause of the replay. An error on a writable node.
    ///
    /// Other standbys go on following their old upstream until they are told otherwise.
    pub async fn promote(&self) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        sqlx::raw_sql("SELECT pg_promote(wait => false)")
            .execute(&mut connection)
            .await
            .with_context(|| format!("promote {}", self.name()))?;
        let deadline = Deadline::within(PROMOTED_WITHIN);
        while is_recovering(&mut connection).await? {
            deadline.look_again(|| format!("{} to become writable", self.name())).await?;
        }
        Ok(())
    }

    /// Whether the node takes writes, that is, isn't a standby. An error when it doesn't answer.
    pub async fn is_writable(&self) -> Result<bool> {
        Ok(!is_recovering(&mut self.connect("postgres").await?).await?)
    }

    /// Whether replay is paused, or about to be.
    pub(crate) async fn is_paused(&self) -> Result<bool> {
        let state: String = sqlx::query_scalar(PAUSE_STATE).fetch_one(&mut self.connect("postgres").await?).await?;
        Ok(state != "not paused")
    }

    /// Sets a setting in this node's postgresql.auto.conf and waits until it shows; `value` as `pg_settings` shows it.
    pub(crate) async fn set(&self, name: &str, value: &str) -> Result<()> {
        let mut connection = self.connect("postgres").await?;
        let statement = format!("ALTER SYSTEM SET {name} = '{}'", value.replace('\'', "''"));
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await
            .with_context(|| format!("set {name} of {} to {value:?}", self.name()))?;
        sqlx::raw_sql("SELECT pg_reload_conf()").execute(&mut connection).await?;

        let shown = "SELECT setting FROM pg_settings WHERE name = $1";
        let deadline = Deadline::within(SHOWN_WITHIN);
        while sqlx::query_scalar::<_, String>(shown).bind(name).fetch_one(&mut connection).await? != value {
            deadline.look_again(|| format!("{} to show {name} as {value:?}", self.name())).await?;
        }
        Ok(())
    }
}

async fn is_recovering(connection: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(connection).await?)
}
