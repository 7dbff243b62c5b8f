//! How many requests are worked on at once. Above that a request is shed: told at once to come back, which costs next to nothing, while one
//! more in the queue would make all of them late.
//!
//! A request enters when its body has come, so that slow senders hold no place. Probes never ask.

use std::sync::{Arc, LazyLock};

use metrics::{Counter, Gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

static IN_FLIGHT: LazyLock<Gauge> = LazyLock::new(|| metrics::gauge!("storefront_http_in_flight"));
static SHED: LazyLock<Counter> = LazyLock::new(|| metrics::counter!("storefront_http_shed_total"));

pub struct Admission(Arc<Semaphore>);

/// A request's place among those that are worked on, free again when it is dropped.
pub struct Permit {
    _place: OwnedSemaphorePermit,
}

impl Admission {
    pub fn new(most: u32) -> Self {
        Self(Arc::new(Semaphore::new(most as usize)))
    }

    /// A place, or `None` when all are taken.
    pub fn try_enter(&self) -> Option<Permit> {
        let Ok(place) = self.0.clone().try_acquire_owned() else {
            SHED.increment(1);
            return None;
        };
        IN_FLIGHT.increment(1);
        Some(Permit { _place: place })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        IN_FLIGHT.decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_request_has_ended() {
        let admission = Admission::new(2);

        let (one, other) = (admission.try_enter(), admission.try_enter());
        assert!(one.is_some() && other.is_some());
        assert!(admission.try_enter().is_none());

        drop(one);
        let next = admission.try_enter();
        assert!(next.is_some());
        assert!(admission.try_enter().is_none());
    }

    #[test]
    fn never_more_are_inside_than_there_are_places() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        let (admission, inside, worst) = (Admission::new(3), AtomicUsize::new(0), AtomicUsize::new(0));

        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        let Some(permit) = admission.try_enter() else { continue };
                        worst.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                        inside.fetch_sub(1, SeqCst);
                        drop(permit);
                    }
                });
            }
        });

        assert!((1..=3).contains(&worst.load(SeqCst)), "{worst:?}");
        let all: Vec<_> = (0..3).map_while(|_| admission.try_enter()).collect();
        assert_eq!(all.len(), 3);
    }
}
