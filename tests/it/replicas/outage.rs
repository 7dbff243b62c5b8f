//! Servers and wires that go away and come back: browsing goes on, writes say what became of them, and nothing hangs.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Answer, Fleet, Shop, until, while_browsing};

/// Whoever waits for a server that is away does not wait for long.
const IMPATIENT: [&str; 4] = ["--connection-wait-ms", "700", "--health-timeout-ms", "400"];

/// What may become of a write while the primary comes and goes: it is done, or its client knows what to do.
#[track_caller]
fn assert_says_what_became_of_it(answer: &Answer) {
    if answer.json.get("errors").is_none() {
        return;
    }
    let (code, error) = (answer.error().0, &answer.json["errors"][0]["extensions"]);
    assert!(code == "UNAVAILABLE" || code == "TIMEOUT", "{}", answer.text);
    let may_have_happened = answer.headers.contains_key("x-consistency-token") || error["outcome"] == "UNKNOWN";
    assert_eq!(answer.headers.contains_key("retry-after"), !may_have_happened, "{}", answer.text);
    assert!(may_have_happened || answer.status == 503, "{}", answer.text);
}

async fn writes_again(shop: &Shop, id: &str, name: &str) {
    until("writes are taken again", async || {
        let answer = shop.rename(id, name).await;
        assert_says_what_became_of_it(&answer);
        answer.json["data"]["storeUpdate"]["store"]["name"] == name
    })
    .await;
}

/// Renames until the work is done.
async fn while_renaming<T>(shop: &Shop, id: &str, work: impl Future<Output = T>) -> (T, Vec<Answer>) {
    let mut answers = Vec::new();
    tokio::pin!(work);
    loop {
        let renamed = shop.rename(id, "again");
        tokio::pin!(renamed);
        tokio::select! {
            outcome = &mut work => {
                answers.push(renamed.await);
                return (outcome, answers);
            }
            answer = &mut renamed => answers.push(answer),
        }
    }
}

#[tokio::test]
async fn while_the_primary_is_away_replicas_serve_all_that_they_have_and_nothing_older() {
    let fleet = Fleet::faulty().await;
    let shop = fleet.instance(&IMPATIENT).await;
    let id = shop.store("acme").await;
    shop.until_in_use().await;

    // Restarted.
    let work = while_renaming(&shop, &id, async { fleet.primary().restart().await.unwrap() });
    let (((), renamed), browsed) = while_browsing(&shop, 4, work).await;
    assert_eq!(browsed.failed, Vec::<String>::new());
    renamed.iter().for_each(assert_says_what_became_of_it);
    writes_again(&shop, &id, "known").await;

    // Away, while one token stands for what the replicas have, and another for what they lack.
    let known = shop.rename(&id, "known").await.token();
    fleet.stack().await_replay().await.unwrap();
    for replica in fleet.stack().replicas() {
        replica.pause_replay().await.unwrap();
    }
    let unknown = shop.rename(&id, "unknown").await.token();
    fleet.primary().stop().await.unwrap();
    let begun = Instant::now();
    let work = async {
        while begun.elapsed() < Duration::from_secs(3) {
            let (old, new, renamed) =
                tokio::join!(shop.acme_with(&known), shop.acme_with(&unknown), shop.rename(&id, "never"));
            assert_eq!(old.string("/store/name"), "known");
            assert!(old.hosts().iter().all(|(_, role)| role == "replica"), "{}", old.text);
            for refused in [new, renamed] {
                assert_eq!((refused.error().0.as_str(), refused.status), ("UNAVAILABLE", 503), "{}", refused.text);
                assert_eq!(refused.headers["retry-after"], "1");
            }
        }
    };
    let ((), browsed) = while_browsing(&shop, 4, work).await;
    assert_eq!(browsed.failed, Vec::<String>::new());
    assert!(browsed.answered > 50, "{browsed:?}");

    // What the replicas replay by now they may serve.
    for replica in fleet.stack().replicas() {
        replica.resume_replay().await.unwrap();
    }
    until("a replica serves the later write", async || {
        let answer = shop.acme_with(&unknown).await;
        answer.json.get("errors").is_none() && answer.string("/store/name") == "unknown"
    })
    .await;

    fleet.primary().start().await.unwrap();
    writes_again(&shop, &id, "back").await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_replica_that_goes_away_fails_no_query_and_comes_back_by_itself() {
    let fleet = Fleet::faulty().await;
    let shop = fleet.instance(&IMPATIENT).await;
    shop.store("acme").await;
    shop.until_in_use().await;
    let replica = fleet.replica(0);
    let set_aside = async || until("it is set aside", async || shop.statuses().await[1] == "unreachable").await;

    let work = async {
        replica.stop().await.unwrap();
        set_aside().await;
        replica.start().await.unwrap();
        shop.until_in_use().await;
        replica.kill().await.unwrap();
        set_aside().await;
        replica.start().await.unwrap();
        shop.until_in_use().await;
        replica.freeze().await.unwrap();
        set_aside().await;
        replica.thaw().await.unwrap();
        shop.until_in_use().await;
        fleet.replica(1).crash_back_end().await.unwrap();
        shop.until_in_use().await;
    };
    let ((), browsed) = while_browsing(&shop, 8, work).await;

    assert_eq!(browsed.failed, Vec::<String>::new());
    until("it is read from", async || shop.acme().await.hosts()[0].0 == replica.address().to_string()).await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_wire_that_swallows_everything_hangs_nothing_and_heals() {
    let fleet = Fleet::shared().await;
    let (primary, replica) = (fleet.primary().proxy().unwrap(), fleet.replica(0).proxy().unwrap());
    let urls = [replica.url(&fleet.replica_urls()[0]), fleet.replica_urls()[1].clone()];
    let shop = fleet.instance_on(&primary.url(&fleet.primary_url()), &urls, &IMPATIENT).await;
    let id = shop.store("acme").await;
    shop.until_in_use().await;

    let work = async {
        replica.swallow();
        until("the replica is set aside", async || shop.statuses().await[1] == "unreachable").await;
        replica.heal().unwrap();
        shop.until_in_use().await;
    };
    let ((), browsed) = while_browsing(&shop, 8, work).await;
    assert_eq!(browsed.failed, Vec::<String>::new());

    let work = async {
        primary.swallow();
        join_all((0..8).map(|_| shop.rename(&id, "lost"))).await
    };
    let (renamed, browsed) = while_browsing(&shop, 4, work).await;
    assert_eq!(browsed.failed, Vec::<String>::new());
    assert!(renamed.iter().all(|answer| answer.json.get("errors").is_some()));
    renamed.iter().for_each(assert_says_what_became_of_it);

    primary.heal().unwrap();
    writes_again(&shop, &id, "back").await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn without_any_server_a_query_of_many_loaders_is_told_so_in_time() {
    let fleet = Fleet::faulty().await;
    // As they are when nothing is set: eight waits in a row would be longer than the request.
    let shop = fleet.instance(&["--connection-wait-ms", "1500", "--request-timeout-ms", "10000"]).await;
    shop.until_in_use().await;
    let (store, category) = (shop.store("acme").await, shop.category("menu", None).await);
    let (product, user) = (shop.product(&store, "mug").await, shop.user("ada@shop.example").await);
    // All may be null, so none of them ends the others.
    let query = "query ($store: ID!, $category: ID!, $product: ID!, $user: ID!) { \
                 a: store(slug: \"acme\") { id } b: category(slug: \"menu\") { id } \
                 c: product(slug: \"mug\") { id } d: user(email: \"ada@shop.example\") { id } \
                 e: store(id: $store) { name } f: category(id: $category) { name } \
                 g: product(id: $product) { name } h: user(id: $user) { email } }";
    let ids = json!({ "store": store, "category": category, "product": product, "user": user });
    assert_eq!(shop.explain(query, ids.clone()).await.statements(), 8);
    for node in [fleet.replica(0), fleet.replica(1), fleet.primary()] {
        node.stop().await.unwrap();
    }

    for _ in 0..2 {
        let answer = shop.ask_as_staff(query, ids.clone()).await;

        let errors = answer.json["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "UNAVAILABLE"), "{}", answer.text);
        assert_eq!((errors.len(), answer.status), (8, 503), "{}", answer.text);
        assert_eq!(answer.headers["retry-after"], "1");
    }
    shop.stop().await;
    fleet.end().await;
}
