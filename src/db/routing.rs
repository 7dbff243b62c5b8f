//! One request's choice of host, and the record of what it ran there.
//!
//! [`Routing::reader`] is asked when a batch runs, never when a loader is built, and the connection chooses when it runs a statement: so
//! what the request has done up to that moment decides. A query reads from one replica as long as that is in use; a request that is
//! pinned reads from the primary alone. [`Routing::begin_write`] is a request's only source of a write transaction.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, RuntimeErr, sqlx};

use super::change::{Changed, NodeVersion};
use super::cluster::{Choice, Cluster};
use super::commit::Commits;
use super::connection::Connection;
use super::database::Db;
use super::election::NoPrimary;
use super::position::{Epoch, Lsn};
use super::token::Token;
use super::trace::Trace;
use super::transaction::WriteTransaction;
use crate::error::Result;

/// The way of one request to the database.
#[derive(Clone)]
pub struct Routing(pub(super) Arc<Request>);

pub(super) struct Request {
    pub db: Arc<Db>,
    pub trace: Arc<Trace>,
    pub commits: Commits,
    pinned: AtomicBool,
    claim: Claim,
    /// The choice of a query, made once while it holds.
    choice: Mutex<Option<Choice>>,
    choosing: tokio::sync::Mutex<()>,
    /// Why no host was found, once that was waited for in vain.
    has_no_host: OnceLock<NoPrimary>,
    /// A request waits once for a replica to catch up.
    has_waited: AtomicBool,
    /// Since when the oldest thing is in this process that was not read anew.
    oldest: Mutex<Option<Instant>>,
    /// The cached nodes that it has taken; `None` once it has read anything else.
    nodes: Mutex<Option<Vec<NodeVersion>>>,
}

/// What the tokens of a request ask of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// Nothing: any replica in use will do.
    Nothing,
    /// A host that has replayed this much.
    Position(Epoch, Lsn),
    /// The primary.
    Primary,
}

/// Where a statement that failed is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// It has not failed yet.
    Anywhere,
    /// On another host than this one, where there is one.
    Than(usize),
    Primary,
}

impl Routing {
    pub fn new(db: Arc<Db>) -> Self {
        Self::with_tokens(db, &[], false)
    }

    /// The way of the server's own work: pinned to the primary from the start.
    pub fn on_primary(db: Arc<Db>) -> Self {
        let routing = Self::new(db);
        routing.0.pinned.store(true, Ordering::Release);
        routing
    }

    /// The way of a request that brought these tokens. `explains`: what it runs is kept.
    pub fn with_tokens(db: Arc<Db>, tokens: &[Token], explains: bool) -> Self {
        let trace = Arc::new(if explains { Trace::kept() } else { Trace::default() });
        Self::traced(db, tokens, trace)
    }

    fn traced(db: Arc<Db>, tokens: &[Token], trace: Arc<Trace>) -> Self {
        let judged: Vec<_> = tokens.iter().filter(|token| db.is_in_force(token)).collect();
        let claim = judged.iter().fold(Claim::Nothing, |claim, token| claim.and(db.claim_of(token)));
        Self(Arc::new(Request {
            trace,
            commits: Commits::new(judged.into_iter().cloned().collect()),
            pinned: AtomicBool::new(false),
            claim,
            choice: Mutex::default(),
            choosing: tokio::sync::Mutex::default(),
            has_no_host: OnceLock::new(),
            has_waited: AtomicBool::new(false),
            oldest: Mutex::default(),
            nodes: Mutex::new(Some(Vec::new())),
            db,
        }))
    }

    pub fn backend(&self) -> DbBackend {
        self.0.db.backend()
    }

    /// From here on every read of this request goes to the primary. A mutation is pinned before its first field runs.
    pub fn pin(&self) {
        if !self.0.pinned.swap(true, Ordering::AcqRel) {
            metrics::counter!("storefront_pins_total", "reason" => "mutation").increment(1);
        }
    }

    pub fn is_pinned(&self) -> bool {
        self.0.pinned.load(Ordering::Acquire) || self.0.claim == Claim::Primary
    }

    /// A connection to read from. The label names the batch or field in explain and in the metrics.
    pub fn reader(&self, label: &'static str) -> Connection {
        self.took_other();
        Connection::new(self.0.clone(), label)
    }

    /// A transaction on the primary; the request is pinned to it from now on.
    pub async fn begin_write(&self, label: &'static str) -> Result<WriteTransaction> {
        self.pin();
        WriteTransaction::begin(self.0.clone(), label).await
    }

    /// Whether a host answers a read now, or would if it were not so busy.
    pub async fn can_read(&self) -> bool {
        match self.reader("readiness").execute_unprepared("SELECT 1").await {
            Ok(_) => true,
            Err(DbErr::Query(RuntimeErr::SqlxError(error))) => matches!(*error, sqlx::Error::PoolTimedOut),
            Err(_) => false,
        }
    }

    pub fn db(&self) -> &Arc<Db> {
        &self.0.db
    }

    /// The way of a read that serves more than this request: it asks nothing of its host. This request's record tells of it.
    pub fn of_its_own(&self) -> Self {
        Self::traced(self.0.db.clone(), &[], self.0.trace.clone())
    }

    /// The nodes that the tokens of this request name; `None` without tokens that count.
    pub fn named(&self) -> Option<Changed> {
        self.0.commits.named()
    }

    /// Takes note of something that was not read anew: it is in this process since `kept_at`.
    pub fn took(&self, kept_at: Instant) {
        let mut oldest = self.0.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        *oldest = Some(oldest.map_or(kept_at, |oldest| oldest.min(kept_at)));
    }

    /// Takes note of a node that came out of the cache.
    pub fn took_node(&self, node: NodeVersion) {
        if let Some(nodes) = &mut *self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner)
            && !nodes.contains(&node)
        {
            nodes.push(node);
        }
    }

    /// Takes note of anything else: the answer is made of more than cached nodes.
    pub fn took_other(&self) {
        *self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The cached nodes that the answer is made of, when it is made of nothing else.
    pub fn taken(&self) -> Option<Vec<NodeVersion>> {
        self.0.nodes.lock().unwrap_or_else(PoisonError::into_inner).clone().filter(|nodes| !nodes.is_empty())
    }

    /// Since when the oldest thing is in this process that was not read anew; `None` when everything was.
    pub fn oldest(&self) -> Option<Instant> {
        *self.0.oldest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn trace(&self) -> &Trace {
        &self.0.trace
    }

    /// How often this request has committed something, or may have.
    pub fn commits(&self) -> usize {
        self.0.commits.count()
    }

    /// The token for the answer: of everything that this request has committed, or may have, together with what it brought. `None` when it
    /// has committed nothing.
    pub fn token(&self) -> Option<Token> {
        let db = &self.0.db;
        let token = self.0.commits.token(db.clock_us(), db.token_life_us())?;
        metrics::counter!("storefront_tokens_total", "outcome" => "issued").increment(1);
        Some(token)
    }
}

impl Claim {
    /// What both ask for.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, claim) | (claim, Self::Nothing) => claim,
            (Self::Position(epoch, one), Self::Position(other_epoch, other)) if epoch == other_epoch => {
                Self::Position(epoch, one.max(other))
            }
            _ => Self::Primary,
        }
    }
}

impl Db {
    /// Whether a token still counts, by the database's clock.
    fn is_in_force(&self, token: &Token) -> bool {
        let age_us = self.clock_us().saturating_sub(token.issued_us);
        let is_in_force = age_us <= self.token_life_us();
        if !is_in_force {
            metrics::counter!("storefront_tokens_total", "outcome" => "expired").increment(1);
        }
        is_in_force
    }

    /// What a token that counts asks for.
    fn claim_of(&self, token: &Token) -> Claim {
        let now_us = self.clock_us();
        let epoch = self.cluster.view().epoch;
        let (claim, outcome) = match token.position {
            _ if token.primary_until_us.is_some_and(|until_us| now_us <= until_us) => {
                (Claim::Primary, "unknown_position")
            }
            _ if token.issued_us.saturating_sub(now_us) > CLOCK_TOLERANCE_US => (Claim::Primary, "future"),
            None => (Claim::Nothing, "accepted"),
            Some((other, _)) if Some(other) != epoch && !self.is_embedded() => {
                self.cluster.heard_of(other);
                (Claim::Primary, "other_epoch")
            }
            Some(_) if self.is_embedded() => (Claim::Nothing, "accepted"),
            Some((epoch, position)) => (Claim::Position(epoch, position), "accepted"),
        };
        metrics::counter!("storefront_tokens_total", "outcome" => outcome).increment(1);
        if claim == Claim::Primary {
            metrics::counter!("storefront_pins_total", "reason" => outcome).increment(1);
        }
        claim
    }
}

/// How far the database's clock as two instances know it may differ: each knows it from its own last check.
const CLOCK_TOLERANCE_US: i64 = 1_000_000;

/// A server ends its own statements in time. One that is silent for so much longer is not going to.
const SILENCE: Duration = Duration::from_millis(500);

impl Request {
    /// How long to wait for the answer to one statement; SQLite cannot cut its statements short.
    pub fn patience(&self) -> Option<Duration> {
        self.db.statement_timeout().map(|timeout| timeout + SILENCE)
    }

    /// The host for the next statement.
    pub async fn choose(&self, elsewhere: Elsewhere) -> Result<Choice, NoPrimary> {
        let is_pinned = self.pinned.load(Ordering::Acquire) || self.claim == Claim::Primary;
        if is_pinned || elsewhere == Elsewhere::Primary {
            return self.choose_primary().await;
        }
        let avoided = match elsewhere {
            Elsewhere::Than(host) => Some(host),
            _ => None,
        };
        // What a sibling's second attempt has chosen will do as well.
        let is_right = |choice: &Choice| Some(choice.place.host) != avoided && self.db.cluster.holds(choice.place);
        let kept = || (*self.choice()).filter(is_right);
        if let Some(choice) = kept() {
            return Ok(choice);
        }
        let _turn = self.choosing.lock().await;
        if let Some(choice) = kept() {
            return Ok(choice);
        }
        if let Some(why) = self.has_no_host.get() {
            return Err(*why);
        }
        let choice = match self.claim {
            Claim::Position(epoch, position) => self.choose_with(epoch, position, avoided).await,
            _ => self.choose_any(avoided).await,
        };
        match choice {
            Ok(choice) => *self.choice() = Some(choice),
            // Those who come next in this request need not wait as long again.
            Err(why) => drop(self.has_no_host.set(why)),
        }
        choice
    }

    /// The primary, waited for while it is away.
    pub async fn choose_primary(&self) -> Result<Choice, NoPrimary> {
        let primary = self.db.cluster.await_primary().await?;
        *self.choice() = Some(primary);
        Ok(primary)
    }

    async fn choose_any(&self, avoided: Option<usize>) -> Result<Choice, NoPrimary> {
        let cluster: &Cluster = &self.db.cluster;
        if let Some(replica) = cluster.replica(avoided) {
            return Ok(replica);
        }
        if let Ok(primary) = cluster.primary() {
            return Ok(primary);
        }
        // Nobody writes while there is no primary: who has all that was known of it may be read, however long ago that was.
        match cluster.replica_with_all_known() {
            Some(replica) => Ok(replica),
            None => cluster.await_primary().await,
        }
    }

    async fn choose_with(&self, epoch: Epoch, position: Lsn, avoided: Option<usize>) -> Result<Choice, NoPrimary> {
        let cluster: &Cluster = &self.db.cluster;
        if let Some(replica) = cluster.replica_with(epoch, position, avoided) {
            return Ok(replica);
        }
        if !self.has_waited.swap(true, Ordering::AcqRel) {
            let begun = Instant::now();
            let caught_up = cluster.catch_up(epoch, position, avoided).await;
            let outcome = if caught_up.is_some() { "caught_up" } else { "behind" };
            metrics::histogram!("storefront_token_wait_seconds", "outcome" => outcome)
                .record(begun.elapsed().as_secs_f64());
            if let Some(replica) = caught_up {
                return Ok(replica);
            }
        }
        if let Ok(primary) = cluster.primary() {
            metrics::counter!("storefront_pins_total", "reason" => "replicas_behind").increment(1);
            return Ok(primary);
        }
        match cluster.any_replica_with(epoch, position) {
            Some(replica) => Ok(replica),
            None => cluster.await_primary().await,
        }
    }

    fn choice(&self) -> MutexGuard<'_, Option<Choice>> {
        self.choice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
