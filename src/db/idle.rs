//! Connections at rest between two statements.
//!
//! The pool of sqlx asks the server about each connection that comes back: a round trip and two tasks after every statement. A connection
//! whose last answer was read to its end needs no such test. It rests here, and the next statement takes it at once. Whatever else comes
//! back, and what has rested or served for long, goes to the pool and is tested there. What rests counts as taken from the pool.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, PgPool, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::timeout;

use super::pool::TEST_AFTER_IDLE;

/// A connection goes back to the pool after so long, which closes it when it has lived for too long.
const LONGEST_SERVICE: Duration = Duration::from_secs(600);

/// The connections of one pool that rest, the one that came last first.
pub struct Idle {
    pool: PgPool,
    /// One for each connection that the pool may have.
    turns: Arc<Semaphore>,
    wait: Duration,
    resting: Mutex<Vec<Resting>>,
}

struct Resting {
    taken: Taken,
    since: Instant,
}

/// A connection that was taken from the pool.
pub struct Taken {
    pub connection: PoolConnection<Postgres>,
    /// The generation of its server in which that was.
    pub generation: u64,
    at: Instant,
}

/// The right to have one connection, and the way back for it.
pub struct Turn {
    idle: Arc<Idle>,
    _permit: OwnedSemaphorePermit,
}

impl Idle {
    pub fn new(pool: PgPool, connections: u32, wait: Duration) -> Arc<Self> {
        let turns = Arc::new(Semaphore::new(connections as usize));
        Arc::new(Self { pool, turns, wait, resting: Mutex::default() })
    }

    /// A connection to the present `generation` of the server.
    pub async fn take(self: &Arc<Self>, generation: u64) -> Result<(Taken, Turn), sqlx::Error> {
        let permit = match self.turns.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(TryAcquireError::Closed) => return Err(sqlx::Error::PoolClosed),
            Err(TryAcquireError::NoPermits) => timeout(self.wait, self.turns.clone().acquire_owned())
                .await
                .map_err(|_| sqlx::Error::PoolTimedOut)?
                .map_err(|_| sqlx::Error::PoolClosed)?,
        };
        let turn = Turn { idle: self.clone(), _permit: permit };
        if let Some(taken) = self.wake(generation) {
            return Ok((taken, turn));
        }
        let connection = self.pool.acquire().await?;
        Ok((Taken { connection, generation, at: Instant::now() }, turn))
    }

    /// The connection that came to rest last, if it is still to be trusted.
    fn wake(&self, generation: u64) -> Option<Taken> {
        loop {
            let Resting { mut taken, since } = self.resting().pop()?;
            if taken.generation != generation {
                // Its server was lost since: it may be dead, or lead to another one by now.
                taken.connection.close_on_drop();
            } else if since.elapsed() < TEST_AFTER_IDLE {
                return Some(taken);
            }
        }
    }

    /// Closes the pool; who waits for a turn is told so.
    pub async fn close(&self) {
        self.turns.close();
        self.resting().clear();
        self.pool.close().await;
    }

    fn resting(&self) -> MutexGuard<'_, Vec<Resting>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Lets a connection rest whose last answer was read to its end.
    pub fn end(self, taken: Taken) {
        if taken.at.elapsed() >= LONGEST_SERVICE {
            return;
        }
        let mut resting = self.idle.resting();
        // Asked under the lock: what comes to rest before the end is cleared by `close`, which waits for all others.
        if self.idle.turns.is_closed() {
            return;
        }
        let oldest = resting.first().is_some_and(|first| first.since.elapsed() >= TEST_AFTER_IDLE);
        let surplus = oldest.then(|| resting.remove(0));
        resting.push(Resting { taken, since: Instant::now() });
        drop(resting);
        drop(surplus);
    }
}
