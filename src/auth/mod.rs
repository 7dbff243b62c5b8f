//! Who is calling, and the keys that this server keeps to itself.
//!
//! | file | holds |
//! | --- | --- |
//! | `viewer` | who a request is from |
//! | `guard` | who may see and change what: the one place that says so |
//! | `staff`, `client` | the two keys that a request may bring, and whose they are |
//! | `session` | the sessions of users, and how a request brings one |
//! | `password`, `attempts` | what a user proves themselves by, and how often they may try |
//! | `address` | whom a request without a key is charged to |
//! | `key` | what a client's key, a session's token and a token that is sent look like |
//! | `secret` | sealing |
//! | `repo` | all SQL of clients |

mod address;
mod attempts;
mod client;
pub mod guard;
mod key;
mod password;
mod repo;
mod secret;
pub mod session;
mod staff;
mod viewer;

pub use address::{BUYER_HEADER, Garbage, buyer_address, client_address};
pub use attempts::{Attempt, Attempts};
pub use client::{ApiClient, CLIENT_HEADER, Clients, Known, Lives, WrongClientKey, client_key};
pub use guard::Guarded;
pub use key::{KeyHash, new_key, new_user_token};
pub use password::{Passwords, new_password};
pub use repo::{KeptClient, add_client, clients, kept_secret, revoke_client};
pub use secret::{Seal, SecretKey};
pub use session::{Session, Sessions, Terms, Visit};
pub use staff::{STAFF_HEADER, StaffKey, WrongStaffKey};
pub use viewer::Viewer;
