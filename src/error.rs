//! What can go wrong, sorted by whose fault it is, and the closed list of codes under which a client sees it.
//!
//! The `Display` of an [`Error`] is what a client reads. An internal cause stays inside [`Error::Internal`]: it is logged
//! once, with the request id, where the answer is finished, and never leaves the process.

use std::fmt;
use std::sync::Arc;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::postgres::{PgDatabaseError, PgSeverity};
use sea_orm::sqlx::{self};
use sea_orm::{DbErr, RuntimeErr};
use uuid::Uuid;

/// The values of `extensions.code`. They are listed in the README and never renamed.
pub mod code {
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    pub const NOT_FOUND: &str = "NOT_FOUND";
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    pub const FORBIDDEN: &str = "FORBIDDEN";
    pub const THROTTLED: &str = "THROTTLED";
    pub const MAX_COST_EXCEEDED: &str = "MAX_COST_EXCEEDED";
    pub const PERSISTED_QUERY_NOT_FOUND: &str = "PERSISTED_QUERY_NOT_FOUND";
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    pub const TIMEOUT: &str = "TIMEOUT";
    pub const INTERNAL: &str = "INTERNAL";
}

/// What became of a write whose answer is a failure: the values of `extensions.outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It happened, and its payload could not be answered.
    Committed,
    /// Nobody knows whether it happened.
    Unknown,
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Committed => "COMMITTED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of one field or of a whole request. Business failures of a mutation are not errors but `userErrors`.
#[derive(Clone, Debug)]
pub enum Error {
    /// The client sent something that cannot be understood; the text names the value and the limit.
    BadInput(String),
    /// The field is for staff, and the request brought no staff key.
    StaffOnly,
    /// The field is for staff, and the session is of someone else.
    NotStaff,
    /// The field is about whoever is logged in, and nobody is.
    SessionOnly,
    /// Too many of these came from there, or for the same account.
    Throttled { what: &'static str, wait_secs: u64 },
    /// A dependency cannot be reached, or has no connection free within its wait.
    Unavailable(&'static str, Arc<anyhow::Error>),
    /// A connection was lost. Nothing was committed on it.
    Lost(Arc<anyhow::Error>),
    /// A write and another transaction were in each other's way, and this one was given up.
    Crossed(Arc<anyhow::Error>),
    /// The connection was lost while a write committed: nobody knows whether it did.
    OutcomeUnknown(Arc<anyhow::Error>),
    /// The write was committed, and reading it for the payload failed for this reason.
    NotReadBack(Arc<Self>),
    /// The database gave up on a statement that took too long.
    Timeout(Arc<anyhow::Error>),
    /// Our fault. The cause is for the log.
    Internal(Arc<anyhow::Error>),
}

impl Error {
    pub fn bad_input(text: impl Into<String>) -> Self {
        Self::BadInput(text.into())
    }

    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(Arc::new(cause.into()))
    }

    /// A row was deleted between two statements that read of it.
    pub fn gone(what: &str, id: Uuid) -> Self {
        Self::Crossed(Arc::new(anyhow::anyhow!("{what} {id} was deleted while it was read")))
    }

    /// The value of `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadInput(_) => code::BAD_USER_INPUT,
            Self::StaffOnly | Self::SessionOnly => code::UNAUTHENTICATED,
            Self::NotStaff => code::FORBIDDEN,
            Self::Throttled { .. } => code::THROTTLED,
            Self::Unavailable(..) | Self::Lost(_) | Self::Crossed(_) | Self::OutcomeUnknown(_) => code::UNAVAILABLE,
            Self::NotReadBack(why) => why.code(),
            Self::Timeout(_) => code::TIMEOUT,
            Self::Internal(_) => code::INTERNAL,
        }
    }

    /// Whether a later attempt may succeed.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(..) | Self::Lost(_) | Self::Crossed(_) | Self::Timeout(_))
    }

    /// In how many seconds the same may pass, of what was refused because of how often it came.
    pub fn retry_after_secs(&self) -> Option<u64> {
        match self {
            Self::Throttled { wait_secs, .. } => Some(*wait_secs),
            _ => None,
        }
    }

    /// The value of `extensions.outcome`: what became of a write whose field failed, where that is not nothing.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::OutcomeUnknown(_) => Some(Outcome::Unknown),
            Self::NotReadBack(_) => Some(Outcome::Committed),
            _ => None,
        }
    }

    /// The cause for the log, where there is one.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        match self {
            Self::BadInput(_) | Self::StaffOnly | Self::NotStaff | Self::SessionOnly | Self::Throttled { .. } => None,
            Self::NotReadBack(why) => why.cause(),
            Self::Unavailable(_, cause)
            | Self::Lost(cause)
            | Self::Crossed(cause)
            | Self::OutcomeUnknown(cause)
            | Self::Timeout(cause)
            | Self::Internal(cause) => Some(cause),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadInput(text) => f.write_str(text),
            Self::StaffOnly => {
                f.write_str("this is for staff: send the staff key in the header x-storefront-staff-key")
            }
            Self::NotStaff => f.write_str("this is for staff, and the session is of someone else"),
            Self::SessionOnly => f.write_str("this needs a session: make one with sessionCreate"),
            Self::Throttled { what, wait_secs } => write!(f, "too many {what}: try again in {wait_secs} s"),
            Self::Unavailable(what, _) => write!(f, "{what} is unavailable, try again"),
            Self::Lost(_) => f.write_str("the database is unavailable, try again"),
            Self::Crossed(_) => f.write_str("another transaction was in the way, try again"),
            Self::OutcomeUnknown(_) => {
                f.write_str("the database was lost during the commit: read what is there before you try again")
            }
            Self::NotReadBack(_) => f.write_str("it was written, and could not be read back: do not send it again"),
            Self::Timeout(_) => f.write_str("the database took too long, try again or ask for less"),
            Self::Internal(_) => f.write_str("internal error"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// What the failure of a statement means, of which nothing is committed.
    pub fn of_statement(error: DbErr) -> Self {
        match Fault::of_driver(&error) {
            Fault::Lost => Self::Lost(Arc::new(error.into())),
            Fault::Crossed => Self::Crossed(Arc::new(error.into())),
            Fault::Busy => Self::Unavailable("the database", Arc::new(error.into())),
            Fault::TooSlow => Self::Timeout(Arc::new(error.into())),
            Fault::Ours => Self::internal(error),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::of_statement(error)
    }
}

/// Whose fault a driver error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection was lost: what it was doing may have happened.
    Lost,
    /// Two transactions were in each other's way, and this one was given up.
    Crossed,
    /// Nothing was done, for want of a connection or of a lock.
    Busy,
    TooSlow,
    Ours,
}

impl Fault {
    pub fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                Self::Lost
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Busy,
            sqlx::Error::Database(error) => match error.code().as_deref() {
                Some("57014") => Self::TooSlow,
                // Class 08: connection exceptions. 57P01 to 57P03: the server is stopping, has crashed or is starting.
                Some("57P01" | "57P02" | "57P03") => Self::Lost,
                Some("40001" | "40P01") => Self::Crossed,
                // 53300: no connection slot left. "5" and "261": SQLite is busy with another process's write.
                Some("53300" | "5" | "261") => Self::Busy,
                Some(state) if state.starts_with("08") => Self::Lost,
                // Whatever it was, the server has ended the connection.
                _ if ends_connection(&**error) => Self::Lost,
                _ => Self::Ours,
            },
            _ => Self::Ours,
        }
    }

    fn of_driver(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Busy,
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of(error),
            _ => Self::Ours,
        }
    }
}

fn ends_connection(error: &(dyn DatabaseError + 'static)) -> bool {
    let severity = error.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
    matches!(severity, Some(PgSeverity::Fatal | PgSeverity::Panic))
}
