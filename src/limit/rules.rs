//! What is allowed in a period, and what a request spends of it.

use std::time::Duration;

use super::key::{Key, Policy, Spending, Subject};
use super::receipt::Who;
use super::window::Rule;
use crate::config::WindowConfig;

/// What is allowed in a period.
pub struct Rules {
    client_points: u64,
    address: Rule,
    mutations: Rule,
}

impl Rules {
    pub fn new(config: &WindowConfig) -> Self {
        let period = Duration::from_secs(config.window_secs);
        Self {
            client_points: config.client_points,
            address: Rule::new(config.address_points, period),
            mutations: Rule::new(config.window_mutations, period),
        }
    }

    /// What a request spends, and from which windows; they have one owner.
    pub fn spendings(&self, who: &Who, points: u64, mutations: u32) -> Vec<Spending> {
        let mut spendings = Vec::with_capacity(Policy::ALL.len());
        let mut spend = |subject, policy, rule, amount| {
            spendings.push(Spending { key: Key { subject, policy }, rule, amount });
        };
        let subject = match *who {
            Who::Client { id, points: given, buyer } => {
                let rule = Rule::new(given.unwrap_or(self.client_points), self.address.period());
                spend(Subject::Client(id), Policy::Points, rule, points);
                if let Some(address) = buyer {
                    let subject = Subject::Buyer { client: id, network: address.into() };
                    spend(subject, Policy::Buyer, self.address, points);
                }
                Subject::Client(id)
            }
            Who::Address(address) => {
                spend(Subject::Address(address.into()), Policy::Points, self.address, points);
                Subject::Address(address.into())
            }
        };
        if mutations > 0 {
            spend(subject, Policy::Mutations, self.mutations, mutations.into());
        }
        spendings
    }
}
