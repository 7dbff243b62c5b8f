//! What Postgres has run for a subject, from `pg_stat_statements` of every node.

use devstack::{Node, Stack};
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection};

use super::shop::DATABASE;

/// Where devstack has made the extension; it tells of all databases.
const EXTENSION: &str = "postgres";
/// Not what begins and ends transactions, and not what Storefront asks beside requests: checks of servers, and the sweeper of the change log.
const SQL: &str = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements \
     WHERE dbid = (SELECT oid FROM pg_database WHERE datname = $1) AND userid = 'storefront'::regrole \
     AND query !~* '^ *(begin|commit|rollback|start|savepoint|release|set|reset|show)\\M' AND query !~ 'pg_postmaster_start_time|fenced_at|is_settled|SELECT seq, kind'";

#[derive(Clone, Copy)]
pub struct Statements {
    pub on_primary: u64,
    pub on_replicas: u64,
}

impl Statements {
    /// Counts from 0 from now on.
    pub async fn reset(stack: &Stack) -> anyhow::Result<()> {
        for node in nodes(stack) {
            node.execute(EXTENSION, "SELECT pg_stat_statements_reset()").await?;
        }
        Ok(())
    }

    pub async fn read(stack: &Stack) -> anyhow::Result<Self> {
        let on_primary = count(stack.primary()).await?;
        let mut on_replicas = 0;
        for replica in stack.replicas() {
            on_replicas += count(replica).await?;
        }
        Ok(Self { on_primary, on_replicas })
    }

    pub fn all(self) -> u64 {
        self.on_primary + self.on_replicas
    }

    /// The part of all that replicas have run.
    pub fn replica_share(self) -> Option<f64> {
        (self.all() > 0).then(|| self.on_replicas as f64 / self.all() as f64)
    }
}

fn nodes(stack: &Stack) -> impl Iterator<Item = &Node> {
    std::iter::once(stack.primary()).chain(stack.replicas())
}

async fn count(node: &Node) -> anyhow::Result<u64> {
    let mut connection = PgConnection::connect(&node.url(EXTENSION)).await?;
    let calls: i64 = sqlx::query_scalar(SQL).bind(DATABASE).fetch_one(&mut connection).await?;
    Ok(calls.try_into()?)
}
