//! Resolved nodes and lists, kept between requests, and the rules by which no race brings an old one back.
//!
//! | file | holds |
//! | --- | --- |
//! | `nodes`, `lists`, `search` | reading through the cache: what a request may take, and what is missing |
//! | `missing`, `fills` | what is missing is read, and stored together with what others have read |
//! | `rule`, `filling` | what a request may take, by its tokens; what a read may store, by its source |
//! | `key`, `value` | names that carry the epoch; values as bytes, with a schema and a version |
//! | `remote`, `*.lua` | what is asked of Redis; the scripts |
//! | `memory` | the same rules in the process, on the embedded database |
//! | `local`, `recent` | the in-process tier in front of Redis; a table of what lives for a moment |
//! | `beside` | without a cache: what a statement brings beside the nodes it is for |
//! | `answers`, `seen` | whole answers, in the process and in Redis; which questions come again |
//! | `moments` | what is dear to compute, for a second or two in the process |
//! | `flight` | one read of what is missing at a time |
//! | `sweeper`, `repo` | the change log: what the write path could not tell, or nobody was told |
//! | `views`, `count` | which products are viewed most; the metrics of reads |
//!
//! Two rules carry everything. A *put* stores a value only when it is newer than what is there, and not older than what was announced.
//! A *fence* announces a version: what is older goes, and is not stored for a minute. A write fences what it changed between COMMIT and its
//! answer. Nothing here fails a query: without an answer from Redis it goes on as if nothing were cached.

mod answers;
mod beside;
mod count;
mod filling;
mod fills;
mod flight;
mod key;
mod lists;
mod local;
mod memory;
mod missing;
mod moments;
mod nodes;
mod recent;
mod remote;
mod repo;
mod rule;
mod search;
mod seen;
mod sweeper;
mod value;
mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::config::CacheConfig;
use crate::db::{Changed, Lsn, NodeKind, NodeVersion, Scope, Witness};
use crate::redis::Manners;
use answers::Answers;
pub use answers::{Asked, Whole};
pub use beside::Beside;
use count::Counts;
use fills::Fills;
use flight::Flights;
use key::NodeKey;
pub use lists::{Listed, digest};
use local::Local;
use memory::Memory;
use moments::Moments;
use remote::Remote;
pub use search::Ahead;
pub use sweeper::sweep;
pub use value::{Both, Cached, Paired, Unreadable, decode, encode};
use views::Views;

/// How long a fence stands.
const FENCE_LIFE: Duration = Duration::from_secs(60);
/// How long the answer to a write may wait for its fence.
const FENCE_WITHIN: Duration = Duration::from_millis(500);
/// Rows of the change log are kept for at least so long.
const LOG_KEPT: Duration = Duration::from_secs(600);
/// The longest life that a setting gives a node.
const LONGEST_LIFE: Duration = Duration::from_secs(86_400);

/// The cache of a server.
pub struct Cache {
    store: Store,
    answers: Answers,
    moments: Moments,
    flights: Arc<Flights>,
    fills: Fills,
    lives: Lives,
    counts: Counts,
    views: Views,
    /// How often it was found that Redis may hold what it was not told to drop.
    doubts: AtomicU64,
    /// Those that have been settled since.
    settled_doubts: AtomicU64,
    /// Whether marks that are gone are being set.
    begins_marks: AtomicBool,
    /// Asks for a sweep now.
    unswept: Notify,
}

/// Where values are kept.
enum Store {
    /// Nowhere: the feature is off, or there is Postgres without Redis.
    Nowhere,
    /// In this process, which is the only one.
    Memory(Memory),
    /// In Redis, with a tier in front of it.
    Redis { remote: Box<Remote>, local: Option<Local> },
}

/// How long values live, before jitter.
struct Lives {
    node: Duration,
    stock: Duration,
    list: Duration,
    category_list: Duration,
}

impl Lives {
    fn longest(&self) -> Duration {
        self.node.max(self.stock).max(self.list).max(self.category_list)
    }
}

impl Cache {
    /// No cache at all: every read goes to the database.
    pub fn off() -> Self {
        Self::over(Store::Nowhere, &CacheConfig::default())
    }

    /// The cache that the settings ask for.
    pub fn new(config: &CacheConfig, is_embedded: bool) -> anyhow::Result<Self> {
        let most_bytes = config.local_cache_bytes() - for_answers(config);
        let urls = config.redis_urls();
        let store = if is_embedded {
            Store::Memory(Memory::new(most_bytes))
        } else if urls.is_empty() {
            Store::Nowhere
        } else {
            let manners = Manners::new(config)?;
            let read_url = config.redis_read_url.as_deref().filter(|url| !url.is_empty());
            let remote = Remote::new(&urls, read_url, &manners)?;
            let life = Duration::from_millis(config.local_cache_ttl_ms);
            let local = (most_bytes > 0 && !life.is_zero()).then(|| Local::new(most_bytes, life));
            Store::Redis { remote: Box::new(remote), local }
        };
        Ok(Self::over(store, config))
    }

    fn over(store: Store, config: &CacheConfig) -> Self {
        let life = Duration::from_millis(config.local_cache_ttl_ms);
        let keeps_answers = config.answer_cache && !matches!(store, Store::Nowhere);
        let life_in_redis = Duration::from_secs(config.list_ttl_secs);
        let answers = Answers::new(keeps_answers, for_answers(config), life, life_in_redis);
        Self {
            store,
            answers,
            moments: Moments::default(),
            flights: Arc::default(),
            fills: Fills::default(),
            lives: Lives {
                node: Duration::from_secs(config.product_ttl_secs),
                stock: Duration::from_secs(config.stock_ttl_secs),
                list: Duration::from_secs(config.list_ttl_secs),
                category_list: Duration::from_secs(config.category_list_ttl_secs),
            },
            counts: Counts::default(),
            views: Views::default(),
            doubts: AtomicU64::new(0),
            settled_doubts: AtomicU64::new(0),
            begins_marks: AtomicBool::new(false),
            unswept: Notify::new(),
        }
    }

    /// Whether anything is cached at all.
    pub fn is_on(&self) -> bool {
        !matches!(self.store, Store::Nowhere)
    }

    /// Whether what is stored is read: Redis was told of all that it must drop.
    pub fn is_trusted(&self) -> bool {
        match &self.store {
            Store::Redis { remote, .. } => {
                !remote.was_away() && self.settled_doubts.load(Ordering::Acquire) == self.doubts()
            }
            _ => true,
        }
    }

    /// Waits until what is stored is read: at the start Redis is first told what it may have missed.
    pub async fn until_trusted(&self) {
        let mut ticks = tokio::time::interval(Duration::from_millis(100));
        while !self.is_trusted() {
            ticks.tick().await;
        }
    }

    /// Redis was not told of a change: what it holds is not read until the change log tells of none that is open.
    fn doubt(&self) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
    }

    fn doubts(&self) -> u64 {
        self.doubts.load(Ordering::Acquire)
    }

    /// All is told that was not told when there were so many doubts.
    fn trust(&self, doubts: u64) {
        self.settled_doubts.store(doubts, Ordering::Release);
    }

    /// How long rows of the change log are of use: no value that they could end lives longer.
    fn log_kept_secs(&self) -> u32 {
        let longest = match self.store {
            // Others may cache, for as long as the settings allow.
            Store::Nowhere => LONGEST_LIFE,
            _ => self.lives.longest(),
        };
        (longest.mul_f64(1.1) + FENCE_LIFE).max(LOG_KEPT).as_secs() as u32
    }

    /// Drops what is kept in this process and that nobody will get any more.
    fn forget_old(&self) {
        self.flights.forget_old();
        self.answers.forget_old();
        if let Store::Redis { local: Some(local), .. } = &self.store {
            local.forget_old();
        }
    }

    /// Ends the answers that are kept in this process.
    fn end_answers(&self) {
        self.answers.end();
    }

    /// Forgets all that is cached for the embedded database: something was written, and nobody knows what.
    fn clear_memory(&self) {
        let Store::Memory(memory) = &self.store else { return };
        memory.clear();
        self.flights.shut_all();
        self.end_answers();
    }

    /// Announces versions of nodes, and ends the lists that hold nodes of these kinds; whether everyone who must hear of it has.
    async fn fence(&self, scope: Scope, nodes: &[NodeVersion], position: Option<Lsn>) -> bool {
        let keyed = nodes.iter().map(|node| (NodeKey { scope, kind: node.kind, id: node.id }, node.version));
        let fences: Vec<(NodeKey, i64)> = keyed.collect();
        let kinds = listed_kinds(nodes);
        self.flights.shut(fences.iter().map(|(key, _)| *key), !kinds.is_empty());
        let has_heard = match &self.store {
            Store::Nowhere => return true,
            Store::Memory(memory) => {
                fences.iter().for_each(|(key, version)| memory.fence(*key, *version, FENCE_LIFE));
                self.end_answers();
                kinds.iter().for_each(|kind| memory.raise_mark(*kind));
                true
            }
            Store::Redis { remote, local } => {
                if let Some(local) = local {
                    fences.iter().for_each(|(key, version)| local.fence(*key, *version));
                    if !kinds.is_empty() {
                        local.end_lists();
                    }
                }
                let raised = async {
                    match position.filter(|_| !kinds.is_empty()) {
                        Some(position) => remote.raise_marks(scope, &kinds, position).await,
                        None => true,
                    }
                };
                let (has_fenced, has_raised) = tokio::join!(remote.fence(&fences, FENCE_LIFE), raised);
                has_fenced && has_raised
            }
        };
        self.counts.fenced(fences.len(), has_heard);
        has_heard
    }
}

/// What whole answers take of the memory in this process.
fn for_answers(config: &CacheConfig) -> u64 {
    if config.answer_cache { config.local_cache_bytes() / 4 } else { 0 }
}

/// The kinds that lists hold, of those that were written.
fn listed_kinds(nodes: &[NodeVersion]) -> Vec<NodeKind> {
    let mut kinds: Vec<NodeKind> = nodes.iter().map(|node| node.kind).filter(|kind| *kind != NodeKind::Stock).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

impl Witness for Cache {
    fn committed<'a>(&'a self, scope: Scope, changed: &'a Changed, position: Option<Lsn>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if !self.is_on() {
                return;
            }
            self.end_answers();
            let is_told = match (changed, &self.store) {
                (Changed::Nodes(nodes), _) if nodes.is_empty() => true,
                (Changed::Nodes(nodes), store) => {
                    let heard = timeout(FENCE_WITHIN, self.fence(scope, nodes, position)).await;
                    // Before it was heard of, someone may have asked and got what was there before.
                    self.end_answers();
                    if heard != Ok(true) {
                        self.doubt();
                    }
                    heard == Ok(true) && (position.is_some() || matches!(store, Store::Memory(_)))
                }
                (Changed::All, Store::Memory(_)) => {
                    self.clear_memory();
                    true
                }
                (Changed::All, _) => false,
            };
            // Too much, or not known, or not heard of: the change log has it.
            if !is_told {
                self.unswept.notify_one();
            }
        })
    }
}
