//! Flights: one read of a missing node at a time in each instance, however many requests ask for it.
//!
//! A flight is a task of its own: the request that began it may go away, the others get their answer all the same.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::key::Key;
use crate::error::{Error, Result};

/// What a flight brings: a node, that there is none, or why it brings nothing.
pub type Landed = Result<Option<Arc<dyn Any + Send + Sync>>>;

#[derive(Default)]
pub struct Flights {
    under_way: Mutex<HashMap<Key, watch::Receiver<Option<Landed>>>>,
}

/// The end of a flight that nobody else has begun. Dropped without landing, it fails those who wait.
pub struct Departure {
    flights: Arc<Flights>,
    key: Key,
    landing: watch::Sender<Option<Landed>>,
}

/// A flight to wait for.
pub struct Seat(watch::Receiver<Option<Landed>>);

impl Flights {
    /// A seat on the flight for a key, and the flight itself when this call began it.
    pub fn board(self: &Arc<Self>, key: Key) -> (Seat, Option<Departure>) {
        let mut under_way = self.lock();
        if let Some(flight) = under_way.get(&key) {
            return (Seat(flight.clone()), None);
        }
        let (landing, flight) = watch::channel(None);
        under_way.insert(key, flight.clone());
        (Seat(flight), Some(Departure { flights: self.clone(), key, landing }))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<Option<Landed>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Departure {
    /// Tells those who wait. Who boards before the flight is dropped gets the same.
    pub fn land(&self, landed: Landed) {
        self.landing.send_replace(Some(landed));
    }
}

impl Drop for Departure {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.key);
    }
}

impl Seat {
    pub async fn landed(mut self) -> Landed {
        match self.0.wait_for(Option::is_some).await {
            Ok(landed) => landed.clone().expect("it was waited for"),
            Err(_) => Err(Error::internal(anyhow::anyhow!("a read for the cache ended without an answer"))),
        }
    }
}
