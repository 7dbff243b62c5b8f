//! Flights: one read of a missing node at a time in each instance, however many requests ask for it.
//!
//! A flight is a task of its own: the request that began it may go away, the others get their answer all the same. A write ends the boarding.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::key::{Key, NodeKey};
use crate::error::{Error, Result};

/// What a flight brings: a node, that there is none, or why it brings nothing.
pub type Landed = Result<Option<Arc<dyn Any + Send + Sync>>>;

#[derive(Default)]
pub struct Flights {
    under_way: Mutex<HashMap<Key, Flight>>,
    begun: AtomicU64,
}

struct Flight {
    /// Tells it from later flights with the same key.
    number: u64,
    landing: watch::Receiver<Option<Landed>>,
}

/// The end of a flight that nobody else has begun. Dropped without landing, it fails those who wait.
pub struct Departure {
    flights: Arc<Flights>,
    key: Key,
    number: u64,
    landing: watch::Sender<Option<Landed>>,
}

/// A flight to wait for.
pub struct Seat(watch::Receiver<Option<Landed>>);

impl Flights {
    /// A seat on the flight for a key, and the flight itself when this call began it.
    pub fn board(self: &Arc<Self>, key: Key) -> (Seat, Option<Departure>) {
        let mut under_way = self.lock();
        if let Some(flight) = under_way.get(&key) {
            return (Seat(flight.landing.clone()), None);
        }
        let (landing, seat) = watch::channel(None);
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        under_way.insert(key, Flight { number, landing: seat.clone() });
        (Seat(seat), Some(Departure { flights: self.clone(), key, number, landing }))
    }

    /// Lets nobody else board the flights for these nodes, and for lists: they may bring what was there before a write.
    pub fn close(&self, nodes: impl Iterator<Item = NodeKey>, lists_as_well: bool) {
        let mut under_way = self.lock();
        nodes.for_each(|key| drop(under_way.remove(&Key::Node(key))));
        if lists_as_well {
            under_way.retain(|key, _| !matches!(key, Key::List(_)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Flight>> {
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
        let mut under_way = self.flights.lock();
        if under_way.get(&self.key).is_some_and(|flight| flight.number == self.number) {
            under_way.remove(&self.key);
        }
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::key::NodeKey;
    use super::*;
    use crate::db::{NodeKind, Scope};

    fn key(id: u128) -> Key {
        Key::Node(NodeKey { scope: Scope::default(), kind: NodeKind::Product, id: Uuid::from_u128(id) })
    }

    fn number(landed: Landed) -> Option<u32> {
        landed.unwrap().map(|value| *value.downcast::<u32>().unwrap())
    }

    #[tokio::test]
    async fn who_boards_while_it_is_under_way_gets_what_it_brings() {
        let flights = Arc::new(Flights::default());
        let (first, departure) = flights.board(key(1));
        let departure = departure.unwrap();
        let (second, none) = flights.board(key(1));
        assert!(none.is_none() && flights.board(key(2)).1.is_some());

        departure.land(Ok(Some(Arc::new(7_u32))));
        let (late, none) = flights.board(key(1));
        assert!(none.is_none());
        drop(departure);

        for seat in [first, second, late] {
            assert_eq!(number(seat.landed().await), Some(7));
        }
        assert!(flights.board(key(1)).1.is_some());
    }

    #[tokio::test]
    async fn one_that_never_lands_fails_those_who_wait_and_no_others() {
        let flights = Arc::new(Flights::default());
        let (seat, departure) = flights.board(key(1));

        drop(departure);

        assert!(seat.landed().await.is_err());
        assert!(flights.board(key(1)).1.is_some());
    }
}
