//! What is counted: a case makes what it needs once, and is then called again and again.

use std::path::Path;

use crate::{codecs, loaders, operations, requests};

pub struct Case {
    pub name: &'static str,
    pub what: &'static str,
    /// Makes everything that is not counted, given the shop's file.
    pub make: fn(&Path) -> anyhow::Result<Call>,
}

/// One call of a case. What is to be counted goes through the meter, once.
pub type Call = Box<dyn FnMut(Meter)>;

/// Counts, or does not.
#[derive(Clone, Copy)]
pub struct Meter(pub fn(&mut dyn FnMut()));

impl Meter {
    /// Does the work that is counted. Its outcome is handed out, so that dropping it is not.
    pub fn count<T>(self, work: impl FnOnce() -> T) -> T {
        let (mut work, mut outcome) = (Some(work), None);
        (self.0)(&mut || outcome = work.take().map(|work| work()));
        outcome.expect("a meter does the work")
    }
}

/// All cases, from the first step of a request to the last.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [operations::CASES, codecs::CASES, loaders::CASES, requests::CASES].into_iter().flatten()
}

impl Case {
    /// Whether the name begins with one of these; it does when there are none.
    pub fn is_among(&self, begins: &[String]) -> bool {
        begins.is_empty() || begins.iter().any(|begin| self.name.starts_with(begin))
    }
}
