//! Free ports on 127.0.0.1, from below the range that the system gives to outgoing connections: a node that is stopped for
//! a while then finds its port free when it starts again.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use crate::Result;

const FIRST: u16 = 15_000;
const COUNT: u16 = 17_000;
const ATTEMPTS: u32 = 1_000;

/// Ports that this process has handed out; none is handed out twice.
static TAKEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

pub(crate) fn free() -> Result<u16> {
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = taken.get_or_insert_default();
    for attempt in 0..ATTEMPTS {
        // A new `RandomState` has new keys, so other processes begin elsewhere.
        let random = RandomState::new().hash_one(attempt);
        let port = FIRST + (random % u64::from(COUNT)) as u16;
        if !taken.contains(&port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            taken.insert(port);
            return Ok(port);
        }
    }
    anyhow::bail!("no free port found on 127.0.0.1 between {FIRST} and {}", FIRST + COUNT)
}
