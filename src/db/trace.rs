//! What one request ran, where and for how long.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cluster::Role;

/// One statement that a request ran.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The batch or field that ran it.
    pub label: &'static str,
    /// Its text, without the values; kept only when it was asked for.
    pub sql: Option<String>,
    /// The server that it went to.
    pub host: String,
    pub role: Role,
    /// The age of the oldest write that the server may have lacked.
    pub staleness: Duration,
    /// The wait for a connection.
    pub waited: Duration,
    /// From the connection to the last row.
    pub took: Duration,
}

/// What a request loaded by key.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub loader: &'static str,
    /// The keys that were asked for at one moment, each once, over all such moments.
    pub keys: usize,
    /// Those that were read from the database; the others were held from before.
    pub read: usize,
}

/// What a request ran, in the order in which it ended.
#[derive(Default)]
pub struct Trace {
    /// Nothing is kept for a request that does not ask for it.
    is_kept: bool,
    record: Mutex<Record>,
}

#[derive(Clone, Default)]
pub struct Record {
    pub statements: Vec<Statement>,
    pub loads: Vec<Load>,
    pub cached: Vec<CacheReads>,
    /// Round trips to Redis.
    pub cache_calls: usize,
}

/// Nodes of one kind, or lists of one name, that were looked for in the cache.
#[derive(Clone, Copy, Debug)]
pub struct CacheReads {
    pub name: &'static str,
    /// From the in-process tier.
    pub local: usize,
    /// From Redis, or from the cache of the embedded database.
    pub stored: usize,
    /// Not there, or too old for the request's token: read from the database.
    pub missed: usize,
}

impl Trace {
    pub fn kept() -> Self {
        Self { is_kept: true, ..Self::default() }
    }

    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    pub(super) fn ran(&self, statement: impl FnOnce() -> Statement) {
        if self.is_kept {
            self.lock().statements.push(statement());
        }
    }

    /// Fields asked a loader for so many keys, or it read so many.
    pub fn loaded(&self, loader: &'static str, keys: usize, read: usize) {
        if !self.is_kept {
            return;
        }
        let loads = &mut self.lock().loads;
        match loads.iter_mut().find(|load| load.loader == loader) {
            Some(load) => {
                load.keys += keys;
                load.read += read;
            }
            None => loads.push(Load { loader, keys, read }),
        }
    }

    /// So many nodes or lists were looked for in the cache.
    pub fn cached(&self, name: &'static str, local: usize, stored: usize, missed: usize) {
        if !self.is_kept || local + stored + missed == 0 {
            return;
        }
        let reads = &mut self.lock().cached;
        match reads.iter_mut().find(|reads| reads.name == name) {
            Some(reads) => {
                reads.local += local;
                reads.stored += stored;
                reads.missed += missed;
            }
            None => reads.push(CacheReads { name, local, stored, missed }),
        }
    }

    /// Redis was asked so many times.
    pub fn called_cache(&self, calls: usize) {
        if self.is_kept {
            self.lock().cache_calls += calls;
        }
    }

    pub fn record(&self) -> Record {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
