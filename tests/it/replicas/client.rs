//! What clients do and are told: stores that are written, read back with a token or without, and looked up past all servers.

use devstack::Node;
use serde_json::{Value, json};

use crate::support::{Answer, EXPLAIN, Fleet, STAFF, Shop, TOKEN, until};

const CREATE: &str =
    "mutation ($input: StoreCreateInput!) { storeCreate(input: $input) { store { slug } userErrors { message } } }";
const READ: &str = "query ($slug: String!) { store(slug: $slug) { name } }";

/// Flags of an instance that soon says that there is no primary.
pub const PATIENCE: [&str; 2] = ["--connection-wait-ms", "500"];

/// How a write ended, as its client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Acknowledged,
    /// Nothing was written.
    Refused,
    Unknown,
}

/// What a read found, and who served it.
#[derive(Debug)]
pub struct Read {
    pub name: Option<String>,
    pub host: String,
    pub role: String,
}

/// Creates a store; how that ended, and the token.
pub async fn create(shop: &Shop, slug: &str) -> (Outcome, String) {
    create_with(shop, slug, "").await
}

/// The same by a client that has a token already.
pub async fn create_with(shop: &Shop, slug: &str, token: &str) -> (Outcome, String) {
    let input = json!({ "input": { "slug": slug, "name": slug, "currencyCode": "EUR" } });
    let answer = shop.send(CREATE, input, &[STAFF, (TOKEN, token)]).await;
    let token = answer.headers.get(TOKEN).map(|token| token.to_str().unwrap().to_owned());
    let outcome = outcome(&answer);
    assert_eq!(token.is_some(), outcome != Outcome::Refused, "{}", answer.text);
    (outcome, token.unwrap_or_default())
}

fn outcome(answer: &Answer) -> Outcome {
    let Some(error) = answer.json["errors"].get(0) else {
        assert_eq!(answer.data("/storeCreate/userErrors"), &json!([]), "{}", answer.text);
        return Outcome::Acknowledged;
    };
    assert!(["UNAVAILABLE", "TIMEOUT"].contains(&answer.error().0.as_str()), "{}", answer.text);
    match error["extensions"]["outcome"].as_str() {
        None => Outcome::Refused,
        // Only the payload is missing.
        Some("COMMITTED") => Outcome::Acknowledged,
        Some(_) => Outcome::Unknown,
    }
}

/// Reads a store by its slug, with tokens or `""` for none; `None` when that is not available.
pub async fn read(shop: &Shop, slug: &str, token: &str) -> Option<Read> {
    let answer = shop.send(READ, json!({ "slug": slug }), &[EXPLAIN, (TOKEN, token)]).await;
    if answer.json["errors"].is_array() {
        assert_eq!(answer.error().0, "UNAVAILABLE", "{}", answer.text);
        return None;
    }
    Some(read_of(&answer))
}

/// What an explained answer to the reading query says.
pub fn read_of(answer: &Answer) -> Read {
    let extensions = &answer.json["extensions"];
    let statements = extensions["explain"]["statements"].as_array().unwrap();
    Read {
        name: answer.data("/store").get("name").map(|name| name.as_str().unwrap().to_owned()),
        host: extensions["consistency"]["servedBy"].as_str().unwrap().to_owned(),
        role: statements.last().unwrap()["role"].as_str().unwrap().to_owned(),
    }
}

/// A node as answers name it.
pub fn name_of(node: &Node) -> String {
    node.address().to_string()
}

/// Waits until an instance takes its servers for this.
pub async fn until_statuses(shop: &Shop, expected: &[&str]) {
    until(&format!("the servers are {expected:?}"), async || shop.statuses().await == expected).await;
}

/// Waits until an instance writes; the slug of what it has written first, and the token.
pub async fn until_written(shop: &Shop, slug: &str) -> (String, String) {
    let (mut attempt, mut written) = (0, None);
    until("a write is acknowledged", async || {
        attempt += 1;
        let slug = format!("{slug}-{attempt}");
        let (outcome, token) = create(shop, &slug).await;
        written = (outcome == Outcome::Acknowledged).then_some((slug, token));
        written.is_some()
    })
    .await;
    written.unwrap()
}

/// How often a server was set aside for a reason.
pub async fn set_asides(shop: &Shop, node: &Node, reason: &str) -> u64 {
    shop.metric("storefront_set_asides_total", &[("host", &name_of(node)), ("reason", reason)]).await as u64
}

/// How many of these stores a node has.
pub async fn count(fleet: &Fleet, node: &Node, slugs: &[String]) -> usize {
    let slugs: Vec<String> = slugs.iter().map(|slug| format!("'{slug}'")).collect();
    let slugs = if slugs.is_empty() { "NULL".to_owned() } else { slugs.join(", ") };
    fleet.number_on(node, &format!("SELECT count(*) FROM stores WHERE slug IN ({slugs})")).await as usize
}

/// One number that every write of a client changes.
pub async fn mark(fleet: &Fleet, node: &Node) -> i64 {
    const MARK: &str =
        "SELECT (SELECT coalesce(sum(version), 0)::bigint FROM stores) + (SELECT count(*) FROM change_log)";
    fleet.number_on(node, MARK).await
}

/// Writes that are refused, and have written nothing on any node.
pub async fn assert_refused(fleet: &Fleet, nodes: &[&Node], shop: &Shop) {
    let mut before = Vec::new();
    for node in nodes {
        before.push(mark(fleet, node).await);
    }
    for slug in ["refused-1", "refused-2"] {
        assert_eq!(create(shop, slug).await.0, Outcome::Refused, "{:?}", shop.statuses().await);
    }
    for (node, before) in nodes.iter().zip(before) {
        assert_eq!(mark(fleet, node).await, before, "{} was written to", node.name());
    }
}

/// Ends the sessions of servers on the primary: of their requests, their checks, or all.
pub async fn end_sessions(fleet: &Fleet, like: &str) {
    let sql = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = '{}' AND application_name LIKE '{like}'",
        fleet.database
    );
    fleet.primary().execute("postgres", &sql).await.unwrap();
}

/// Ends the replication to both replicas: they lack everything that is written from now on.
pub async fn cut_replication(fleet: &Fleet) {
    for replica in fleet.stack().replicas() {
        replica.execute("postgres", "ALTER SYSTEM SET primary_conninfo = ''").await.unwrap();
        replica.execute("postgres", "SELECT pg_reload_conf()").await.unwrap();
        until("the replica receives nothing", async || {
            fleet.number_on(replica, "SELECT count(*) FROM pg_stat_wal_receiver").await == 0
        })
        .await;
    }
}

/// Waits until so many sessions of the primary wait for this.
pub async fn until_waiting(fleet: &Fleet, what: &str, sessions: usize) {
    let waiting = format!("SELECT count(*) FROM pg_stat_activity WHERE {what}");
    until(&format!("{sessions} sessions wait, {what}"), async || {
        fleet.number_on(fleet.primary(), &waiting).await == sessions as i64
    })
    .await;
}

/// The statement that inserts a store by hand.
pub fn insert_store(slug: &str, name: &str) -> String {
    format!(
        "INSERT INTO stores (id, slug, name, currency_code, created_at, updated_at) \
         VALUES (gen_random_uuid(), '{slug}', '{name}', 'EUR', now(), now())"
    )
}

/// The cookies that a browser holds for the shop's site, whichever instance set them.
#[derive(Default)]
pub struct Jar(std::collections::BTreeMap<String, String>);

impl Jar {
    pub fn take(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0;") {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub fn header(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// Gives a store another name.
pub async fn rename(shop: &Shop, id: &str, name: &str, headers: &[(&str, &str)]) -> Answer {
    let mutation = "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { userErrors { message } } }";
    let input = json!({ "input": { "id": id, "name": name } });
    let answer = shop.send(mutation, input, &[&[STAFF], headers].concat()).await;
    assert_eq!(answer.data("/storeUpdate/userErrors"), &Value::from(Vec::<Value>::new()), "{}", answer.text);
    answer
}

/// Reads a store with headers of one's choice.
pub async fn read_with(shop: &Shop, slug: &str, headers: &[(&str, &str)]) -> Read {
    read_of(&shop.send(READ, json!({ "slug": slug }), &[&[EXPLAIN], headers].concat()).await)
}
