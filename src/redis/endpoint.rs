//! A connection to Redis, and the breaker before it.
//!
//! Requests never find out whether Redis is back: an open breaker stays open for them until a probe was answered.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use failsafe::failure_policy::{ConsecutiveFailures, consecutive_failures};
use failsafe::{Instrument, StateMachine, backoff};
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind, cmd};

use super::Manners;
use super::connection::Connection;

/// So many failures in a row open the breaker.
const FAILURES: u32 = 5;
/// How long an open breaker lets nothing pass, not even a probe.
const PAUSE: Duration = Duration::from_millis(500);
/// How often a Redis that answers is asked for its clock: another one may have taken its place, and clocks drift.
const CLOCK_EVERY: Duration = Duration::from_secs(10);
/// Answers of a server that has just begun, or that is not there for whoever asks: others would not be answered either.
const NOT_READY: [&str; 2] = ["LOADING", "MASTERDOWN"];

/// Why a command has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The breaker let it not pass.
    Open,
    /// The server takes nothing more.
    Full,
    /// The server is there, and does not do this.
    Refused,
    Failed,
}

pub struct Endpoint {
    name: &'static str,
    /// What is done while it does not answer, for the log.
    instead: &'static str,
    connection: Connection,
    breaker: StateMachine<ConsecutiveFailures<backoff::Constant>, Lamp>,
    lamp: Lamp,
    /// How often a connection was lost, and how many of those were settled.
    outages: AtomicU64,
    settled_outages: AtomicU64,
    /// Its clock in microseconds since 1970, and when it was asked for it.
    clock: Mutex<Option<(i64, Instant)>>,
    /// Whether the log was told that it does not answer.
    is_told: AtomicBool,
    /// Whether the log was told that it refuses something.
    is_refusal_told: AtomicBool,
}

/// Shows whether the breaker is closed.
#[derive(Clone)]
struct Lamp {
    endpoint: &'static str,
    is_closed: Arc<AtomicBool>,
}

impl Lamp {
    fn show(&self, is_closed: bool) {
        self.is_closed.store(is_closed, Ordering::Release);
        let open = if is_closed { 0.0 } else { 1.0 };
        metrics::gauge!("storefront_redis_breaker_open", "endpoint" => self.endpoint).set(open);
    }
}

impl Instrument for Lamp {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        self.show(false);
    }

    fn on_half_open(&self) {}

    fn on_closed(&self) {
        self.show(true);
    }
}

impl Endpoint {
    pub fn new(urls: &[&str], manners: &Manners, name: &'static str, instead: &'static str) -> anyhow::Result<Self> {
        let connection = Connection::open(urls, manners)?;
        let lamp = Lamp { endpoint: name, is_closed: Arc::new(AtomicBool::new(true)) };
        Ok(Self {
            name,
            instead,
            connection,
            breaker: StateMachine::new(consecutive_failures(FAILURES, backoff::constant(PAUSE)), lamp.clone()),
            lamp,
            outages: AtomicU64::new(1),
            settled_outages: AtomicU64::new(0),
            clock: Mutex::default(),
            is_told: AtomicBool::new(false),
            is_refusal_told: AtomicBool::new(false),
        })
    }

    pub fn is_cluster(&self) -> bool {
        self.connection.is_cluster()
    }

    /// Whether requests may use it.
    pub fn is_in_use(&self) -> bool {
        self.lamp.is_closed.load(Ordering::Acquire)
    }

    pub async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, Silence> {
        self.permitted()?;
        self.heed(self.connection.send(&command).await)
    }

    /// Runs a script many times in one round trip; on a cluster in one for each time.
    pub async fn run<T: FromRedisValue>(&self, script: &Script, commands: Vec<Cmd>) -> Result<Vec<T>, Silence> {
        self.permitted()?;
        let outcome = match self.connection.send_each(&commands).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.connection.load(script, &commands).await
            }
            outcome => outcome,
        };
        self.heed(outcome)
    }

    /// Sends commands in one round trip; on a cluster in one for each.
    pub async fn send_all<T: FromRedisValue>(&self, commands: Vec<Cmd>) -> Result<Vec<T>, Silence> {
        self.permitted()?;
        self.heed(self.connection.send_each(&commands).await)
    }

    /// Asks for its clock, and so whether it answers; an answer closes the breaker.
    pub async fn probe(&self) -> bool {
        if !self.breaker.is_call_permitted() {
            return false;
        }
        let asked = Instant::now();
        let answer = self.connection.send::<(i64, i64)>(&cmd("TIME")).await;
        if let Ok((secs, micros)) = &answer {
            let told_us = secs * 1_000_000 + micros;
            *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((told_us, asked));
        }
        if let Err(error) = &answer
            && !self.is_in_use()
            && error.is_timeout()
            && self.connection.replace()
        {
            // Another server may answer from now on.
            self.outages.fetch_add(1, Ordering::AcqRel);
        }
        let is_answered = self.heed(answer).is_ok();
        if is_answered && !self.is_in_use() {
            // A breaker that opened and closed at once may have shown the one after the other.
            self.lamp.show(true);
        }
        is_answered
    }

    /// Connects before the first request needs it, and while requests pass it by asks whether it answers again; its clock now and then. Never ends.
    pub async fn look_after(&self) {
        let mut asked: Option<Instant> = None;
        let mut ticks = tokio::time::interval(PAUSE);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if !self.is_in_use() || asked.is_none_or(|asked| asked.elapsed() >= CLOCK_EVERY) {
                asked = Some(Instant::now());
                self.probe().await;
            }
        }
    }

    /// Its clock in so long a time, in microseconds since 1970 and never too early; `None` before it has told it.
    pub fn clock_in(&self, time: Duration) -> Option<i64> {
        let (told_us, asked) = (*self.clock.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(told_us + (asked.elapsed() + time).as_micros() as i64)
    }

    /// Whether it may hold what it was not told to drop.
    pub fn was_away(&self) -> bool {
        self.outages() != self.settled_outages.load(Ordering::Acquire)
    }

    /// How often a connection was lost; the first one counts as one that was made anew.
    pub fn outages(&self) -> u64 {
        self.outages.load(Ordering::Acquire)
    }

    /// It was told all that it may have missed in so many outages.
    pub fn is_back(&self, outages: u64) {
        self.settled_outages.store(outages, Ordering::Release);
        self.is_refusal_told.store(false, Ordering::Release);
    }

    fn permitted(&self) -> Result<(), Silence> {
        if self.is_in_use() {
            return Ok(());
        }
        metrics::counter!("storefront_redis_breaker_rejections_total", "endpoint" => self.name).increment(1);
        Err(Silence::Open)
    }

    /// Tells the breaker and the metrics; and the log, when the breaker opens or closes, and of the first refusal on a connection.
    fn heed<T>(&self, outcome: RedisResult<T>) -> Result<T, Silence> {
        let error = match outcome {
            Ok(value) => {
                self.breaker.on_success();
                if self.is_told.load(Ordering::Acquire)
                    && self.is_in_use()
                    && self.is_told.swap(false, Ordering::AcqRel)
                {
                    tracing::info!(endpoint = self.name, "Redis is reached again");
                }
                return Ok(value);
            }
            Err(error) => error,
        };
        metrics::counter!("storefront_redis_failures_total", "endpoint" => self.name).increment(1);
        let refusal = refusal(&error);
        if refusal.as_deref().is_some_and(|code| !NOT_READY.contains(&code)) {
            // It is there, and refuses: others may be answered.
            self.breaker.on_success();
            if !self.is_refusal_told.swap(true, Ordering::AcqRel) {
                tracing::warn!(endpoint = self.name, cause = %error, "Redis refuses what it is told");
            }
        } else {
            self.breaker.on_error();
            // A cluster's client connects anew by itself: whatever fails may have been one of its nodes that went and came back.
            if self.is_cluster() || error.is_connection_dropped() || error.is_io_error() && !error.is_timeout() {
                self.outages.fetch_add(1, Ordering::AcqRel);
            }
            if !self.is_in_use() && !self.is_told.swap(true, Ordering::AcqRel) {
                tracing::warn!(endpoint = self.name, cause = %error, "Redis is not reached; {}", self.instead);
            }
        }
        Err(match refusal.as_deref() {
            Some("OOM") => Silence::Full,
            Some(code) if !NOT_READY.contains(&code) => Silence::Refused,
            _ => Silence::Failed,
        })
    }
}

/// The code of the server's answer, where an error is one; of a round trip with many commands that of the first which was refused.
fn refusal(error: &RedisError) -> Option<String> {
    // `RedisError::code` has none for many commands, unless the crate has a name for it: it has none for a full server's.
    let errors = error.clone().into_server_errors()?;
    errors.first().map(|(_, error)| error.code().to_owned())
}
