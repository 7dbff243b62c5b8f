//! Who is calling, and the keys that this server keeps to itself.
//!
//! | file | holds |
//! | --- | --- |
//! | `staff`, `client` | the two keys that a request may bring, and whose they are |
//! | `address` | whom a request without a key is charged to |
//! | `key` | what a client's key looks like |
//! | `secret` | sealing |
//! | `repo` | all SQL of it |

mod address;
mod client;
mod key;
mod repo;
mod secret;
mod staff;

pub use address::{BUYER_HEADER, Garbage, buyer_address, client_address};
pub use client::{ApiClient, CLIENT_HEADER, Clients, Known, Lives, WrongClientKey, client_key};
pub use key::{KeyHash, new_key};
pub use repo::{KeptClient, add_client, clients, kept_secret, revoke_client};
pub use secret::{Seal, SecretKey};
pub use staff::{STAFF_HEADER, StaffKey, Viewer, WrongStaffKey};
