//! One request's choice of host, and the record of what it ran there.
//!
//! [`Routing::reader`] is asked when a batch runs, never when a loader is built, so what the request has done up to that
//! moment decides. [`Routing::begin_write`] is a request's only source of a write transaction.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::connection::{Connection, WriteTransaction};
use super::pool::Db;
use crate::error::Result;

/// The way of one request to the database.
pub struct Routing {
    db: Arc<Db>,
    pinned: AtomicBool,
    trace: Arc<Trace>,
}

impl Routing {
    pub fn new(db: Arc<Db>) -> Self {
        Self { db, pinned: AtomicBool::new(false), trace: Arc::default() }
    }

    pub fn backend(&self) -> DbBackend {
        self.db.backend()
    }

    /// From here on every read of this request goes to the primary. A mutation is pinned before its first field runs.
    pub fn pin(&self) {
        self.pinned.store(true, Ordering::Release);
    }

    pub fn is_pinned(&self) -> bool {
        self.pinned.load(Ordering::Acquire)
    }

    /// A connection to read from. The label names the batch or field in explain and in the metrics.
    pub fn reader(&self, label: &'static str) -> Connection {
        Connection { pool: self.db.reader.clone(), label, trace: self.trace.clone() }
    }

    /// A transaction on the primary; the request is pinned to it from now on.
    pub async fn begin_write(&self, label: &'static str) -> Result<WriteTransaction> {
        self.pin();
        // SQLite: take the write lock at once. A transaction that reads first and writes later fails, without waiting,
        // when another process has written in between.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = self.db.writer.begin_with_options(options).await?;
        Ok(WriteTransaction { transaction, label, trace: self.trace.clone() })
    }

    pub fn trace(&self) -> &Trace {
        &self.trace
    }
}

/// One statement that a request ran.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// The batch or field that ran it.
    pub label: &'static str,
    /// From asking for a connection to the last row.
    pub took: Duration,
}

/// What a request ran, in the order in which it ended.
#[derive(Default)]
pub struct Trace {
    statements: Mutex<Vec<Statement>>,
}

impl Trace {
    pub(super) fn ran(&self, label: &'static str, took: Duration) {
        metrics::counter!("storefront_sql_statements_total", "label" => label).increment(1);
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).push(Statement { label, took });
    }

    pub fn statements(&self) -> Vec<Statement> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
