//! Sessions: who a user is from one request to the next, by an opaque token of which the database keeps the SHA-256.
//!
//! | file | holds |
//! | --- | --- |
//! | `known` | the look-up of a session, and its end |
//! | `shared` | what instances tell each other of sessions, in Redis |
//! | `word` | what was said of a session, and for how long that counts |
//! | `token` | what a token looks like |
//! | `sent` | what a request brings: `Authorization: Bearer`, or a cookie |
//! | `visit` | what the answer does with the cookie |
//! | `repo` | all SQL of it |

mod known;
mod repo;
mod sent;
mod shared;
mod token;
mod visit;
mod word;

use uuid::Uuid;

pub use known::{LIFE, Sessions};
pub use repo::{NewSession, add, end, end_all, end_others};
pub use sent::{Carrier, Sent, SeveralSessions};
pub use visit::{Visit, forgetting};
pub use word::Terms;

/// A session in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Uuid,
    pub user: Uuid,
    pub is_staff: bool,
}
