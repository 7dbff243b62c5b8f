//! What can go wrong, sorted by whose fault it is, and the closed list of codes under which a client sees it.
//!
//! The `Display` of an [`Error`] is what a client reads. An internal cause stays inside [`Error::Internal`]: it is logged
//! once, with the request id, where the answer is finished, and never leaves the process.

use std::fmt;
use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};

/// The values of `extensions.code`. They are listed in the README and never renamed.
pub mod code {
    pub const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
    pub const NOT_FOUND: &str = "NOT_FOUND";
    pub const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    pub const TIMEOUT: &str = "TIMEOUT";
    pub const INTERNAL: &str = "INTERNAL";
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of one field or of a whole request. Business failures of a mutation are not errors but `userErrors`.
#[derive(Clone, Debug)]
pub enum Error {
    /// The client sent something that cannot be understood; the text names the value and the limit.
    BadInput(String),
    /// The field is for staff, and the request brought no staff key.
    StaffOnly,
    /// A dependency cannot be reached, or has no connection free within its wait.
    Unavailable(&'static str, Arc<anyhow::Error>),
    /// The connection was lost while a write committed: nobody knows whether it did.
    OutcomeUnknown(Arc<anyhow::Error>),
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

    /// The value of `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadInput(_) => code::BAD_USER_INPUT,
            Self::StaffOnly => code::UNAUTHENTICATED,
            Self::Unavailable(..) | Self::OutcomeUnknown(_) => code::UNAVAILABLE,
            Self::Timeout(_) => code::TIMEOUT,
            Self::Internal(_) => code::INTERNAL,
        }
    }

    /// The cause for the log, where there is one.
    pub fn cause(&self) -> Option<&anyhow::Error> {
        match self {
            Self::BadInput(_) | Self::StaffOnly => None,
            Self::Unavailable(_, cause)
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
            Self::Unavailable(what, _) => write!(f, "{what} is unavailable, try again"),
            Self::OutcomeUnknown(_) => {
                f.write_str("the database was lost during the commit: read what is there before you try again")
            }
            Self::Timeout(_) => f.write_str("the database took too long, try again or ask for less"),
            Self::Internal(_) => f.write_str("internal error"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// What the failure of a COMMIT means: lost with its connection, nobody knows whether it happened.
    pub fn from_commit(error: DbErr) -> Self {
        match sort(&error) {
            Fault::Lost => Self::OutcomeUnknown(Arc::new(error.into())),
            _ => error.into(),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match sort(&error) {
            Fault::Lost | Fault::Busy => Self::Unavailable("the database", Arc::new(error.into())),
            Fault::TooSlow => Self::Timeout(Arc::new(error.into())),
            Fault::Ours => Self::internal(error),
        }
    }
}

/// Whose fault a driver error is.
enum Fault {
    /// The connection was lost: what it was doing may have happened.
    Lost,
    /// Nothing was done, for want of a connection or of a lock.
    Busy,
    TooSlow,
    Ours,
}

fn sort(error: &DbErr) -> Fault {
    let runtime = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Fault::Busy,
        DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
        _ => return Fault::Ours,
    };
    let RuntimeErr::SqlxError(sqlx) = runtime else { return Fault::Ours };
    match &**sqlx {
        sea_orm::sqlx::Error::Io(_) | sea_orm::sqlx::Error::WorkerCrashed => Fault::Lost,
        sea_orm::sqlx::Error::PoolTimedOut | sea_orm::sqlx::Error::PoolClosed => Fault::Busy,
        sea_orm::sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("57014") => Fault::TooSlow,
            // Class 08: connection exceptions. 57P01 to 57P03: the server is stopping, has crashed or is starting.
            Some("57P01" | "57P02" | "57P03") => Fault::Lost,
            // 53300: no connection slot left. 40001, 40P01: two writes crossed, and this one was given up. "5" and "261":
            // SQLite is busy with another process's write.
            Some("53300" | "40001" | "40P01" | "5" | "261") => Fault::Busy,
            Some(state) if state.starts_with("08") => Fault::Lost,
            _ => Fault::Ours,
        },
        _ => Fault::Ours,
    }
}
