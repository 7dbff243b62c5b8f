//! A steady light load of three kinds of clients, and what a fault does to each: the longest gap and the operations that failed.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, interval};

use super::installation::Installation;

/// Each kind asks so often, whether it was answered or not: 20 times a second.
const EVERY: Duration = Duration::from_millis(50);
const RECOVERED_WITHIN: Duration = Duration::from_secs(60);

const BROWSE: &str = "{ products(first: 5) { nodes { id name } } }";
const READ: &str = "query ($slug: String!) { store(slug: $slug) { id } }";
const WRITE: &str = "mutation ($input: StoreCreateInput!) { storeCreate(input: $input) { store { slug } } }";

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Reads without a token.
    Browser,
    /// Reads the newest write that was acknowledged to anyone, with its token.
    TokenReader,
    /// Makes a store.
    Writer,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Browser, Self::TokenReader, Self::Writer];
}

/// An operation that has ended.
struct Operation {
    kind: Kind,
    begun: Instant,
    ended: Instant,
    succeeded: bool,
}

#[derive(Default)]
struct Record {
    operations: Vec<Operation>,
    /// Slugs of the stores whose making was acknowledged.
    acknowledged: Vec<String>,
    /// The last of them, with its token.
    newest: Option<(String, String)>,
    /// Those that a read with their token did not find.
    unseen: Vec<String>,
}

/// The load on an installation, from its start until it is ended.
pub struct Load {
    shared: Arc<Shared>,
    begun: Instant,
    running: Vec<JoinHandle<()>>,
}

struct Shared {
    installation: Arc<Installation>,
    is_over: AtomicBool,
    record: Mutex<Record>,
}

/// What the load has seen.
pub struct Outcome {
    begun: Instant,
    ended: Instant,
    record: Record,
}

impl Load {
    pub fn start(installation: &Arc<Installation>) -> Self {
        let (is_over, record) = Default::default();
        let shared = Arc::new(Shared { installation: installation.clone(), is_over, record });
        let running = Kind::ALL.map(|kind| tokio::spawn(ask_steadily(shared.clone(), kind)));
        Self { shared, begun: Instant::now(), running: running.into() }
    }

    /// Waits until every kind has been served that asked from now on.
    pub async fn recovered(&self) -> anyhow::Result<()> {
        let since = Instant::now();
        let served = |kind: Kind| {
            let record = self.shared.record();
            record.operations.iter().any(|done| done.kind == kind && done.succeeded && done.begun >= since)
        };
        while let Some(kind) = Kind::ALL.into_iter().find(|kind| !served(*kind)) {
            ensure!(since.elapsed() < RECOVERED_WITHIN, "a {kind:?} is not served any more");
            tokio::time::sleep(EVERY).await;
        }
        Ok(())
    }

    /// Ends it, and waits for what is under way.
    pub async fn end(self) -> anyhow::Result<Outcome> {
        let ended = Instant::now();
        self.shared.is_over.store(true, Ordering::Relaxed);
        for running in self.running {
            running.await?;
        }
        let record = std::mem::take(&mut *self.shared.record());
        Ok(Outcome { begun: self.begun, ended, record })
    }
}

impl Outcome {
    /// The longest time without an operation of this kind that succeeds.
    pub fn gap(&self, kind: Kind) -> Duration {
        let succeeded = self.record.operations.iter().filter(|done| done.kind == kind && done.succeeded);
        let mut times: Vec<_> = succeeded.map(|done| done.ended).filter(|time| *time < self.ended).collect();
        times.extend([self.begun, self.ended]);
        times.sort_unstable();
        times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }

    /// How many operations of this kind failed, and how many there were.
    pub fn failed(&self, kind: Kind) -> (usize, usize) {
        let all = self.record.operations.iter().filter(|done| done.kind == kind);
        (all.clone().filter(|done| !done.succeeded).count(), all.count())
    }

    pub fn acknowledged(&self) -> usize {
        self.record.acknowledged.len()
    }

    /// How many acknowledged writes are not among what is there.
    pub fn lost(&self, there: &HashSet<String>) -> usize {
        self.record.acknowledged.iter().filter(|slug| !there.contains(*slug)).count()
    }

    /// How many reads did not find what they brought a token for, though it is there.
    pub fn stale(&self, there: &HashSet<String>) -> usize {
        self.record.unseen.iter().filter(|slug| there.contains(*slug)).count()
    }
}

impl Shared {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, kind: Kind, server: usize) -> anyhow::Result<()> {
        match kind {
            Kind::Browser => self.installation.ask(server, BROWSE, json!({}), None).await.map(drop),
            Kind::TokenReader => {
                let Some((slug, token)) = self.record().newest.clone() else { return Ok(()) };
                let read = self.installation.ask(server, READ, json!({ "slug": slug }), Some(&token)).await?;
                if read.data["store"].is_null() {
                    self.record().unseen.push(slug);
                }
                Ok(())
            }
            Kind::Writer => {
                let slug = next_slug();
                let input = json!({ "input": { "slug": slug, "name": "Written", "currencyCode": "EUR" } });
                let written = self.installation.ask(server, WRITE, input, None).await?;
                ensure!(written.data["storeCreate"]["store"]["slug"] == slug.as_str(), "not written: {}", written.data);
                let mut record = self.record();
                record.acknowledged.push(slug.clone());
                record.newest = written.token.map(|token| (slug, token));
                Ok(())
            }
        }
    }
}

async fn ask_steadily(shared: Arc<Shared>, kind: Kind) {
    let mut ticks = interval(EVERY);
    let mut under_way = JoinSet::new();
    for server in 0.. {
        ticks.tick().await;
        if shared.is_over.load(Ordering::Relaxed) {
            break;
        }
        let shared = shared.clone();
        under_way.spawn(async move {
            let begun = Instant::now();
            let succeeded = shared.ask(kind, server).await.is_ok();
            let done = Operation { kind, begun, ended: Instant::now(), succeeded };
            shared.record().operations.push(done);
        });
    }
    under_way.join_all().await;
}

/// What the slugs of written stores begin with.
pub const WRITTEN: &str = "written-";

fn next_slug() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("{WRITTEN}{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
