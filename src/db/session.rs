//! One connection, held for as long as its user needs it, and the statements of SeaORM on it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, Executor, PgConnection, Postgres, Row, Sqlite};
use sea_orm::{ExecResult, QueryResult, Statement};
use sea_query_sqlx::SqlxValues;

use super::change::{Changed, LAST_CHANGE, changed_since};
use super::host::Life;
use super::idle::{Taken, Turn};
use super::position::{self, Commit};

/// How long a transaction that was given up may take to roll back; then its connection is closed instead.
const ROLLBACK_WITHIN: Duration = Duration::from_secs(2);

/// A connection out of a pool. Dropped, it goes back, unless its server was lost in the meantime: it may lead to another one than the
/// checks have found since.
pub enum Session {
    Postgres(Lease),
    Sqlite(PoolConnection<Sqlite>),
}

/// A connection to Postgres, and what becomes of it.
pub struct Lease {
    /// There until it is dropped.
    taken: Option<(Taken, Turn)>,
    life: Arc<Life>,
    state: State,
}

/// What is known of the last statement on a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It may not have been answered yet.
    Open,
    /// Its answer was read to the end.
    Answered,
    /// Nobody knows what the connection is still doing.
    Spoilt,
}

impl Lease {
    pub fn new(taken: Taken, turn: Turn, life: &Arc<Life>) -> Self {
        Self { taken: Some((taken, turn)), life: life.clone(), state: State::Open }
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.taken.as_ref().expect("it is there until it is dropped").0
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.taken.as_mut().expect("it is there until it is dropped").0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some((mut taken, turn)) = self.taken.take() else { return };
        if self.state == State::Spoilt || self.life.generation() != taken.generation {
            taken.close();
        } else if self.state == State::Answered {
            turn.end(taken);
        }
    }
}

/// Runs `$ask` with a query on whichever connection it is.
macro_rules! on_connection {
    ($session:expr, $statement:expr, |$query:ident, $connection:ident| $ask:expr) => {{
        let values = SqlxValues($statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new())));
        match $session {
            Session::Postgres($connection) => {
                let $query = sqlx::query_with::<Postgres, _>(AssertSqlSafe($statement.sql), values);
                let $connection = &mut **$connection;
                $ask
            }
            Session::Sqlite($connection) => {
                let $query = sqlx::query_with::<Sqlite, _>(AssertSqlSafe($statement.sql), values);
                let $connection = &mut **$connection;
                $ask
            }
        }
    }};
}

impl Session {
    pub async fn execute(&mut self, statement: Statement) -> Result<ExecResult, sqlx::Error> {
        on_connection!(self, statement, |query, connection| connection.execute(query).await.map(Into::into))
    }

    pub async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, sqlx::Error> {
        on_connection!(self, statement, |query, connection| {
            Ok(connection.fetch_optional(query).await?.map(Into::into))
        })
    }

    pub async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, sqlx::Error> {
        on_connection!(self, statement, |query, connection| {
            Ok(connection.fetch_all(query).await?.into_iter().map(Into::into).collect())
        })
    }

    /// Runs statements without values, several at once if need be, as one message.
    pub async fn run(&mut self, sql: String) -> Result<ExecResult, sqlx::Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        match self {
            Self::Postgres(connection) => sql.execute(&mut **connection).await.map(Into::into),
            Self::Sqlite(connection) => sql.execute(&mut **connection).await.map(Into::into),
        }
    }

    /// Begins a transaction, and tells where the change log ends.
    pub async fn begin(&mut self) -> Result<i64, sqlx::Error> {
        let begin = match self {
            Self::Postgres(..) => "BEGIN",
            // The write lock at once. A transaction that reads first and writes later fails, without waiting, when
            // another process has written in between.
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        let sql = sqlx::raw_sql(AssertSqlSafe(format!("{begin}; {LAST_CHANGE}")));
        match self {
            Self::Postgres(connection) => last(&connection.fetch_all(sql).await?),
            Self::Sqlite(connection) => last(&connection.fetch_all(sql).await?),
        }
    }

    /// Commits a transaction that began at `seq`, and tells what it changed.
    pub async fn commit(&mut self, seq: i64) -> Result<Changed, sqlx::Error> {
        // In a transaction that has failed, COMMIT alone rolls back without an error on Postgres; the SELECT before it does not.
        let sql = sqlx::raw_sql(AssertSqlSafe(format!("{}; COMMIT", changed_since(seq))));
        // Committed is committed, whether the rows make sense or not.
        let changed = match self {
            Self::Postgres(connection) => Changed::read(&connection.fetch_all(sql).await?),
            Self::Sqlite(connection) => Changed::read(&connection.fetch_all(sql).await?),
        };
        Ok(changed.unwrap_or(Changed::All))
    }

    /// Where the log ends after a commit; `None` where there are no replicas to compare with.
    pub async fn after_commit(&mut self) -> Result<Option<Commit>, sqlx::Error> {
        match self {
            Self::Postgres(connection) => position::after_commit(connection).await.map(Some),
            Self::Sqlite(_) => Ok(None),
        }
    }

    /// Rolls back what was begun, so that the connection can be used again; closes it when that does not work.
    pub async fn roll_back(mut self) {
        let rolled_back = tokio::time::timeout(ROLLBACK_WITHIN, self.run("ROLLBACK".to_owned())).await;
        // SQLite has ended some transactions by itself when they failed; its error then is that there is none.
        if !matches!((&rolled_back, &self), (Ok(Ok(_)), _) | (Ok(Err(_)), Self::Sqlite(_))) {
            self.discard();
        }
    }

    /// Waits until the server has answered what is still on its way, then gives the connection back; closes it when that takes too long.
    pub async fn settle(mut self, patience: Option<Duration>) {
        let Some(patience) = patience else { return };
        let answered = match &mut self {
            Self::Postgres(connection) => tokio::time::timeout(patience, connection.ping()).await,
            Self::Sqlite(_) => Ok(Ok(())),
        };
        if !matches!(answered, Ok(Ok(()))) {
            self.discard();
        }
    }

    /// Gives the connection back after a statement whose answer was read to its end.
    pub fn rest(mut self) {
        if let Self::Postgres(lease) = &mut self {
            lease.state = State::Answered;
        }
    }

    /// Closes the connection instead of giving it back: nobody knows what it is still doing.
    pub fn discard(mut self) {
        match &mut self {
            Self::Postgres(lease) => lease.state = State::Spoilt,
            Self::Sqlite(connection) => connection.close_on_drop(),
        }
    }
}

fn last<R: Row>(rows: &[R]) -> Result<i64, sqlx::Error>
where
    for<'a> &'a str: sqlx::ColumnIndex<R>,
    for<'a> i64: sqlx::Decode<'a, R::Database> + sqlx::Type<R::Database>,
{
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get("seq")
}
