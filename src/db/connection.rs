//! Connections as requests hold them: each statement goes to the host of the moment, is bounded in time, and is recorded.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use metrics::Counter;
use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement as Sql};
use tokio::time::timeout;

use super::cluster::{Choice, Role};
use super::election::NoPrimary;
use super::in_flight::{Ask, InFlight, lost, until_gone};
use super::pool::Pool;
use super::position::Lsn;
use super::routing::{Elsewhere, Request};
use super::session::Session;
use super::trace::Statement;
use super::transaction::WriteTransaction;
use crate::error::Fault;
use crate::telemetry::ByLabel;

/// How long a second host's connection is waited for, after the first one had none free.
const SECOND_WAIT: Duration = Duration::from_millis(100);

pub static STATEMENTS: ByLabel<Counter> =
    ByLabel::new(|label| metrics::counter!("storefront_sql_statements_total", "label" => label));

/// A way to read. Each statement takes a connection of its own from the host that the request has chosen by then.
pub struct Connection {
    request: Arc<Request>,
    label: &'static str,
    source: Mutex<Option<Source>>,
}

/// What a connection's answers may lack, over all servers that gave one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Everything that was written before is in the answers; `None` when they lack nothing that was written before they were asked for.
    pub fresh_at: Option<Instant>,
    /// Everything up to here in the log is in them.
    pub replayed: Lsn,
}

impl Connection {
    pub(super) fn new(request: Arc<Request>, label: &'static str) -> Self {
        Self { request, label, source: Mutex::default() }
    }

    /// Where all that was read by now came from; `None` before the first answer.
    pub fn source(&self) -> Option<Source> {
        *self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a server that has answered.
    fn came_from(&self, choice: Choice) {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut fresh_at, mut replayed) = (choice.fresh_at, choice.replayed);
        if let Some(source) = *source {
            fresh_at = [fresh_at, source.fresh_at].into_iter().flatten().min();
            replayed = replayed.min(source.replayed);
        }
        *source = Some(Source { fresh_at, replayed });
    }

    /// Runs a statement. Lost with its connection, or cancelled by a standby's recovery, it is tried once more elsewhere; failed on two
    /// replicas, a last time on the primary.
    async fn read<T: Send>(&self, statement: Sql, ask: Ask<T>) -> Result<T, DbErr> {
        let mut elsewhere = Elsewhere::Anywhere;
        let mut wait = None;
        loop {
            let choice = self.request.choose(elsewhere).await.map_err(no_primary)?;
            let error = match self.attempt(choice, statement.clone(), ask, wait).await {
                Ok(found) => {
                    self.came_from(choice);
                    return Ok(found);
                }
                Err(error) => error,
            };
            let on_replica = choice.role == Role::Replica;
            elsewhere = match (Fault::of(&error), elsewhere) {
                (Fault::Lost, Elsewhere::Anywhere) => Elsewhere::Than(choice.place.host),
                // The replay of the log removed what the statement was reading; on the other standbys it may as well.
                (Fault::Crossed, Elsewhere::Anywhere) if on_replica => Elsewhere::Than(choice.place.host),
                (Fault::Lost | Fault::Crossed, Elsewhere::Than(_)) if on_replica => Elsewhere::Primary,
                // Its pool is used up, or the server's connections are. Another host may have one free now; it is not waited for twice.
                (Fault::Busy, Elsewhere::Anywhere) if on_replica => {
                    wait = Some(SECOND_WAIT);
                    Elsewhere::Than(choice.place.host)
                }
                _ => return Err(DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))),
            };
            let host = self.request.db.cluster.host(choice.place);
            metrics::counter!("storefront_read_retries_total", "host" => host.name.clone()).increment(1);
        }
    }

    /// Runs a statement on one host. `wait` is how long to wait for a connection, where that is not as long as usual.
    async fn attempt<T: Send>(
        &self,
        choice: Choice,
        statement: Sql,
        ask: Ask<T>,
        wait: Option<Duration>,
    ) -> Result<T, sqlx::Error> {
        let cluster = &self.request.db.cluster;
        let host = cluster.host(choice.place);
        let begun = Instant::now();
        let absences = host.life.absences();
        let acquired = until_gone(acquire(&host.reads, wait), host.life.gone_since(absences)).await;
        let waited = begun.elapsed();
        host.waited.record(waited.as_secs_f64());
        let outcome = match acquired {
            // The connection may lead to another incarnation, which has replayed less than the one that was chosen.
            Ok(_) if choice.role == Role::Replica && !cluster.holds(choice.place) => Err(lost("its server was lost")),
            Ok(session) => {
                let sql = self.request.trace.is_kept().then(|| statement.sql.clone());
                let gone = host.life.gone_since(absences);
                let outcome = InFlight::run(session, statement, ask, self.request.patience(), gone).await;
                host.count_read(choice.role);
                STATEMENTS.of(self.label).increment(1);
                self.request.trace.ran(|| Statement {
                    label: self.label,
                    sql,
                    host: host.name.clone(),
                    role: choice.role,
                    staleness: choice.staleness,
                    waited,
                    took: begun.elapsed() - waited,
                });
                outcome
            }
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome
            && Fault::of(error) == Fault::Lost
        {
            cluster.lost(choice.place, error);
        }
        outcome
    }
}

/// A connection, waited for as long as the pool's setting says, or no longer than `wait`.
async fn acquire(pool: &Pool, wait: Option<Duration>) -> Result<Session, sqlx::Error> {
    match wait {
        Some(wait) => timeout(wait, pool.acquire()).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)),
        None => pool.acquire().await,
    }
}

/// The error of a statement that found no primary.
pub fn no_primary(why: NoPrimary) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_string()))
}

macro_rules! statements {
    ($connection:ty, $run:ident) => {
        #[async_trait::async_trait]
        impl ConnectionTrait for $connection {
            fn get_database_backend(&self) -> DbBackend {
                self.request.db.backend()
            }

            async fn execute_raw(&self, statement: Sql) -> Result<ExecResult, DbErr> {
                self.$run(statement, |session, statement| session.execute(statement).boxed()).await
            }

            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                let statement = Sql::from_string(self.get_database_backend(), sql);
                self.$run(statement, |session, statement| session.run(statement.sql).boxed()).await
            }

            async fn query_one_raw(&self, statement: Sql) -> Result<Option<QueryResult>, DbErr> {
                self.$run(statement, |session, statement| session.query_one(statement).boxed()).await
            }

            async fn query_all_raw(&self, statement: Sql) -> Result<Vec<QueryResult>, DbErr> {
                self.$run(statement, |session, statement| session.query_all(statement).boxed()).await
            }
        }
    };
}

statements!(Connection, read);
statements!(WriteTransaction, write);
