//! What `/metrics` tells of replicas and tokens. The program itself is asked, since a process has one set of metrics.

use std::time::Duration;

use serde_json::{Value, json};
use storefront::auth::SecretKey;
use storefront::db::{Token, TokenCodec};
use tempfile::TempDir;

use super::acme::{name, roles, rows};
use crate::support::{Answer, EXPLAIN, Fleet, Program, STAFF, STAFF_KEY, TOKEN, until};

const SECRET: &str = "the secret key of this program";

/// The program on all servers of a fleet.
struct Served {
    program: Program,
    _folder: TempDir,
}

impl Served {
    async fn start(fleet: &Fleet, environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (primary, replicas) = (fleet.primary_url(), fleet.replica_urls().join(","));
        let own = [
            ("DATABASE_URL", primary.as_str()),
            ("REPLICA_URLS", &replicas),
            ("STOREFRONT_SECRET_KEY", SECRET),
            ("STOREFRONT_STAFF_KEY", STAFF_KEY),
        ];
        let program = Program::serve(folder.path(), &[&own, environment].concat()).await;
        let served = Self { program, _folder: folder };
        for replica in fleet.stack().replicas() {
            let host = format!("127.0.0.1:{}", replica.port());
            let is_used = async || served.metric("storefront_host_in_use", &[("host", &host)]).await == 1.0;
            until(&format!("{host} is in use"), is_used).await;
        }
        served
    }

    async fn send(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> Answer {
        self.program.post(json!({ "query": query, "variables": variables }), headers).await
    }

    async fn read(&self, headers: &[(&str, &str)]) -> Answer {
        self.send("{ store(slug: \"acme\") { id name } }", json!({}), &[&[EXPLAIN], headers].concat()).await
    }

    /// Gives acme, whose id is told, a name; the token of that.
    async fn rename(&self, id: &str, name: &str) -> String {
        let mutation = "mutation ($input: StoreUpdateInput!) { storeUpdate(input: $input) { store { name } } }";
        self.send(mutation, json!({ "input": { "id": id, "name": name } }), &[STAFF]).await.token()
    }

    /// The sum of all samples of a metric that have these labels; zero when there is none.
    async fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.program.metric(name, labels).await
    }

    async fn tokens(&self, outcome: &str) -> f64 {
        self.metric("storefront_tokens_total", &[("outcome", outcome)]).await
    }

    async fn pins(&self, reason: &str) -> f64 {
        self.metric("storefront_pins_total", &[("reason", reason)]).await
    }
}

#[tokio::test]
async fn reads_and_waits_are_counted_by_host_and_role() {
    let fleet = Fleet::shared().await;
    fleet.primary().execute(&fleet.database, &rows("acme", 1)).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let served = Served::start(&fleet, &[]).await;
    let reads = async |role| served.metric("storefront_reads_total", &[("role", role)]).await;
    let before = (reads("replica").await, reads("primary").await);

    for _ in 0..6 {
        served.read(&[]).await;
    }
    assert_eq!((reads("replica").await, reads("primary").await), (before.0 + 6.0, before.1));
    for replica in fleet.stack().replicas() {
        let host = format!("127.0.0.1:{}", replica.port());
        let labels = [("host", host.as_str()), ("role", "replica")];
        let reads = served.metric("storefront_reads_total", &labels).await;
        let waits = served.metric("storefront_connection_wait_seconds_count", &labels[..1]).await;
        let staleness = served.metric("storefront_replica_staleness_seconds", &labels[..1]).await;
        assert!(reads >= 1.0 && waits == reads, "{reads} reads, {waits} waits");
        assert!(staleness > 0.0 && staleness < 10.0, "{staleness}");
    }

    let id = served.read(&[]).await.string("/store/id");
    served.rename(&id, "new").await;
    assert!(reads("primary").await > before.1);
    assert_eq!(reads("replica").await, before.0 + 7.0);
    served.program.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn tokens_are_counted_by_outcome_and_pins_by_reason() {
    let fleet = Fleet::shared().await;
    fleet.primary().execute(&fleet.database, &rows("acme", 1)).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let served = Served::start(&fleet, &[]).await;
    let id = served.read(&[]).await.string("/store/id");
    let codec = TokenCodec::new(SecretKey::new(SECRET).seal("consistency"));
    assert_eq!((served.tokens("issued").await, served.pins("mutation").await), (0.0, 0.0));

    let token = served.rename(&id, "new").await;
    assert_eq!((served.tokens("issued").await, served.pins("mutation").await), (1.0, 1.0));

    served.read(&[(TOKEN, &token)]).await;
    assert_eq!(served.tokens("accepted").await, 1.0);

    served.read(&[(TOKEN, "garbage,more garbage"), ("cookie", "storefront_consistency_1=garbage")]).await;
    served.read(&[(TOKEN, &token[1..])]).await;
    assert_eq!(served.tokens("invalid").await, 4.0);

    let seal = |change: fn(&mut Token)| {
        let mut opened = codec.open(&token).unwrap();
        change(&mut opened);
        codec.close(&opened)
    };
    let expired = seal(|token| token.issued_us -= 31_000_000);
    assert_eq!(roles(&served.read(&[(TOKEN, &expired)]).await), ["replica"]);
    assert_eq!(served.tokens("expired").await, 1.0);

    for (outcome, forged) in [
        ("other_epoch", seal(|token| token.position.as_mut().unwrap().0.system ^= 1)),
        ("future", seal(|token| token.issued_us += 60_000_000)),
        ("unknown_position", seal(|token| token.primary_until_us = Some(token.issued_us + 30_000_000))),
    ] {
        assert_eq!(roles(&served.read(&[(TOKEN, &forged)]).await), ["primary"], "{outcome}");
        assert_eq!((served.tokens(outcome).await, served.pins(outcome).await), (1.0, 1.0), "{outcome}");
    }
    assert_eq!((served.tokens("accepted").await, served.pins("mutation").await), (1.0, 1.0));
    served.program.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn waits_for_replicas_and_servers_set_aside_are_counted_as_they_happen() {
    let fleet = Fleet::faulty().await;
    fleet.primary().execute(&fleet.database, &rows("acme", 1)).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let limits = [
        ("STOREFRONT_TOKEN_WAIT_MS", "1000"),
        ("STOREFRONT_MAX_STALENESS_MS", "3000"),
        ("STOREFRONT_TOKEN_LIFE_MS", "60000"),
    ];
    let served = Served::start(&fleet, &limits).await;
    let id = served.read(&[]).await.string("/store/id");
    let waits = async |outcome| served.metric("storefront_token_wait_seconds_count", &[("outcome", outcome)]).await;
    assert_eq!((waits("caught_up").await, waits("behind").await), (0.0, 0.0));

    // Each commit is replayed a moment later than it was made: a read that follows at once has to wait for it.
    for replica in fleet.stack().replicas() {
        replica.set_apply_delay(Duration::from_millis(150)).await.unwrap();
    }
    let mut written = 0;
    until("a replica that was waited for serves a read", async || {
        written += 1;
        let new = format!("new {written}");
        let token = served.rename(&id, &new).await;
        let before = waits("caught_up").await;
        let answer = served.read(&[(TOKEN, &token)]).await;
        assert_eq!(name(&answer), new);
        waits("caught_up").await > before && roles(&answer) == ["replica"]
    })
    .await;

    // At the start a replica may have counted as stale, until its first check.
    let mut set_aside = Vec::new();
    for replica in fleet.stack().replicas() {
        let labels = [("host", &*format!("127.0.0.1:{}", replica.port())), ("reason", "stale")];
        set_aside.push(served.metric("storefront_set_asides_total", &labels).await);
    }
    for replica in fleet.stack().replicas() {
        replica.set_apply_delay(Duration::ZERO).await.unwrap();
        replica.pause_replay().await.unwrap();
    }
    let pins = served.pins("replicas_behind").await;
    let behind = waits("behind").await;
    let token = served.rename(&id, "newest").await;
    let answer = served.read(&[(TOKEN, &token)]).await;
    assert_eq!((name(&answer).as_str(), roles(&answer)), ("newest", vec!["primary".to_owned()]));
    assert_eq!((waits("behind").await, served.pins("replicas_behind").await), (behind + 1.0, pins + 1.0));

    for (replica, before) in fleet.stack().replicas().iter().zip(set_aside) {
        let host = format!("127.0.0.1:{}", replica.port());
        until(&format!("{host} is set aside"), async || {
            let labels = [("host", host.as_str()), ("reason", "stale")];
            served.metric("storefront_set_asides_total", &labels).await == before + 1.0
                && served.metric("storefront_replica_staleness_seconds", &labels[..1]).await > 3.0
                && served.metric("storefront_host_in_use", &labels[..1]).await == 0.0
        })
        .await;
    }
    let gone = fleet.replica(0);
    gone.stop().await.unwrap();
    let labels = [("host", &*format!("127.0.0.1:{}", gone.port())), ("reason", "unreachable")];
    until("a stopped replica is set aside", async || {
        served.metric("storefront_set_asides_total", &labels).await == 1.0
    })
    .await;
    served.program.stop().await;
    fleet.end().await;
}
