//! Points on their way back to Redis: they go along with the next charge of the same owner, or by themselves a moment later.
//!
//! What Redis does not hear of is not sent again, since it may have heard: then a client has paid too much, never too little.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::key::Subject;
use super::remote::Refund;

/// So many owners may wait for points; those of others are lost.
const MOST_OWNERS: usize = 100_000;
/// The most that go along with a charge.
const MOST_ALONG: usize = 20;

#[derive(Default)]
pub struct Refunds {
    owners: Mutex<HashMap<Subject, Vec<Refund>>>,
}

impl Refunds {
    pub fn add(&self, refund: Refund) {
        let mut owners = self.owners();
        let owner = refund.key.owner();
        if owners.len() >= MOST_OWNERS && !owners.contains_key(&owner) {
            return;
        }
        let waiting = owners.entry(owner).or_default();
        match waiting.iter_mut().find(|one| (one.key, one.bucket) == (refund.key, refund.bucket)) {
            Some(one) => one.amount += refund.amount,
            None => waiting.push(refund),
        }
    }

    /// What goes along with a charge of an owner.
    pub fn take(&self, owner: Subject) -> Vec<Refund> {
        let mut owners = self.owners();
        let Some(waiting) = owners.get_mut(&owner) else { return Vec::new() };
        if waiting.len() > MOST_ALONG {
            return waiting.split_off(waiting.len() - MOST_ALONG);
        }
        owners.remove(&owner).unwrap_or_default()
    }

    /// All of them, by owner, in parts that one script takes.
    pub fn take_all(&self) -> Vec<Vec<Refund>> {
        let owners = std::mem::take(&mut *self.owners());
        owners
            .into_values()
            .flat_map(|refunds| refunds.chunks(MOST_ALONG).map(<[_]>::to_vec).collect::<Vec<_>>())
            .collect()
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<Subject, Vec<Refund>>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
