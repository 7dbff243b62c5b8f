//! The sweeper: fences what the change log tells, whoever wrote it.
//!
//! Every second an instance takes rows that no other one is taking, fences their versions, and fences them again five seconds later. So
//! what a write could not tell heals within seconds: a crash after COMMIT, a Redis that was away, an import, SQL by hand. The second
//! fence ends what a slow read stored after the first one had been evicted. Rows are kept for ten minutes, and longer than any value lives,
//! for a Redis that comes back with what it held before it went.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Cache, Store, repo};
use crate::db::{Db, NodeVersion, Routing};
use crate::error::Result;

const INTERVAL: Duration = Duration::from_secs(1);
/// How soon after it was asked for a sweep begins.
const AT_ONCE: Duration = Duration::from_millis(50);
/// The most rows that are taken in one transaction.
const MOST_ROWS: i64 = 1000;
/// The most batches without asking Redis whether it is there.
const MOST_BATCHES: usize = 20;
/// How often views are told to Redis, and old rows deleted.
const CHORES_EVERY: Duration = Duration::from_secs(10);

/// Sweeps for as long as the server lives.
pub async fn sweep(cache: Weak<Cache>, db: Weak<Db>) {
    let mut sweeper = Sweeper::default();
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let Some(unswept) = cache.upgrade() else { return };
        tokio::select! {
            _ = ticks.tick() => {}
            // Others may need the same: a burst of writes is one sweep.
            () = unswept.unswept.notified() => tokio::time::sleep(AT_ONCE).await,
        }
        drop(unswept);
        let (Some(cache), Some(db)) = (cache.upgrade(), db.upgrade()) else { return };
        match sweeper.round(&cache, &db).await {
            Ok(()) => sweeper.has_failed = false,
            Err(error) => {
                metrics::counter!("storefront_cache_sweep_failures_total").increment(1);
                if !std::mem::replace(&mut sweeper.has_failed, true) {
                    let cause = error.cause().map(|cause| format!("{cause:#}"));
                    tracing::warn!(cause, "the change log cannot be swept; the cache may tell of older things");
                }
            }
        }
    }
}

#[derive(Default)]
struct Sweeper {
    /// What tells of other processes' writes to the embedded database.
    data_version: Option<i64>,
    chores_done: Option<Instant>,
    /// Whether the last round failed: the log is told once.
    has_failed: bool,
}

impl Sweeper {
    async fn round(&mut self, cache: &Cache, db: &Arc<Db>) -> Result<()> {
        let routing = Routing::on_primary(db.clone());
        let mut is_reached = true;
        cache.forget_old();
        match &cache.store {
            Store::Nowhere => {}
            Store::Memory(_) => {
                let data_version = db.data_version().await;
                if data_version.is_some() && self.data_version.replace(data_version.unwrap_or_default()) != data_version
                {
                    cache.clear_memory();
                }
            }
            Store::Redis { remote, .. } => {
                is_reached = remote.probe().await;
                let outages = remote.outages();
                if is_reached && remote.was_away() && fence_recent(cache, &routing).await? {
                    remote.is_back(outages);
                }
            }
        }
        if cache.is_on() && is_reached {
            sweep_open(cache, db, &routing).await?;
        }
        if self.chores_done.is_none_or(|done| done.elapsed() >= CHORES_EVERY) {
            self.chores_done = Some(Instant::now());
            if let Some(scope) = db.scope() {
                cache.flush_views(scope).await;
            }
            delete_old(db, &routing, cache.log_kept_secs()).await?;
        }
        Ok(())
    }
}

/// Takes what there is: what nobody was told first, but never only that.
async fn sweep_open(cache: &Cache, db: &Arc<Db>, routing: &Routing) -> Result<()> {
    let doubts = cache.doubts();
    let open = repo::open(&routing.reader("changeLog"), i64::MAX).await?;
    let mut is_more = false;
    for unfenced in [true, false] {
        let mut batches = if unfenced && open.unfenced.is_none() || !unfenced && !open.due { 0 } else { MOST_BATCHES };
        while batches > 0 {
            batches -= 1;
            match take(cache, db, unfenced).await? {
                Taken::Full => is_more |= batches == 0,
                Taken::Last => break,
                Taken::Unheard => return Ok(()),
            }
        }
    }
    // What made someone doubt was committed before: it is among the rows that were open then.
    let is_told = match open.unfenced {
        Some(last) => repo::open(&routing.reader("changeLog"), last).await?.unfenced.is_none(),
        None => true,
    };
    if is_told {
        cache.trust(doubts);
    }
    if is_more {
        cache.unswept.notify_one();
    }
    Ok(())
}

/// What became of a batch.
enum Taken {
    /// There may be more.
    Full,
    Last,
    /// Redis has not heard of it: the rows stay as they are.
    Unheard,
}

/// Takes one batch of rows.
async fn take(cache: &Cache, db: &Arc<Db>, unfenced: bool) -> Result<Taken> {
    let Some(scope) = db.scope() else { return Ok(Taken::Unheard) };
    let tx = Routing::on_primary(db.clone()).begin_write("changeLog").await?;
    let taken = repo::take(&tx, unfenced, MOST_ROWS).await?;
    if taken.rows.is_empty() {
        return Ok(Taken::Last);
    }
    let nodes: Vec<NodeVersion> = taken.rows.iter().filter_map(|row| row.node).collect();
    if !cache.fence(scope, &nodes, Some(taken.position)).await {
        cache.doubt();
        return Ok(Taken::Unheard);
    }
    let seqs: Vec<i64> = taken.rows.iter().map(|row| row.seq).collect();
    if unfenced {
        repo::mark_fenced(&tx, &seqs).await?;
    } else {
        repo::settle(&tx, &seqs).await?;
    }
    tx.commit().await?;
    metrics::counter!("storefront_cache_swept_total").increment(seqs.len() as u64);
    Ok(if seqs.len() < MOST_ROWS as usize { Taken::Last } else { Taken::Full })
}

/// Fences all that was written lately, for a Redis that was away; whether it has heard of all.
async fn fence_recent(cache: &Cache, routing: &Routing) -> Result<bool> {
    let Some(scope) = routing.db().scope() else { return Ok(false) };
    let position = repo::position(&routing.reader("changeLog")).await?;
    let mut seq = 0;
    loop {
        let rows = repo::recent(&routing.reader("changeLog"), seq, cache.log_kept_secs(), MOST_ROWS).await?;
        let nodes: Vec<NodeVersion> = rows.iter().filter_map(|row| row.node).collect();
        if !cache.fence(scope, &nodes, position).await {
            return Ok(false);
        }
        match rows.last() {
            Some(last) if rows.len() == MOST_ROWS as usize => seq = last.seq,
            _ => return Ok(true),
        }
    }
}

async fn delete_old(db: &Arc<Db>, routing: &Routing, kept_secs: u32) -> Result<()> {
    while repo::has_old(&routing.reader("changeLog"), kept_secs).await? {
        let tx = Routing::on_primary(db.clone()).begin_write("changeLog").await?;
        let deleted = repo::delete_old(&tx, kept_secs, MOST_ROWS).await?;
        tx.commit().await?;
        if deleted == 0 {
            break;
        }
    }
    Ok(())
}
