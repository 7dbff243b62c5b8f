//! One client that writes and reads back, one browser, and what they have seen.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::installation::{Answer, Installation};

const READ_EVERY: Duration = Duration::from_secs(1);
/// What the server is told by default; a browser drops the cookie then.
const TOKEN_LIFE: Duration = Duration::from_secs(30);
const AT_ONE_TIME: usize = 16;

const CREATE: &str = "mutation ($input: StoreCreateInput!) { storeCreate(input: $input) { store { id } } }";
const WRITE: &str = "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { store { name } } }";
const STORE: &str = "query ($id: ID!) { store(id: $id) { id name } }";
const PRODUCT: &str = "query ($id: ID!) { product(id: $id) { id name store { name } } }";

/// What one client or browser has seen.
#[derive(Default)]
pub struct Seen {
    /// Reads of one's own write.
    pub own: u64,
    pub stale: u64,
    pub failed: u64,
    pub first_failure: Option<String>,
    /// Reads without a token, and those of them that replicas alone answered.
    pub without_token: u64,
    pub without_token_on_replicas: u64,
    /// Reads of one's own write, with a token that counts and after its life.
    pub times_with_token: Vec<Duration>,
    pub times_without_token: Vec<Duration>,
}

impl Seen {
    pub fn add(&mut self, other: Self) {
        self.own += other.own;
        self.stale += other.stale;
        self.failed += other.failed;
        self.first_failure = self.first_failure.take().or(other.first_failure);
        self.without_token += other.without_token;
        self.without_token_on_replicas += other.without_token_on_replicas;
        self.times_with_token.extend(other.times_with_token);
        self.times_without_token.extend(other.times_without_token);
    }

    fn read(&mut self, answer: &Answer, with_token: bool, is_own: bool) {
        if !with_token {
            self.without_token += 1;
            self.without_token_on_replicas += u64::from(answer.roles.iter().all(|role| role == "replica"));
        }
        if is_own {
            let times = if with_token { &mut self.times_with_token } else { &mut self.times_without_token };
            times.push(answer.took);
        }
    }

    fn fail(&mut self, error: &anyhow::Error) {
        self.failed += 1;
        self.first_failure.get_or_insert_with(|| format!("{error:#}"));
    }
}

pub struct Client {
    pub store: String,
    /// Which server it asks first.
    pub number: usize,
    /// Leaves its tokens out.
    pub is_forgetful: bool,
    /// How often it writes, and how many seconds it reads after each write.
    pub writes: u32,
    pub every: u32,
}

pub async fn write_and_read_back(installation: Arc<Installation>, client: Client, start: Instant) -> Seen {
    let mut seen = Seen::default();
    let mut server = client.number;
    sleep_until(start).await;
    let mut expected = "0".to_owned();
    let mut ticks = every_second();
    for write in 1..=client.writes {
        server += 1;
        let change = json!({ "input": { "id": client.store, "name": write.to_string() } });
        let mut token = None;
        ticks.tick().await;
        match installation.ask(server, WRITE, change, None).await {
            Ok(answer) => {
                expected = write.to_string();
                token = answer.token;
            }
            Err(error) => seen.fail(&error),
        }
        let acknowledged = Instant::now();
        for second in 0..client.every {
            if second > 0 {
                ticks.tick().await;
            }
            server += 1;
            let token = token.as_deref().filter(|_| !client.is_forgetful && acknowledged.elapsed() < TOKEN_LIFE);
            match installation.ask(server, STORE, json!({ "id": client.store }), token).await {
                Ok(answer) => {
                    seen.own += 1;
                    seen.stale += u64::from(answer.data["store"]["name"] != expected.as_str());
                    seen.read(&answer, token.is_some(), true);
                }
                Err(error) => seen.fail(&error),
            }
        }
    }
    seen
}

pub async fn browse(
    installation: Arc<Installation>,
    shown: Arc<Shown>,
    number: u32,
    start: Instant,
    reads: u32,
) -> Seen {
    let mut seen = Seen::default();
    sleep_until(start).await;
    let mut ticks = every_second();
    for read in 0..reads {
        ticks.tick().await;
        let turn = (number + read) as usize;
        let is_store = turn.is_multiple_of(2);
        let (query, ids) = if is_store { (STORE, &shown.stores) } else { (PRODUCT, &shown.products) };
        let id = &ids[turn / 2 % ids.len()];
        match installation.ask(turn / 2, query, json!({ "id": id }), None).await {
            Ok(answer) => seen.read(&answer, false, false),
            Err(error) => seen.fail(&error),
        }
    }
    seen
}

fn every_second() -> tokio::time::Interval {
    let mut ticks = interval(READ_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// What browsers look at.
pub struct Shown {
    stores: Vec<String>,
    products: Vec<String>,
}

pub async fn shown(installation: &Installation) -> anyhow::Result<Arc<Shown>> {
    let query = "{ stores(first: 20, after: null) { nodes { id } } products(first: 100) { nodes { id } } }";
    let answer = installation.ask(0, query, json!({}), None).await?;
    let ids = |list: &str| {
        let nodes = answer.data[list]["nodes"].as_array().into_iter().flatten();
        nodes.filter_map(|node| Some(node["id"].as_str()?.to_owned())).collect::<Vec<_>>()
    };
    let shown = Shown { stores: ids("stores"), products: ids("products") };
    ensure!(!shown.stores.is_empty() && !shown.products.is_empty(), "there is nothing to look at");
    Ok(Arc::new(shown))
}

/// A store for each client, called 0.
pub async fn create_stores(installation: &Installation, count: u32) -> anyhow::Result<Vec<String>> {
    let create = async |number: u32| {
        let input = json!({ "slug": format!("client-{number}"), "name": "0", "currencyCode": "EUR" });
        let answer = installation.ask(0, CREATE, json!({ "input": input }), None).await?;
        let id = answer.data["storeCreate"]["store"]["id"].as_str().map(str::to_owned);
        id.with_context(|| format!("no store was made: {}", Value::to_string(&answer.data)))
    };
    let mut stores = Vec::new();
    for numbers in (0..count).collect::<Vec<_>>().chunks(AT_ONE_TIME) {
        stores.extend(try_join_all(numbers.iter().map(|number| create(*number))).await?);
    }
    Ok(stores)
}
