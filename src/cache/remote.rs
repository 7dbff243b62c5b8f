//! Redis, as far as the cache needs it: bounded in time, behind a breaker, and never a reason for a query to fail.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures_util::future::try_join_all;
use redis::{Cmd, Script, cmd};
use uuid::Uuid;

use super::key::{self, ListKey, NodeKey};
use super::memory::Put;
use crate::db::{Lsn, NodeKind, NodeVersion, Scope};
use crate::redis::{Endpoint, Manners, Silence, evalsha};

/// The most keys of one MGET.
pub const MOST_KEYS: usize = 50;
/// The most scripts of one round trip: more keep everyone else waiting for longer than a read may take.
const MOST_SCRIPTS: usize = 100;
/// How long marks live that nothing raises.
const MARK_LIFE: Duration = Duration::from_secs(24 * 3600);
/// What is done while Redis does not answer.
const INSTEAD: &str = "reads go to the database";
/// What tells how far the endpoint for reads is behind: the main one's clock, written every second by every instance.
const BEAT: &str = "storefront:beat";
/// So far behind it may be.
const MOST_LAG: Duration = Duration::from_secs(3);
/// The most products whose views are counted.
const MOST_VIEWED: isize = 1000;
/// How long the views of a shop are kept that nobody visits.
const VIEWS_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

static PUT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("put.lua")));
static FENCE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("fence.lua")));
static ANSWER: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("answer.lua")));
static MARK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("mark.lua")));

/// One Redis, or one Redis Cluster.
pub struct Remote {
    main: Endpoint,
    /// For reads of requests without token: a replica of it, perhaps.
    reads: Option<Endpoint>,
    /// Whether that one is close behind the main one.
    reads_follow: AtomicBool,
}

/// A node to be stored.
pub struct Fill {
    pub key: NodeKey,
    pub version: i64,
    pub bytes: Vec<u8>,
    pub life: Duration,
}

/// Lists as Redis holds them, and the marks beside them.
pub struct Lists {
    /// The highest position of a write to a node of the lists' kinds; `None` when one of the marks is gone.
    pub mark: Option<i64>,
    pub values: Vec<Option<Vec<u8>>>,
}

impl Remote {
    /// Connects when first used; only addresses that cannot be read are refused. Several addresses are a cluster.
    pub fn new(urls: &[&str], read_url: Option<&str>, manners: &Manners) -> anyhow::Result<Self> {
        let main = Endpoint::new(urls, manners, "main", INSTEAD).context("cannot read REDIS_URL")?;
        let reads =
            read_url.map(|url| Endpoint::new(&[url], manners, "reads", INSTEAD).context("cannot read REDIS_READ_URL"));
        Ok(Self { main, reads: reads.transpose()?, reads_follow: AtomicBool::new(false) })
    }

    /// Where to read from. `may_lag`: what is not quite up to date will do.
    fn reads(&self, may_lag: bool) -> &Endpoint {
        let follows = may_lag && self.reads_follow.load(Ordering::Acquire);
        self.reads.as_ref().filter(|reads| follows && reads.is_in_use()).unwrap_or(&self.main)
    }

    /// The values of those keys that have one; `None` when Redis does not answer.
    pub async fn nodes(&self, keys: &[NodeKey], may_lag: bool) -> Option<Vec<Option<Vec<u8>>>> {
        let endpoint = self.reads(may_lag);
        if keys.len() <= MOST_KEYS {
            return endpoint.ask(mget(keys.iter().map(NodeKey::value))).await.ok();
        }
        let mgets = keys
            .chunks(MOST_KEYS)
            .map(|keys| endpoint.ask::<Vec<Option<Vec<u8>>>>(mget(keys.iter().map(NodeKey::value))));
        Some(try_join_all(mgets).await.ok()?.concat())
    }

    /// Lists, and whether writes have ended them; `None` when Redis does not answer.
    pub async fn lists(&self, scope: Scope, kinds: &[NodeKind], keys: &[ListKey], may_lag: bool) -> Option<Lists> {
        let endpoint = self.reads(may_lag);
        let marks = || kinds.iter().map(|kind| key::mark(scope, *kind));
        let mgets = keys
            .chunks(MOST_KEYS - kinds.len())
            .map(|keys| endpoint.ask::<Vec<Option<Vec<u8>>>>(mget(marks().chain(keys.iter().map(ListKey::value)))));
        let mut lists = Lists { mark: Some(i64::MIN), values: Vec::with_capacity(keys.len()) };
        for mut answer in try_join_all(mgets).await.ok()? {
            let values = answer.split_off(kinds.len().min(answer.len()));
            let marks: Option<Vec<i64>> = answer.iter().map(|mark| number(mark.as_deref()?)).collect();
            // Marks never fall: the later ones hold for what was read before as well.
            lists.mark =
                lists.mark.zip(marks.and_then(|marks| marks.into_iter().max())).map(|(one, other)| one.max(other));
            lists.values.extend(values);
        }
        Some(lists)
    }

    /// Raises the marks of kinds to a position; whether Redis has heard of it.
    pub async fn raise_marks(&self, scope: Scope, kinds: &[NodeKind], position: Lsn) -> bool {
        let marks: Vec<String> = kinds.iter().map(|kind| key::mark(scope, *kind)).collect();
        let mut command = evalsha(&MARK, &marks);
        command.arg(position.0).arg(milliseconds(MARK_LIFE));
        self.main.run::<i64>(&MARK, vec![command]).await.is_ok()
    }

    /// Stores nodes in one round trip, each unless a newer one is there or was announced, or it would take longer than `within` to get
    /// there; what became of each, `None` when Redis does not answer.
    pub async fn put_nodes<'a>(&self, fills: impl Iterator<Item = &'a Fill>, within: Duration) -> Option<Vec<Put>> {
        let last_us = self.main.clock_in(within)?;
        let fills: Vec<&Fill> = fills.collect();
        // In a cluster nodes lie apart.
        let of_one_call = if self.main.is_cluster() { 1 } else { MOST_KEYS };
        let commands = fills.chunks(of_one_call).map(|fills| {
            let keys: Vec<String> = fills.iter().flat_map(|fill| [fill.key.value(), fill.key.fence()]).collect();
            let mut command = evalsha(&PUT, &keys);
            for fill in fills {
                command.arg(fill.version).arg(milliseconds(fill.life)).arg(&fill.bytes[..]);
            }
            command.arg(last_us);
            command
        });
        match self.main.run::<Vec<String>>(&PUT, commands.collect()).await {
            Ok(words) => Some(words.iter().flatten().map(|word| Put::of_word(word)).collect()),
            Err(Silence::Full) => Some(vec![Put::Full; fills.len()]),
            Err(_) => None,
        }
    }

    /// Stores lists as they were at a mark.
    pub async fn put_lists(&self, lists: Vec<(ListKey, Vec<u8>)>, life: Duration) -> Option<Put> {
        let commands = lists.iter().map(|(key, bytes)| {
            let mut set = cmd("SET");
            set.arg(key.value()).arg(&bytes[..]).arg("PX").arg(milliseconds(life));
            set
        });
        match self.main.send_all::<String>(commands.collect()).await {
            Ok(_) => Some(Put::Stored),
            Err(Silence::Full) => Some(Put::Full),
            Err(_) => None,
        }
    }

    /// Announces versions; whether Redis has heard of all.
    pub async fn fence(&self, nodes: &[(NodeKey, i64)], life: Duration) -> bool {
        for nodes in nodes.chunks(MOST_SCRIPTS) {
            let commands = nodes.iter().map(|(key, version)| {
                let mut command = evalsha(&FENCE, &[key.value(), key.fence()]);
                command.arg(*version).arg(milliseconds(life));
                command
            });
            if self.main.run::<i64>(&FENCE, commands.collect()).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Whether whole answers can be kept: in a cluster their nodes lie elsewhere.
    pub fn keeps_answers(&self) -> bool {
        !self.main.is_cluster()
    }

    /// The answer to a question, if the nodes that it was made of are still there as they were.
    pub async fn answer(&self, scope: Scope, digest: u128) -> Result<Option<Vec<u8>>, Silence> {
        let command = evalsha(&ANSWER, &[key::answer(scope, digest)]);
        Ok(self.main.run::<Option<Vec<u8>>>(&ANSWER, vec![command]).await?.pop().flatten())
    }

    /// Keeps the answer to a question, and of which nodes it was made.
    pub async fn put_answer(&self, scope: Scope, digest: u128, nodes: &[NodeVersion], body: &[u8], life: Duration) {
        let mut value = format!("{}\n", nodes.len());
        for NodeVersion { kind, id, version } in nodes {
            value += &format!("{version}\n{}\n", NodeKey { scope, kind: *kind, id: *id }.value());
        }
        let mut set = cmd("SET");
        set.arg(key::answer(scope, digest)).arg([value.as_bytes(), body].concat()).arg("PX").arg(milliseconds(life));
        let _ = self.main.ask::<String>(set).await;
    }

    /// Drops a value that nobody can read.
    pub async fn drop_node(&self, key: NodeKey) {
        let mut unlink = cmd("UNLINK");
        unlink.arg(key.value());
        let _ = self.main.ask::<i64>(unlink).await;
    }

    /// Adds to the views of products.
    pub async fn count_views(&self, scope: Scope, views: &[(Uuid, f64)]) {
        let key = key::views(scope);
        let mut commands: Vec<Cmd> = Vec::with_capacity(views.len() + 2);
        for (product, weight) in views {
            let mut add = cmd("ZINCRBY");
            add.arg(&key).arg(*weight).arg(product.simple().to_string());
            commands.push(add);
        }
        let mut cut = cmd("ZREMRANGEBYRANK");
        cut.arg(&key).arg(0).arg(-MOST_VIEWED - 1);
        let mut expire = cmd("PEXPIRE");
        expire.arg(&key).arg(milliseconds(VIEWS_LIFE));
        commands.extend([cut, expire]);
        let _ = self.main.send_all::<redis::Value>(commands).await;
    }

    /// The products with the most views, first things first.
    pub async fn most_viewed(&self, scope: Scope, most: usize) -> Vec<Uuid> {
        let mut range = cmd("ZREVRANGE");
        range.arg(key::views(scope)).arg(0).arg(most.saturating_sub(1));
        let found: Vec<String> = self.main.ask(range).await.unwrap_or_default();
        found.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect()
    }

    /// Asks whether Redis answers, and lets requests through again when it does.
    pub async fn probe(&self) -> bool {
        let is_there = self.main.probe().await;
        if let Some(reads) = self.reads.as_ref().filter(|_| is_there) {
            let is_close = reads.probe().await && self.follows(reads).await;
            self.reads_follow.store(is_close, Ordering::Release);
        }
        is_there
    }

    /// Whether the endpoint for reads has what the main one was told a moment ago.
    async fn follows(&self, reads: &Endpoint) -> bool {
        let mut get = cmd("GET");
        get.arg(BEAT);
        let told_us = reads.ask::<Option<i64>>(get).await.ok().flatten();
        let now_us = self.main.clock_in(Duration::ZERO);
        if let Some(now_us) = now_us {
            let mut set = cmd("SET");
            set.arg(BEAT).arg(now_us).arg("PX").arg(milliseconds(MARK_LIFE));
            let _ = self.main.ask::<String>(set).await;
        }
        let lag_us = now_us.zip(told_us).map(|(now_us, told_us)| now_us - told_us);
        lag_us.is_some_and(|lag_us| lag_us <= MOST_LAG.as_micros() as i64)
    }

    /// Whether a connection was lost since this was last settled: Redis may have come back with what it had before.
    pub fn was_away(&self) -> bool {
        self.main.was_away()
    }

    /// How often a connection was lost.
    pub fn outages(&self) -> u64 {
        self.main.outages()
    }

    /// All is told to Redis that it may have missed in so many outages.
    pub fn is_back(&self, outages: u64) {
        self.main.is_back(outages);
    }
}

fn mget(keys: impl Iterator<Item = String>) -> Cmd {
    let mut mget = cmd("MGET");
    keys.for_each(|key| {
        mget.arg(key);
    });
    mget
}

fn number(digits: &[u8]) -> Option<i64> {
    str::from_utf8(digits).ok()?.parse().ok()
}

fn milliseconds(life: Duration) -> u64 {
    life.as_millis() as u64
}
