//! One database server: its pools, and the proof that what is known of it still holds.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

use super::cluster::Role;
use super::pool::Pool;
use super::position::{Incarnation, micros};

/// A server, by the address that the settings give for it.
pub struct Host {
    /// Host and port, or the embedded file.
    pub name: String,
    /// Opened read-only in the database itself, so that a stray write fails.
    pub reads: Pool,
    /// Used only while this is the primary.
    pub writes: Pool,
    pub life: Arc<Life>,
    /// Seconds that statements waited for a connection.
    pub waited: metrics::Histogram,
    reads_as_primary: metrics::Counter,
    reads_as_replica: metrics::Counter,
}

impl Host {
    pub fn new(name: String, reads: Pool, writes: Pool, life: Arc<Life>) -> Self {
        let reads_as =
            |role: Role| metrics::counter!("storefront_reads_total", "host" => name.clone(), "role" => role.word());
        Self {
            waited: metrics::histogram!("storefront_connection_wait_seconds", "host" => name.clone()),
            reads_as_primary: reads_as(Role::Primary),
            reads_as_replica: reads_as(Role::Replica),
            name,
            reads,
            writes,
            life,
        }
    }

    pub fn count_read(&self, role: Role) {
        match role {
            Role::Primary => self.reads_as_primary.increment(1),
            Role::Replica => self.reads_as_replica.increment(1),
        }
    }
}

/// What was learnt of a server counts for one generation. It ends when a connection is lost or another incarnation answers: from then on
/// nothing learnt before is believed, and a check has to prove it anew.
pub struct Life {
    generation: watch::Sender<u64>,
    /// How often the server was found to be gone: no check reached it, or another incarnation answered.
    absences: watch::Sender<u64>,
    incarnation: Mutex<Option<Incarnation>>,
    /// When the last generation ended, in microseconds of [`BEGINNING`]; 0 while the first one lasts.
    ended_us: AtomicU64,
    check: Notify,
}

/// Moments are kept as their distance from this one.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Default for Life {
    fn default() -> Self {
        LazyLock::force(&BEGINNING);
        let (generation, _) = watch::channel(1);
        Self {
            generation,
            absences: watch::Sender::default(),
            incarnation: Mutex::default(),
            ended_us: AtomicU64::new(0),
            check: Notify::new(),
        }
    }
}

impl Life {
    pub fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// Ends a generation; whether it was still the present one. Many failures of one moment end one generation.
    pub fn end(&self, generation: u64) -> bool {
        self.generation.send_if_modified(|present| {
            let is_present = *present == generation;
            if is_present {
                let now = micros(BEGINNING.elapsed()).cast_unsigned();
                self.ended_us.store(now.max(1), Ordering::Release);
                *present += 1;
            }
            is_present
        })
    }

    /// The server is gone, not only one of its connections: nobody need wait for it any longer.
    pub fn is_gone(&self) {
        self.absences.send_modify(|absences| *absences += 1);
    }

    /// How often it was found to be gone so far, for [`gone_since`](Self::gone_since).
    pub fn absences(&self) -> u64 {
        *self.absences.borrow()
    }

    /// Ready when the server is found to be gone once more.
    pub async fn gone_since(&self, absences: u64) {
        // The sender is this very object, so the wait cannot fail.
        let _ = self.absences.subscribe().wait_for(|present| *present != absences).await;
    }

    /// Takes note of the incarnation that a connection belongs to, before anything is read on it. Another one than before ends the
    /// generation: a standby that crashed may have come back behind the position that was learnt.
    pub fn meet(&self, incarnation: Incarnation) {
        let known = self.known().replace(incarnation);
        if known.is_some_and(|known| known != incarnation) {
            self.end(self.generation());
            self.is_gone();
            self.ask();
        }
    }

    /// The incarnation that was met last.
    pub fn incarnation(&self) -> Option<Incarnation> {
        *self.known()
    }

    /// Whether a connection to this incarnation leads to the server that was met last.
    pub fn is_of(&self, incarnation: Incarnation) -> bool {
        self.incarnation() == Some(incarnation)
    }

    fn known(&self) -> MutexGuard<'_, Option<Incarnation>> {
        self.incarnation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a connection that has been idle for so long was already there when the last generation ended: it may be dead, or lead to
    /// another server by now. On its way back to its pool it was for up to `way_back`.
    pub fn may_have_ended(&self, idle_for: Duration, way_back: Duration) -> bool {
        match self.ended_us.load(Ordering::Acquire) {
            0 => false,
            ended => idle_for + way_back >= BEGINNING.elapsed().saturating_sub(Duration::from_micros(ended)),
        }
    }

    /// Asks for a check now instead of at the next interval.
    pub fn ask(&self) {
        self.check.notify_one();
    }

    pub async fn asked(&self) {
        self.check.notified().await;
    }
}
