//! Whole answers to shoppers, the bytes of their `data`: no field is resolved again while what it showed is the same.
//!
//! In the process an answer lives as long as the oldest thing in it would have lived in the in-process tier, so it is never older than that;
//! and a write that this instance makes ends all of them. In Redis lie those that are made of cached nodes alone, together with the
//! versions of these: such an answer is given only while all of them are there as they were. Who brings a token, is staff or asks for
//! an explanation passes them by.
//!
//! A question is worth keeping an answer for when it comes again; what is asked once in a while costs neither room here nor a word to Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use moka::sync::Cache as Kept;

use super::count::{Counts, Found};
use super::lists::digest;
use super::recent::Recent;
use super::search::Ahead;
use super::seen::Seen;
use super::{Cache, Store};
use crate::db::{Db, Routing, Scope};

/// The longest answer that is kept, and the longest variables that one is kept for, in bytes.
const LONGEST: usize = 64 * 1024;
const LONGEST_VARIABLES: usize = 1024;
/// The longest body that is known again, in bytes.
const LONGEST_BODY: usize = 4 * 1024;
/// What an answer takes beside its question's variables and its own bytes.
const FIXED_BYTES: usize = 300;
/// The most nodes that an answer in Redis is made of.
const MOST_NODES: usize = 20;
/// How many questions are known to have come: as many as are asked while an answer lies in Redis, where taking one out costs half of what it
/// costs to execute the question on cached nodes.
const PLACES: usize = 256 * 1024;
/// How many operations are known whose answers lie in Redis, and for how long; and for how long a body.
const MOST_OPERATIONS: u64 = 1000;
const KNOWN_FOR: Duration = Duration::from_secs(60);
/// Raised with every change of what a field answers for the same nodes, and of how an answer lies in Redis.
const SCHEMA: u8 = 2;

/// Answers by what was asked.
pub struct Answers {
    /// Whether any are kept, here or in Redis.
    are_kept: bool,
    /// `None` where there is no in-process tier.
    kept: Option<Recent<Arc<Question>, Answer>>,
    /// Which question a body asks, and its price: the same at any time.
    bodies: Recent<Bytes, Priced>,
    /// Questions that came lately.
    seen: Seen,
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

/// What was answered.
#[derive(Clone)]
pub struct Whole {
    /// The JSON of `data`.
    pub data: Bytes,
    /// What the operation really cost, in points.
    pub actual: u64,
    /// What the answer shows, as caches of HTTP are told.
    pub shown: Arc<str>,
}

impl Whole {
    /// The points and what is shown, each on a line, then the data.
    fn to_bytes(&self) -> Vec<u8> {
        [format!("{}\n{}\n", self.actual, self.shown).as_bytes(), &self.data].concat()
    }

    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
        let actual = str::from_utf8(lines.next()?).ok()?.parse().ok()?;
        let shown = str::from_utf8(lines.next()?).ok()?.into();
        let begins = bytes.len() - lines.next()?.len();
        Some(Self { data: Bytes::from(bytes).split_off(begins), actual, shown })
    }
}

#[derive(Clone)]
struct Answer {
    whole: Whole,
    until: Instant,
    /// How often this instance had written when it was asked.
    written: u64,
}

/// A question whose answer may be kept.
pub struct Asked {
    question: Arc<Question>,
    written: u64,
    at: Instant,
    /// Whether it came before, not long ago.
    comes_again: bool,
}

impl Asked {
    /// Whether an answer to it is worth keeping.
    pub fn comes_again(&self) -> bool {
        self.comes_again
    }
}

#[derive(Clone)]
struct Priced {
    question: Arc<Question>,
    price: u64,
}

/// An answer to a body that is known, not given yet.
pub struct Again<'a> {
    /// What the question costs before it is known how much comes back, in points.
    pub price: u64,
    whole: Whole,
    counts: &'a Counts,
}

impl Again<'_> {
    /// Gives the answer.
    pub fn take(self) -> Whole {
        self.counts.answer(Found::Local);
        self.whole
    }
}

impl Answers {
    /// `life` zero, or no bytes: nothing is kept in the process.
    /// A question comes again when it does while an answer could still lie in Redis.
    pub fn new(are_kept: bool, most_bytes: u64, life: Duration, life_in_redis: Duration) -> Self {
        let for_bodies = most_bytes / 4;
        let kept = (most_bytes > 0 && !life.is_zero()).then(|| Recent::new(most_bytes - for_bodies, life));
        let bodies = Recent::new(for_bodies, KNOWN_FOR);
        let of_nodes = Kept::builder().max_capacity(MOST_OPERATIONS).time_to_live(KNOWN_FOR).build();
        Self {
            are_kept,
            kept,
            bodies,
            seen: Seen::new(if are_kept { PLACES } else { 1 }, life.max(life_in_redis)),
            life,
            written: AtomicU64::new(0),
            of_nodes,
        }
    }

    /// Ends all answers in the process: this instance has just written.
    pub fn end(&self) {
        self.written.fetch_add(1, Ordering::AcqRel);
    }

    pub fn forget_old(&self) {
        self.kept.iter().for_each(Recent::forget_old);
        self.bodies.forget_old();
    }

    /// How often this instance has written.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    fn find(&self, question: &Question, written: u64, at: Instant) -> Option<Whole> {
        let answer = self.kept.as_ref()?.get(question)?;
        (answer.written == written && answer.until > at).then_some(answer.whole)
    }

    /// Keeps an answer whose oldest part was right at `right_at`.
    fn keep(&self, asked: &Asked, right_at: Instant, whole: &Whole) {
        let until = right_at + self.life;
        if let Some(kept) = self.kept.as_ref().filter(|_| until > Instant::now()) {
            // What room its bytes have beyond them, or share with others, is not kept along.
            let whole = Whole { data: Bytes::copy_from_slice(&whole.data), ..whole.clone() };
            let bytes = FIXED_BYTES + asked.question.variables.len() + whole.data.len() + whole.shown.len();
            let answer = Answer { whole, until, written: asked.written };
            kept.keep(asked.question.clone(), bytes, |_, _| Some(answer));
        }
    }
}

impl Cache {
    /// A shopper's question, by its plan's key and its variables; `None` when its answer is not kept.
    pub fn asked(&self, routing: &Routing, plan: [u8; 32], variables: Vec<u8>) -> Option<Asked> {
        if !self.answers.are_kept || !self.is_trusted() || variables.len() > LONGEST_VARIABLES {
            return None;
        }
        let question = Arc::new(Question { scope: routing.db().scope()?, plan, variables: variables.into() });
        let at = Instant::now();
        let comes_again = self.answers.seen.again(&question, at);
        Some(Asked { question, written: self.answers.written(), at, comes_again })
    }

    /// The answer that is kept in this process to the question of a body, and its price.
    pub fn answer_again(&self, db: &Db, body: &[u8]) -> Option<Again<'_>> {
        if self.answers.kept.is_none() || body.len() > LONGEST_BODY || !self.is_trusted() {
            return None;
        }
        let Priced { question, price } = self.answers.bodies.get(body)?;
        let (written, at) = (self.answers.written(), Instant::now());
        let whole = self.answers.find(&question, written, at).filter(|_| db.scope() == Some(question.scope))?;
        Some(Again { price, whole, counts: &self.counts })
    }

    /// Remembers the body that asked a question, and its price, which must be the same whenever it is sent.
    pub fn remember(&self, body: Bytes, asked: &Asked, price: u64) {
        if self.answers.kept.is_some() && asked.comes_again && body.len() <= LONGEST_BODY {
            // What came with it on the connection is not kept along.
            let body = Bytes::copy_from_slice(&body);
            let bytes = body.len() + asked.question.variables.len();
            let priced = Priced { question: asked.question.clone(), price };
            self.answers.bodies.keep(body, bytes, |_, _| Some(priced));
        }
    }

    /// The answer to a question, where one is kept.
    pub async fn answer(&self, asked: &Asked, ahead: &Ahead) -> Option<Whole> {
        if let Some(whole) = self.answers.find(&asked.question, asked.written, asked.at) {
            self.counts.answer(Found::Local);
            return Some(whole);
        }
        let whole = self.stored_answer(asked, ahead).await;
        self.counts.answer(if whole.is_some() { Found::Stored } else { Found::Missing });
        whole
    }

    async fn stored_answer(&self, asked: &Asked, ahead: &Ahead) -> Option<Whole> {
        let Store::Redis { remote, .. } = &self.store else { return None };
        let is_known = remote.keeps_answers() && self.answers.of_nodes.contains_key(&asked.question.plan);
        if !is_known || !asked.comes_again || ahead.has_given_up() {
            return None;
        }
        let Ok(stored) = remote.answer(asked.question.scope, asked.question.digest()).await else {
            ahead.give_up();
            return None;
        };
        let whole = Whole::from_bytes(stored.filter(|_| self.is_trusted())?)?;
        self.answers.keep(asked, asked.at, &whole);
        Some(whole)
    }

    /// Keeps the answer to a question that comes again, for as long as what it was made of is the same.
    pub fn keep_answer(self: &Arc<Self>, asked: Asked, routing: &Routing, whole: Whole) {
        if whole.data.len() > LONGEST {
            return;
        }
        let oldest = routing.oldest().map_or(asked.at, |oldest| oldest.min(asked.at));
        self.answers.keep(&asked, oldest, &whole);
        let nodes = routing.taken().filter(|nodes| nodes.len() <= MOST_NODES);
        let keeps = matches!(&self.store, Store::Redis { remote, .. } if remote.keeps_answers());
        let Some(nodes) = nodes.filter(|_| keeps) else { return };
        self.answers.of_nodes.insert(asked.question.plan, ());
        let cache = self.clone();
        tokio::spawn(async move {
            if let Store::Redis { remote, .. } = &cache.store {
                let scope = asked.question.scope;
                remote.put_answer(scope, asked.question.digest(), &nodes, &whole.to_bytes(), cache.lives.list).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_back_from_its_bytes() {
        let whole = Whole { data: Bytes::from_static(b"{\"a\":\"\\n\n\"}"), actual: 12, shown: "Product a b".into() };

        let back = Whole::from_bytes(whole.to_bytes()).unwrap();

        assert_eq!((back.data, back.actual, back.shown), (whole.data, whole.actual, whole.shown));
        for broken in ["", "12", "12\na", "x\na\n{}"] {
            assert!(Whole::from_bytes(broken.into()).is_none(), "{broken:?}");
        }
    }
}
