//! Databases of the stack: empty ones, templates that are migrated once, and clones of them for one test each.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use tokio::sync::OnceCell;

use crate::cluster::ORDINARY_ROLE;
use crate::deadline::Deadline;
use crate::{Result, Stack};

const TEMPLATE_FREE_WITHIN: Duration = Duration::from_secs(30);
/// Postgres's longest identifier, in bytes.
const LONGEST_NAME: usize = 63;
/// `object_in_use`: a session is still connected to the template.
const OBJECT_IN_USE: &str = "55006";

impl Stack {
    /// Makes an empty database owned by the ordinary role, and waits until every replica has it.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        self.clone_database("template0", name).await
    }

    /// Makes a database, migrates it with `migrate`, which is given its address, and closes it for good: from then on it
    /// takes no connections and can only be cloned.
    ///
    /// Does so once for each name; callers at the same time wait for the first. After a failed migration the database is
    /// dropped, and the next caller tries again.
    pub async fn create_template<F, Fut>(&self, name: &str, migrate: F) -> Result<()>
    where
        F: FnOnce(String) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        let template = Arc::clone(self.templates().entry(name.to_owned()).or_default());
        let build = || async {
            self.create_database(name).await?;
            let migrated =
                migrate(self.primary_url(name)).await.with_context(|| format!("migrate the template {name}"));
            if migrated.is_err() {
                self.drop_database(name).await?;
            }
            migrated?;
            self.close(name).await
        };
        template.get_or_try_init(build).await?;
        Ok(())
    }

    /// Makes the database `name` from `template` and waits until every replica has it.
    ///
    /// While sessions are connected to the template, it waits for them to go.
    pub async fn clone_database(&self, template: &str, name: &str) -> Result<()> {
        check_name(template)?;
        check_name(name)?;
        let statement = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\" OWNER {ORDINARY_ROLE}");
        let deadline = Deadline::within(TEMPLATE_FREE_WITHIN);
        let mut connection = self.primary().connect("postgres").await?;
        loop {
            // One at a time: copies of one template hinder each other on the disk and in the log.
            let turn = self.one_clone_at_a_time().await;
            let created = execute(&mut connection, statement.clone()).await;
            drop(turn);
            match created {
                Err(error) if code(&error).as_deref() == Some(OBJECT_IN_USE) => {
                    deadline.look_again(|| format!("sessions on the template {template} to end")).await?;
                }
                created => {
                    created.with_context(|| format!("create the database {name} from {template}"))?;
                    break;
                }
            }
        }
        self.await_replay().await
    }

    /// Drops the database if it is there, together with the sessions on it.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        check_name(name)?;
        let mut connection = self.primary().connect("postgres").await?;
        execute(&mut connection, format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"))
            .await
            .with_context(|| format!("drop the database {name}"))
    }

    /// Lets nobody connect to the template any more, and ends the sessions that the migration left open.
    async fn close(&self, name: &str) -> Result<()> {
        let mut connection = self.primary().connect("postgres").await?;
        execute(&mut connection, format!("ALTER DATABASE \"{name}\" WITH ALLOW_CONNECTIONS false IS_TEMPLATE true"))
            .await?;
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
            .bind(name)
            .execute(&mut connection)
            .await?;
        Ok(())
    }
}

/// Templates by name; the cell is filled once the template is migrated and closed.
pub(crate) type Templates = std::collections::HashMap<String, Arc<OnceCell<()>>>;

async fn execute(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.map(|_| ())
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

/// Names that need no quoting anywhere: in statements, addresses and shells.
fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    anyhow::ensure!(
        !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(plain),
        "database name {name:?} is not 1 to {LONGEST_NAME} of a-z, 0-9 and _"
    );
    Ok(())
}
