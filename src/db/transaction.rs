//! Write transactions, and the tail of a commit: what happens from COMMIT on, whatever becomes of the request.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DbErr, RuntimeErr, Statement as Sql, sqlx};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::change::Changed;
use super::cluster::{Choice, Role};
use super::commit::Done;
use super::connection::{STATEMENTS, no_primary};
use super::in_flight::{Ask, bounded, lost, silent, until_gone};
use super::position::Incarnation;
use super::routing::Request;
use super::session::Session;
use super::trace::Statement;
use crate::error::{Error, Fault, Result};

/// How long a COMMIT may go unanswered, such as by a primary that waits for its synchronous standby.
const COMMIT_WITHIN: Duration = Duration::from_secs(60);
/// `read_only_sql_transaction`: what a standby says to a write.
const READ_ONLY: &str = "25006";
/// How long the question for the position may take after it.
const POSITION_WITHIN: Duration = Duration::from_secs(1);

/// An open write transaction on the primary. Dropped without [`commit`](Self::commit), it is rolled back.
pub struct WriteTransaction {
    pub(super) request: Arc<Request>,
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
        let absences = host.life.absences();
        let gone = || host.life.gone_since(absences);
        let opened = async {
            let session = until_gone(host.writes.acquire(), gone()).await?;
            host.waited.record(begun.elapsed().as_secs_f64());
            let session = Mutex::new(Some(session));
            let mut tx = Self { primary, label, incarnation, session, seq: 0, request: request.clone() };
            let session = tx.session.get_mut().as_mut().expect("it was put there");
            tx.seq = until_gone(bounded(session.begin(), request.patience()), gone()).await?;
            Ok(tx)
        };
        opened.await.map_err(|error| failed(&request, primary, error).into())
    }

    /// Commits. From here on the write is no longer the request's: it goes on in a task of its own, which a client that hangs up and a
    /// request that runs out of time leave alone; a server that stops waits for it while its connections close. When the connection
    /// is lost before the answer, or there is none in time, the outcome is unknown.
    pub async fn commit(self) -> Result<()> {
        let session = self.session.lock().await.take();
        let Some(session) = session else { return Err(Error::internal(anyhow::anyhow!("committed twice"))) };
        let tail =
            Tail { request: self.request.clone(), primary: self.primary, incarnation: self.incarnation, seq: self.seq };
        if !tail.may_commit() {
            session.discard();
            return Err(Error::Lost(Arc::new(outdated().into())));
        }
        self.request.commits.send();
        let outcome = self.request.db.tails.spawn(tail.run(session)).await;
        outcome.unwrap_or_else(|panicked| Err(Error::OutcomeUnknown(Arc::new(panicked.into()))))
    }

    pub(super) async fn write<T: Send>(&self, statement: Sql, ask: Ask<T>) -> Result<T, DbErr> {
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
            staleness: Duration::ZERO,
            waited: Duration::ZERO,
            took: begun.elapsed(),
        });
        STATEMENTS.of(self.label).increment(1);
        outcome.map_err(|error| failed(&self.request, self.primary, error))
    }
}

impl Drop for WriteTransaction {
    fn drop(&mut self) {
        if let Some(session) = self.session.get_mut().take() {
            tokio::spawn(session.roll_back());
        }
    }
}

/// What of a transaction is left when COMMIT is sent.
struct Tail {
    request: Arc<Request>,
    primary: Choice,
    incarnation: Option<Incarnation>,
    seq: i64,
}

impl Tail {
    async fn run(self, mut session: Session) -> Result<()> {
        let outcome = timeout(COMMIT_WITHIN, session.commit(self.seq)).await;
        let outcome = match outcome.unwrap_or_else(|_| Err(silent())) {
            // Whether it got to the new primary before the promotion is not known here.
            Ok(_) if !self.may_commit() => Err(outdated()),
            outcome => outcome,
        };
        match outcome {
            Ok(changed) => {
                let done = locate(session, changed).await;
                self.tell(&done).await;
                self.request.commits.answered(Some(done));
                Ok(())
            }
            Err(error) if Fault::of(&error) == Fault::Lost => {
                session.discard();
                let done = Done { commit: None, is_known: false, changed: Changed::All };
                self.tell(&done).await;
                self.request.commits.answered(Some(done));
                Err(Error::OutcomeUnknown(Arc::new(failed(&self.request, self.primary, error).into())))
            }
            Err(error) => {
                session.roll_back().await;
                self.request.commits.answered(None);
                Err(failed(&self.request, self.primary, error).into())
            }
        }
    }

    /// Lets the witness hear of it, under the history that it was committed in.
    async fn tell(&self, done: &Done) {
        let db = &self.request.db;
        let (Some(witness), Some(scope)) = (db.witness(), db.scope()) else { return };
        let scope = done.commit.map_or(scope, |commit| scope.in_epoch(commit.epoch));
        witness.committed(scope, &done.changed, done.commit.map(|commit| commit.position)).await;
    }

    fn may_commit(&self) -> bool {
        self.request.db.cluster.may_commit(self.primary.place.host, self.incarnation)
    }
}

/// Asks where the log ends after a commit, on the connection that committed.
async fn locate(mut session: Session, changed: Changed) -> Done {
    match timeout(POSITION_WITHIN, session.after_commit()).await {
        Ok(Ok(commit)) => Done { commit, is_known: true, changed },
        _ => {
            session.discard();
            Done { commit: None, is_known: false, changed }
        }
    }
}

/// The error of a statement, after its server's loss was told where it was one.
fn failed(request: &Request, primary: Choice, error: sqlx::Error) -> DbErr {
    let has_become_standby = error.as_database_error().is_some_and(|error| error.code().as_deref() == Some(READ_ONLY));
    let error = if has_become_standby { lost("its server takes no writes by now") } else { error };
    if Fault::of(&error) == Fault::Lost {
        request.db.cluster.lost(primary.place, &error);
    }
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}

fn outdated() -> sqlx::Error {
    lost("another server is the primary by now")
}
