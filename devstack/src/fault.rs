//! Faults of one Postgres server: its processes killed or frozen, its sessions ended.
//!
//! Each is the real thing, a signal or a statement; what concerns replication is in `standby`.

use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::Signal;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use crate::deadline::Deadline;
use crate::proxy::Proxy;
use crate::{Node, Result, family};

const RECOVERED_WITHIN: Duration = Duration::from_secs(60);
const ENDED_WITHIN: Duration = Duration::from_secs(20);

impl Node {
    /// Kills the postmaster and all its children at once with `kill -9`, as a loss of power does to processes, and waits
    /// until they are gone. Works on a frozen server too; an error when it doesn't run.
    ///
    /// What the system has taken from them to write is kept, whatever `fsync` says: only the processes are lost.
    pub async fn kill(&self) -> Result<()> {
        self.server().kill().await
    }

    /// Kills one ordinary back-end with `kill -9`, and waits until the server takes connections again.
    ///
    /// The postmaster stays, ends all sessions since shared memory may be broken, and recovers from the log.
    pub async fn crash_back_end(&self) -> Result<()> {
        let mut victim = self.connect("postgres").await?;
        let mut bystander = self.connect("postgres").await?;
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut victim).await?;
        family::send(pid.try_into()?, Signal::SIGKILL)?;

        // Until the postmaster notices, it goes on taking connections; that another session ends shows that it has.
        let deadline = Deadline::within(RECOVERED_WITHIN);
        while answers(&mut bystander).await {
            deadline.look_again(|| format!("{} to notice its dead back-end", self.name())).await?;
        }
        while self.connect("postgres").await.is_err() {
            deadline.look_again(|| format!("{} to recover", self.name())).await?;
        }
        Ok(())
    }

    /// Stops the postmaster and all its children where they are (SIGSTOP). Connections are still taken by the system,
    /// nothing is answered, and nothing is closed. An error when the server doesn't run.
    pub async fn freeze(&self) -> Result<()> {
        self.server().freeze().await
    }

    /// Lets a frozen server go on where it was (SIGCONT); no effect on one that isn't frozen. An error when it doesn't run.
    pub async fn thaw(&self) -> Result<()> {
        self.server().thaw().await
    }

    /// Whether the server runs but is frozen.
    pub async fn is_frozen(&self) -> Result<bool> {
        self.server().is_frozen().await
    }

    /// Ends all client sessions on the database with `pg_terminate_backend`, waits until they are gone, and returns how
    /// many there were. On a database that doesn't exist there are none.
    pub async fn terminate_back_ends(&self, database: &str) -> Result<u64> {
        let mut connection = self.connect("postgres").await?;
        // MATERIALIZED: in one WHERE with the other conditions, the signal might go out before they are looked at.
        let ended: Vec<i32> = sqlx::query_scalar(
            "WITH clients AS MATERIALIZED (
                SELECT pid FROM pg_stat_activity
                WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()
             )
             SELECT pid FROM clients WHERE pg_terminate_backend(pid)",
        )
        .bind(database)
        .fetch_all(&mut connection)
        .await
        .with_context(|| format!("end the sessions on {database} of {}", self.name()))?;

        let deadline = Deadline::within(ENDED_WITHIN);
        let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid = ANY($2)";
        while sqlx::query_scalar::<_, i64>(left).bind(database).bind(&ended).fetch_one(&mut connection).await? > 0 {
            deadline.look_again(|| format!("{} sessions on {database} of {} to end", ended.len(), self.name())).await?;
        }
        Ok(ended.len().try_into()?)
    }

    /// Runs statements as superuser, separated by semicolons, for whatever has no method of its own.
    pub async fn execute(&self, database: &str, sql: &str) -> Result<()> {
        let mut connection = self.connect(database).await?;
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut connection)
            .await
            .with_context(|| format!("on {}: {sql}", self.name()))?;
        Ok(())
    }

    /// A proxy in front of this node, on a port of its own; it stays usable while the node is stopped and started.
    pub fn proxy(&self) -> Result<Proxy> {
        Proxy::start(self.address())
    }
}

async fn answers(connection: &mut PgConnection) -> bool {
    sqlx::raw_sql("SELECT 1").execute(connection).await.is_ok()
}
