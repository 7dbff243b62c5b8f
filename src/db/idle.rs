//! Connections at rest between two statements.
//!
//! The pool of sqlx asks the server about each connection that comes back: a round trip and two tasks after every statement. A connection
//! whose last answer was read to its end needs no such test. It rests here, and the next statement takes it at once. Whatever else comes
//! back, and what has served for long, goes to the pool and is tested there. What rests counts as taken from the pool.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, Connection as _, PgConnection, PgPool, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::host::Life;
use super::pool::TEST_AFTER_IDLE;

/// A connection goes back to the pool after so long, which closes it when it has lived for too long.
const LONGEST_SERVICE: Duration = Duration::from_secs(600);
/// How long a connection may take on its way back to its pool, or for a test; then it is closed instead.
pub const RETURN_WITHIN: Duration = Duration::from_secs(1);

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

/// A connection that was taken from the pool. Dropped, it goes back there.
pub struct Taken {
    /// There until it is dropped.
    connection: Option<PoolConnection<Postgres>>,
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

    /// A connection to the present generation of the server.
    pub async fn take(self: &Arc<Self>, life: &Life) -> Result<(Taken, Turn), sqlx::Error> {
        if let Ok(permit) = self.turns.clone().try_acquire_owned()
            && let Some(taken) = self.wake_fresh(life.generation())
        {
            return Ok((taken, Turn { idle: self.clone(), _permit: permit }));
        }
        timeout(self.wait, self.take_patiently(life)).await.map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    async fn take_patiently(self: &Arc<Self>, life: &Life) -> Result<(Taken, Turn), sqlx::Error> {
        let permit = self.turns.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let turn = Turn { idle: self.clone(), _permit: permit };
        while let Some(Resting { mut taken, since }) = self.wake(life.generation()) {
            if since.elapsed() < TEST_AFTER_IDLE || matches!(timeout(RETURN_WITHIN, taken.ping()).await, Ok(Ok(()))) {
                return Ok((taken, turn));
            }
            // What has rested for as long is not better.
            taken.close();
            self.close_stale();
        }
        let generation = life.generation();
        let connection = self.pool.acquire().await?;
        Ok((Taken { connection: Some(connection), generation, at: Instant::now() }, turn))
    }

    /// The connection that came to rest last, where it needs no test.
    fn wake_fresh(&self, generation: u64) -> Option<Taken> {
        let last = |last: &mut Resting| last.taken.generation == generation && last.since.elapsed() < TEST_AFTER_IDLE;
        self.resting().pop_if(last).map(|resting| resting.taken)
    }

    /// The connection of this generation that came to rest last. Those of others are closed: their server was lost since, they may be
    /// dead or lead to another one by now.
    fn wake(&self, generation: u64) -> Option<Resting> {
        loop {
            let mut last = self.resting().pop()?;
            if last.taken.generation == generation {
                return Some(last);
            }
            last.taken.close();
        }
    }

    fn close_stale(&self) {
        let stale: Vec<Resting> =
            self.resting().extract_if(.., |resting| resting.since.elapsed() >= TEST_AFTER_IDLE).collect();
        stale.into_iter().for_each(|mut resting| resting.taken.close());
    }

    /// Closes the pool; who waits for a turn is told so.
    pub async fn close(&self) {
        self.turns.close();
        // From this call on the pool closes what comes back.
        let closed = self.pool.close();
        self.resting().clear();
        closed.await;
    }

    fn resting(&self) -> MutexGuard<'_, Vec<Resting>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Closes the connection when it is dropped.
    pub fn close(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}

impl Deref for Taken {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        self.connection.as_ref().expect("it is there until it is dropped")
    }
}

impl DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is there until it is dropped")
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // The pool tests what comes back, and would wait for a silent server for ever.
            tokio::spawn(timeout(RETURN_WITHIN, connection.return_to_pool()));
        }
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
        // One that nobody needs any more goes back, so that the pool can close it.
        let is_surplus = |first: &Resting| first.since.elapsed() >= TEST_AFTER_IDLE;
        let surplus = resting.first().is_some_and(is_surplus).then(|| resting.remove(0));
        resting.push(Resting { taken, since: Instant::now() });
        drop(resting);
        drop(surplus);
    }
}
