//! Whole answers to shoppers, as bytes: no field is resolved again while what it showed is the same.
//!
//! In the process an answer lives as long as the oldest thing in it would have lived in the in-process tier, so it is never older than that;
//! and a write that this instance makes ends all of them. In Redis lie those that are made of cached nodes alone, together with the
//! versions of these: such an answer is given only while all of them are there as they were. Who brings a token, is staff or asks for
//! an explanation passes them by.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use moka::sync::Cache as Kept;

use super::count::Found;
use super::lists::digest;
use super::{Cache, Store};
use crate::db::{Routing, Scope};

/// The longest answer that is kept, and the longest variables that one is kept for, in bytes.
const LONGEST: usize = 64 * 1024;
const LONGEST_VARIABLES: usize = 1024;
/// The most nodes that an answer in Redis is made of.
const MOST_NODES: usize = 20;
/// How many operations are known whose answers lie in Redis, and for how long.
const MOST_OPERATIONS: u64 = 1000;
const KNOWN_FOR: Duration = Duration::from_secs(60);
/// Raised with every change of what a field answers for the same nodes.
const SCHEMA: u8 = 1;

/// Answers by what was asked.
pub struct Answers {
    /// `None` where there is no in-process tier.
    kept: Option<Kept<Question, Answer>>,
    life: Duration,
    /// How often this instance has written.
    written: AtomicU64,
    /// Operations whose answers were made of cached nodes alone: worth a question to Redis.
    of_nodes: Kept<[u8; 32], ()>,
}

/// What was asked, in one history of one database.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    scope: Scope,
    plan: [u8; 32],
    variables: Box<[u8]>,
}

impl Question {
    fn digest(&self) -> u128 {
        digest(&[&[SCHEMA], env!("CARGO_PKG_VERSION").as_bytes(), &self.plan, &self.variables])
    }
}

#[derive(Clone)]
struct Answer {
    body: Bytes,
    until: Instant,
    /// How often this instance had written when it was asked.
    written: u64,
}

/// A question whose answer may be kept.
pub struct Asked {
    question: Question,
    written: u64,
    at: Instant,
}

impl Answers {
    /// `life` zero, or no bytes: nothing is kept in the process.
    pub fn new(most_bytes: u64, life: Duration) -> Self {
        let weigh = |question: &Question, answer: &Answer| {
            u32::try_from(question.variables.len() + answer.body.len() + 200).unwrap_or(u32::MAX)
        };
        let kept = (most_bytes > 0 && !life.is_zero())
            .then(|| Kept::builder().max_capacity(most_bytes).weigher(weigh).time_to_live(life).build());
        let of_nodes = Kept::builder().max_capacity(MOST_OPERATIONS).time_to_live(KNOWN_FOR).build();
        Self { kept, life, written: AtomicU64::new(0), of_nodes }
    }

    /// Ends all answers in the process: this instance has just written.
    pub fn end(&self) {
        self.written.fetch_add(1, Ordering::AcqRel);
    }

    fn find(&self, asked: &Asked) -> Option<Bytes> {
        let answer = self.kept.as_ref()?.get(&asked.question)?;
        (answer.written == asked.written && answer.until > asked.at).then_some(answer.body)
    }

    /// Keeps an answer whose oldest part was right at `right_at`.
    fn keep(&self, asked: &Asked, right_at: Instant, body: &Bytes) {
        let until = right_at + self.life;
        if let Some(kept) = self.kept.as_ref().filter(|_| until > Instant::now()) {
            let answer = Answer { body: body.clone(), until, written: asked.written };
            kept.insert(asked.question.clone(), answer);
        }
    }
}

impl Cache {
    /// A shopper's question, by its plan's key and its variables; `None` when its answer is not kept.
    pub fn asked(&self, routing: &Routing, plan: [u8; 32], variables: Vec<u8>) -> Option<Asked> {
        if !self.is_on() || !self.is_trusted() || variables.len() > LONGEST_VARIABLES {
            return None;
        }
        let question = Question { scope: routing.db().scope()?, plan, variables: variables.into() };
        Some(Asked { question, written: self.answers.written.load(Ordering::Acquire), at: Instant::now() })
    }

    /// The answer to a question, where one is kept.
    pub async fn answer(&self, asked: &Asked) -> Option<Bytes> {
        if let Some(body) = self.answers.find(asked) {
            self.counts.answer(Found::Local);
            return Some(body);
        }
        let body = self.stored_answer(asked).await;
        self.counts.answer(if body.is_some() { Found::Stored } else { Found::Missing });
        body
    }

    async fn stored_answer(&self, asked: &Asked) -> Option<Bytes> {
        let Store::Redis { remote, .. } = &self.store else { return None };
        if !remote.keeps_answers() || !self.answers.of_nodes.contains_key(&asked.question.plan) {
            return None;
        }
        let body = remote.answer(asked.question.scope, asked.question.digest()).await.filter(|_| self.is_trusted())?;
        let body = Bytes::from(body);
        self.answers.keep(asked, asked.at, &body);
        Some(body)
    }

    /// Keeps the answer to a question, for as long as what it was made of is the same.
    pub fn keep_answer(self: &Arc<Self>, asked: Asked, routing: &Routing, body: Bytes) {
        if body.len() > LONGEST {
            return;
        }
        let oldest = routing.oldest().map_or(asked.at, |oldest| oldest.min(asked.at));
        self.answers.keep(&asked, oldest, &body);
        let nodes = routing.taken().filter(|nodes| nodes.len() <= MOST_NODES);
        let keeps = matches!(&self.store, Store::Redis { remote, .. } if remote.keeps_answers());
        let Some(nodes) = nodes.filter(|_| keeps) else { return };
        self.answers.of_nodes.insert(asked.question.plan, ());
        let cache = self.clone();
        tokio::spawn(async move {
            if let Store::Redis { remote, .. } = &cache.store {
                let Question { scope, .. } = asked.question;
                remote.put_answer(scope, asked.question.digest(), &nodes, &body, cache.lives.list).await;
            }
        });
    }
}
