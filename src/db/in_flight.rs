//! Statements on their way: given up when their server is lost or silent, and never given back to a pool before they are answered.

use std::future::Future;
use std::io;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sea_orm::Statement;
use sea_orm::sqlx;

use super::session::Session;
use crate::error::Fault;

/// What is done with a statement on a session.
pub type Ask<T> = for<'a> fn(&'a mut Session, Statement) -> BoxFuture<'a, Result<T, sqlx::Error>>;

/// A session with a statement on its way. Given up half-way it is not given back before the server has answered.
pub struct InFlight {
    session: Option<Session>,
    patience: Option<Duration>,
}

impl InFlight {
    /// Runs a statement until it is answered, its server is `gone`, or `patience` is at its end. `None` waits for ever.
    pub async fn run<T: Send>(
        session: Session,
        statement: Statement,
        ask: Ask<T>,
        patience: Option<Duration>,
        gone: impl Future<Output = ()>,
    ) -> Result<T, sqlx::Error> {
        let mut in_flight = Self { session: Some(session), patience };
        let session = in_flight.session.as_mut().expect("it was put there");
        let outcome = until_gone(bounded(ask(session, statement), patience), gone).await;
        if let Some(session) = in_flight.session.take() {
            match &outcome {
                Ok(_) => session.rest(),
                Err(error) if Fault::of(error) == Fault::Lost => session.discard(),
                Err(_) => drop(session),
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

/// Waits for a server as long as it is not lost.
pub async fn until_gone<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
    gone: impl Future<Output = ()>,
) -> Result<T, sqlx::Error> {
    tokio::select! {
        biased;
        done = work => done,
        () = gone => Err(lost("its server was lost")),
    }
}

/// Waits no longer than a server that is alive would take.
pub async fn bounded<T>(
    work: impl Future<Output = Result<T, sqlx::Error>>,
    patience: Option<Duration>,
) -> Result<T, sqlx::Error> {
    match patience {
        Some(patience) => tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(silent())),
        None => work.await,
    }
}

/// The error of a statement whose server was lost.
pub fn lost(why: &'static str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::ConnectionAborted, why))
}

/// The error of a statement that was not answered in time.
pub fn silent() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, "its server did not answer"))
}
