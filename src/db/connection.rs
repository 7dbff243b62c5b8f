//! Connections as requests hold them: each statement goes to the host of the moment, is bounded in time, and is recorded.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement as Sql};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::change::Changed;
use super::cluster::{Choice, Role};
use super::commit::Done;
use super::election::NoPrimary;
use super::position::Incarnation;
use super::routing::{Elsewhere, Request};
use super::session::Session;
use super::trace::Statement;
use crate::error::{Error, Fault, Result};

/// A server ends its own statements in time. One that is silent for so much longer is not going to.
const SILENCE: Duration = Duration::from_millis(500);
/// How long a COMMIT may go unanswered, such as by a primary that waits for its synchronous standby.
const COMMIT_WITHIN: Duration = Duration::from_secs(60);
/// How long the question for the position may take after it.
const POSITION_WITHIN: Duration = Duration::from_secs(1);

/// A way to read. Each statement takes a connection of its own from the host that the request has chosen by then.
pub struct Connection {
    request: Arc<Request>,
    label: &'static str,
}

/// What is done with a statement on a session.
type Ask<T> = for<'a> fn(&'a mut Session, Sql) -> BoxFuture<'a, Result<T, sqlx::Error>>;

impl Connection {
    pub(super) fn new(request: Arc<Request>, label: &'static str) -> Self {
        Self { request, label }
    }

    /// Runs a statement. Lost with its connection, or cancelled by a standby's recovery, it is tried once more elsewhere; lost on two
    /// replicas, a last time on the primary.
    async fn read<T: Send>(&self, statement: Sql, ask: Ask<T>) -> Result<T, DbErr> {
        let mut elsewhere = Elsewhere::Anywhere;
        loop {
            let choice = self.request.choose(elsewhere).await.map_err(no_primary)?;
            let error = match self.attempt(choice, statement.clone(), ask).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            elsewhere = match (Fault::of(&error), choice.role, elsewhere) {
                (Fault::Lost, _, Elsewhere::Anywhere) => Elsewhere::Than(choice.place.host),
                // The replay of the log removed what the statement was reading; on the other standbys it soon will.
                (Fault::Crossed, Role::Replica, Elsewhere::Anywhere) => Elsewhere::Primary,
                (Fault::Lost, Role::Replica, Elsewhere::Than(_)) => Elsewhere::Primary,
                // The server has no connection slot left.
                (Fault::Busy, Role::Replica, Elsewhere::Anywhere) if matches!(error, sqlx::Error::Database(_)) => {
                    Elsewhere::Than(choice.place.host)
                }
                _ => return Err(DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))),
            };
            let host = self.request.db.cluster.host(choice.place);
            metrics::counter!("storefront_read_retries_total", "host" => host.name.clone()).increment(1);
        }
    }

    async fn attempt<T: Send>(&self, choice: Choice, statement: Sql, ask: Ask<T>) -> Result<T, sqlx::Error> {
        let cluster = &self.request.db.cluster;
        let host = cluster.host(choice.place);
        let begun = Instant::now();
        let outcome = async {
            let session = until_over(host.reads.acquire(), self.over(choice)).await?;
            let waited = begun.elapsed();
            host.waited.record(waited.as_secs_f64());
            let sql = self.request.trace.is_kept().then(|| statement.sql.clone());
            let outcome = InFlight::run(session, &self.request, statement, ask, self.over(choice)).await;
            self.request.trace.ran(|| Statement {
                label: self.label,
                sql,
                host: host.name.clone(),
                role: choice.role,
                waited,
                took: begun.elapsed() - waited,
            });
            outcome
        };
        let outcome = outcome.await;
        host.count_read(choice.role);
        metrics::counter!("storefront_sql_statements_total", "label" => self.label).increment(1);
        match outcome {
            // Another incarnation may have answered, which has replayed less than the one that was chosen.
            Ok(_) if choice.role == Role::Replica && !cluster.holds(choice.place) => Err(lost("its server was lost")),
            Err(error) if Fault::of(&error) == Fault::Lost => {
                cluster.lost(choice.place, &error);
                Err(error)
            }
            outcome => outcome,
        }
    }

    /// Ready when the server of a choice is lost: nobody need wait for it any longer.
    async fn over(&self, choice: Choice) {
        self.request.db.cluster.host(choice.place).life.over(choice.place.generation).await;
    }
}

async fn until_over<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
    over: impl Future<Output = ()>,
) -> Result<T, sqlx::Error> {
    tokio::select! {
        biased;
        done = work => done,
        () = over => Err(lost("its server was lost")),
    }
}

fn lost(why: &'static str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ConnectionAborted, why))
}

fn outdated() -> sqlx::Error {
    lost("another server is the primary by now")
}

fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "its server did not answer"))
}

fn no_primary(why: NoPrimary) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_string()))
}

/// A session with a statement on its way. Given up half-way it is not given back before the server has answered.
struct InFlight {
    session: Option<Session>,
    patience: Option<Duration>,
}

impl InFlight {
    async fn run<T: Send>(
        session: Session,
        request: &Request,
        statement: Sql,
        ask: Ask<T>,
        over: impl Future<Output = ()>,
    ) -> Result<T, sqlx::Error> {
        let patience = request.patience();
        let mut in_flight = Self { session: Some(session), patience };
        let session = in_flight.session.as_mut().expect("it was put there");
        let outcome = until_over(bounded(ask(session, statement), patience), over).await;
        if let Some(session) = in_flight.session.take() {
            match &outcome {
                Err(error) if Fault::of(error) == Fault::Lost => session.discard(),
                _ => drop(session),
            }
        }
        outcome
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        let patience = self.patience;
        tokio::spawn(session.settle(patience));
    }
}

/// Waits no longer than a server that is alive would take.
async fn bounded<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
    patience: Option<Duration>,
) -> Result<T, sqlx::Error> {
    match patience {
        Some(patience) => tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(silent())),
        None => work.await,
    }
}

impl Request {
    /// How long to wait for the answer to one statement; SQLite cannot cut its statements short.
    fn patience(&self) -> Option<Duration> {
        self.db.statement_timeout().map(|timeout| timeout + SILENCE)
    }
}

/// An open write transaction on the primary. Dropped without [`commit`](Self::commit), it is rolled back.
pub struct WriteTransaction {
    request: Arc<Request>,
    label: &'static str,
    primary: Choice,
    /// Which life of the primary it began in.
    incarnation: Option<Incarnation>,
    /// `None` once it is committed.
    session: Mutex<Option<Session>>,
    /// Where the change log ended when it began.
    seq: i64,
}

impl WriteTransaction {
    pub(super) async fn begin(request: Arc<Request>, label: &'static str) -> Result<Self> {
        let primary = request.choose_primary().await.map_err(no_primary)?;
        let host = request.db.cluster.host(primary.place);
        let (begun, incarnation) = (Instant::now(), host.life.incarnation());
        let over = || host.life.over(primary.place.generation);
        let opened = async {
            let session = until_over(host.writes.acquire(), over()).await?;
            host.waited.record(begun.elapsed().as_secs_f64());
            let session = Mutex::new(Some(session));
            let mut tx = Self { primary, label, incarnation, session, seq: 0, request: request.clone() };
            let session = tx.session.get_mut().as_mut().expect("it was put there");
            tx.seq = until_over(bounded(session.begin(), request.patience()), over()).await?;
            Ok(tx)
        };
        opened.await.map_err(|error: sqlx::Error| {
            if Fault::of(&error) == Fault::Lost {
                request.db.cluster.lost(primary.place, &error);
            }
            Error::of_statement(DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error))))
        })
    }

    /// Commits. From here on the write is no longer the request's: it goes on in a task of its own, which a client that hangs up, a
    /// request that runs out of time and a server that stops leave alone. When the connection is lost before the answer, or
    /// there is none in time, the outcome is unknown.
    pub async fn commit(self) -> Result<()> {
        let session = self.session.lock().await.take();
        let Some(mut session) = session else { return Err(Error::internal(anyhow::anyhow!("committed twice"))) };
        let (request, place, seq) = (self.request.clone(), self.primary.place, self.seq);
        let (db, incarnation) = (request.db.clone(), self.incarnation);
        if !db.cluster.may_commit(place.host, incarnation) {
            session.discard();
            return Err(Error::Lost(Arc::new(outdated().into())));
        }
        request.commits.send();
        let tail = db.tails.spawn(async move {
            let outcome = tokio::time::timeout(COMMIT_WITHIN, session.commit(seq)).await;
            let outcome = match outcome.unwrap_or_else(|_| Err(silent())) {
                // Whether it got to the new primary before the promotion is not known here.
                Ok(_) if !request.db.cluster.may_commit(place.host, incarnation) => Err(outdated()),
                outcome => outcome,
            };
            match outcome {
                Ok(changed) => {
                    let position = tokio::time::timeout(POSITION_WITHIN, session.after_commit()).await;
                    let done = match position {
                        Ok(Ok(commit)) => Done { commit, is_known: true, changed },
                        _ => Done { commit: None, is_known: false, changed },
                    };
                    if done.is_known {
                        drop(session)
                    } else {
                        session.discard()
                    }
                    request.commits.answered(Some(done));
                    Ok(())
                }
                Err(error) if Fault::of(&error) == Fault::Lost => {
                    request.db.cluster.lost(place, &error);
                    session.discard();
                    request.commits.answered(Some(Done { commit: None, is_known: false, changed: Changed::All }));
                    Err(Error::OutcomeUnknown(Arc::new(error.into())))
                }
                Err(error) => {
                    session.roll_back().await;
                    request.commits.answered(None);
                    Err(Error::of_statement(DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))))
                }
            }
        });
        tail.await.map_err(Error::internal)?
    }

    async fn write<T: Send>(&self, statement: Sql, ask: Ask<T>) -> Result<T, DbErr> {
        let mut session = self.session.lock().await;
        let Some(session) = session.as_mut() else {
            return Err(DbErr::Conn(RuntimeErr::Internal("the transaction is over".to_owned())));
        };
        let begun = Instant::now();
        let sql = self.request.trace.is_kept().then(|| statement.sql.clone());
        let outcome = bounded(ask(session, statement), self.request.patience()).await;
        self.request.trace.ran(|| Statement {
            label: self.label,
            sql,
            host: self.request.db.cluster.host(self.primary.place).name.clone(),
            role: Role::Primary,
            waited: Duration::ZERO,
            took: begun.elapsed(),
        });
        metrics::counter!("storefront_sql_statements_total", "label" => self.label).increment(1);
        outcome.map_err(|error| {
            if Fault::of(&error) == Fault::Lost {
                self.request.db.cluster.lost(self.primary.place, &error);
            }
            DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
        })
    }
}

impl Drop for WriteTransaction {
    fn drop(&mut self) {
        if let Some(session) = self.session.get_mut().take() {
            tokio::spawn(session.roll_back());
        }
    }
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
