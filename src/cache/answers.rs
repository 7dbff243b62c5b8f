//! Whole answers in the in-process tier: what shoppers asked a moment ago, as bytes.
//!
//! An answer lives as long as the oldest thing in it would have lived in the tier, so it is never older than that; and a write that this
//! instance makes ends all of them. Who brings a token, is staff or asks for an explanation passes them by.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use moka::sync::Cache as Kept;

use super::count::Found;
use super::{Cache, Store};
use crate::db::{Routing, Scope};

/// The longest answer that is kept, and the longest variables that one is kept for, in bytes.
const LONGEST: usize = 64 * 1024;
const LONGEST_VARIABLES: usize = 1024;

/// Answers by what was asked.
pub struct Answers {
    kept: Kept<Question, Answer>,
    life: Duration,
    /// How often this instance has written.
    written: AtomicU64,
}

/// What was asked, in one history of one database.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    scope: Scope,
    plan: [u8; 32],
    variables: Box<[u8]>,
}

#[derive(Clone)]
struct Answer {
    body: Bytes,
    until: Instant,
    /// How often this instance had written when it was asked.
    written: u64,
}

/// A question that may be answered from here.
pub struct Asked<'a> {
    answers: &'a Answers,
    question: Question,
    written: u64,
    at: Instant,
}

impl Answers {
    pub fn new(most_bytes: u64, life: Duration) -> Self {
        let weigh = |question: &Question, answer: &Answer| {
            u32::try_from(question.variables.len() + answer.body.len() + 200).unwrap_or(u32::MAX)
        };
        let kept = Kept::builder().max_capacity(most_bytes).weigher(weigh).time_to_live(life).build();
        Self { kept, life, written: AtomicU64::new(0) }
    }

    /// Ends all answers: this instance has just written.
    pub fn end(&self) {
        self.written.fetch_add(1, Ordering::AcqRel);
    }
}

impl Cache {
    /// A shopper's question, by its plan's key and its variables; `None` when its answer is not kept.
    pub fn asked(&self, routing: &Routing, plan: [u8; 32], variables: Vec<u8>) -> Option<Asked<'_>> {
        let answers = self.answers.as_ref().filter(|_| self.is_trusted() && variables.len() <= LONGEST_VARIABLES)?;
        let question = Question { scope: routing.db().scope()?, plan, variables: variables.into() };
        Some(Asked { answers, question, written: answers.written.load(Ordering::Acquire), at: Instant::now() })
    }

    /// The answer to a question, where it was given a moment ago.
    pub fn answer(&self, asked: &Asked<'_>) -> Option<Bytes> {
        let answer = asked.answers.kept.get(&asked.question);
        let answer = answer.filter(|answer| answer.written == asked.written && answer.until > asked.at);
        let found = if answer.is_some() { Found::Local } else { Found::Missing };
        self.counts.answer(found);
        answer.map(|answer| answer.body)
    }

    pub(super) fn has_tier(store: &Store) -> bool {
        matches!(store, Store::Memory(_) | Store::Redis { local: Some(_), .. })
    }
}

impl Asked<'_> {
    /// Keeps the answer, for as long as what it was made of.
    pub fn keep(self, routing: &Routing, body: Bytes) {
        let until = routing.oldest().map_or(self.at, |oldest| oldest.min(self.at)) + self.answers.life;
        if body.len() <= LONGEST && until > Instant::now() {
            self.answers.kept.insert(self.question, Answer { body, until, written: self.written });
        }
    }
}
