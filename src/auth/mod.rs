//! Who is calling, and the keys that this server keeps to itself.

mod repo;
mod secret;
mod staff;

pub use repo::kept_secret;
pub use secret::{Seal, SecretKey};
pub use staff::{STAFF_HEADER, StaffKey, Viewer};
