//! Connections that keep count: every statement of a request passes through one of these.

use std::sync::Arc;
use std::time::Instant;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    Statement as Sql,
};

use super::routing::Trace;
use crate::error::{Error, Result};

/// A connection to read from, taken anew from the pool for each statement.
pub struct Connection {
    pub(super) pool: DatabaseConnection,
    pub(super) label: &'static str,
    pub(super) trace: Arc<Trace>,
}

/// An open write transaction on the primary. Dropped without [`commit`](Self::commit), it is rolled back.
pub struct WriteTransaction {
    pub(super) transaction: DatabaseTransaction,
    pub(super) label: &'static str,
    pub(super) trace: Arc<Trace>,
}

impl WriteTransaction {
    /// Commits. From here on the write is no longer the request's: a client that hangs up or a request that runs out of time
    /// leaves a COMMIT under way alone. When the connection is lost before the answer, the outcome is unknown.
    pub async fn commit(self) -> Result<()> {
        let commit = tokio::spawn(self.transaction.commit());
        commit.await.map_err(Error::internal)?.map_err(Error::from_commit)
    }
}

macro_rules! count_statements {
    ($connection:ty, $inner:ident) => {
        #[async_trait::async_trait]
        impl ConnectionTrait for $connection {
            fn get_database_backend(&self) -> DbBackend {
                self.$inner.get_database_backend()
            }

            async fn execute_raw(&self, statement: Sql) -> Result<ExecResult, DbErr> {
                let begun = Instant::now();
                let result = self.$inner.execute_raw(statement).await;
                self.trace.ran(self.label, begun.elapsed());
                result
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                let begun = Instant::now();
                let result = self.$inner.execute_unprepared(sql).await;
                self.trace.ran(self.label, begun.elapsed());
                result
            }

            async fn query_one_raw(&self, statement: Sql) -> Result<Option<QueryResult>, DbErr> {
                let begun = Instant::now();
                let result = self.$inner.query_one_raw(statement).await;
                self.trace.ran(self.label, begun.elapsed());
                result
            }

            async fn query_all_raw(&self, statement: Sql) -> Result<Vec<QueryResult>, DbErr> {
                let begun = Instant::now();
                let result = self.$inner.query_all_raw(statement).await;
                self.trace.ran(self.label, begun.elapsed());
                result
            }
        }
    };
}

count_statements!(Connection, pool);
count_statements!(WriteTransaction, transaction);
