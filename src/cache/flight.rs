//! Flights: one read of a missing node at a time in each instance, however many requests ask for it.
//!
//! A flight is a task of its own: the request that began it may go away, the others get their answer all the same. Who has missed the node
//! in the store before the flight stored it has a seat in it, even if it boards after the landing. A write ends the boarding.

use std::any::Any;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::key::{Key, NodeKey};
use crate::error::{Error, Result};

/// What a flight brings: a node, that there is none, or why it brings nothing.
pub type Landed = Result<Option<Arc<dyn Any + Send + Sync>>>;

/// How long those may still board who missed the node before it was stored: longer than Redis takes to say that it is missing.
const GATE_OPEN: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Flights {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    by_key: HashMap<Key, Flight>,
    /// Those whose gates are still open, in the order in which they were over.
    over: VecDeque<(Instant, Key)>,
}

struct Flight {
    began: Instant,
    landing: watch::Receiver<Option<Landed>>,
    /// When all that it brought was stored.
    over: Option<Instant>,
}

/// The end of a flight that nobody else has begun. Dropped without landing, it fails those who wait.
pub struct Departure {
    flights: Arc<Flights>,
    key: Key,
    landing: watch::Sender<Option<Landed>>,
}

/// A flight to wait for.
pub struct Seat {
    landing: watch::Receiver<Option<Landed>>,
    /// When it began: what it brings is not older.
    began: Instant,
}

impl Flights {
    /// A seat on the flight for a key, and the flight itself when this call began it. `missed_at`: when the store was asked in vain.
    pub fn board(self: &Arc<Self>, key: Key, missed_at: Instant) -> (Seat, Option<Departure>) {
        let mut known = self.lock();
        known.forget_old();
        if let Some(flight) = known.by_key.get(&key).filter(|flight| flight.over.is_none_or(|over| missed_at <= over)) {
            return (Seat { landing: flight.landing.clone(), began: flight.began }, None);
        }
        let (landing, landed) = watch::channel(None);
        let began = Instant::now();
        known.by_key.insert(key, Flight { began, landing: landed.clone(), over: None });
        (Seat { landing: landed, began }, Some(Departure { flights: self.clone(), key, landing }))
    }

    /// Lets nobody else board the flights for these nodes, and for lists: they may bring what was there before a write.
    pub fn shut(&self, nodes: impl Iterator<Item = NodeKey>, lists_as_well: bool) {
        let mut known = self.lock();
        nodes.for_each(|key| drop(known.by_key.remove(&Key::Node(key))));
        if lists_as_well {
            known.by_key.retain(|key, _| !matches!(key, Key::List(_)));
        }
    }

    /// The same for all flights.
    pub fn shut_all(&self) {
        self.lock().by_key.clear();
    }

    /// Forgets flights whose gates have closed.
    pub fn forget_old(&self) {
        self.lock().forget_old();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn forget_old(&mut self) {
        while let Some((over, key)) = self.over.front().filter(|(over, _)| over.elapsed() > GATE_OPEN) {
            // Another flight may have begun in between.
            if self.by_key.get(key).is_some_and(|flight| flight.over == Some(*over)) {
                self.by_key.remove(key);
            }
            self.over.pop_front();
        }
    }
}

impl Departure {
    /// Tells those who wait. Who boards before the flight is dropped gets the same.
    pub fn land(&self, landed: Landed) {
        self.landing.send_replace(Some(landed));
    }

    /// From now on the store has what was read: only those join who asked it before.
    pub fn close(self) {
        let mut known = self.flights.lock();
        let Known { by_key, over } = &mut *known;
        if let Some(flight) = by_key.get_mut(&self.key).filter(|flight| self.is_of(flight)) {
            let now = Instant::now();
            flight.over = Some(now);
            over.push_back((now, self.key));
        }
    }

    /// Whether this is the end of the flight, and not of one before it.
    fn is_of(&self, flight: &Flight) -> bool {
        self.landing.subscribe().same_channel(&flight.landing)
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        let mut known = self.flights.lock();
        if known.by_key.get(&self.key).is_some_and(|flight| flight.over.is_none() && self.is_of(flight)) {
            known.by_key.remove(&self.key);
        }
    }
}

impl Seat {
    pub fn began(&self) -> Instant {
        self.began
    }

    pub async fn landed(mut self) -> Landed {
        match self.landing.wait_for(Option::is_some).await {
            Ok(landed) => landed.clone().expect("it was waited for"),
            Err(_) => Err(Error::internal(anyhow::anyhow!("a read for the cache ended without an answer"))),
        }
    }
}
