//! The primary is killed while clients write, and a replica is promoted: what is kept, what is lost, and what is served meanwhile.

use std::cell::{Cell, RefCell};

use devstack::Node;
use futures_util::future::join_all;

use super::client::{
    Outcome, PATIENCE, count, create, create_with, cut_replication, insert_store, name_of, read, until_statuses,
    until_waiting, until_written,
};
use crate::support::{Fleet, Shop, until};

const WRITERS: usize = 4;

/// What clients were told of their writes.
#[derive(Default)]
struct Account {
    acknowledged: RefCell<Vec<String>>,
    refused: RefCell<Vec<String>>,
    unknown: RefCell<Vec<String>>,
    /// A slug and the token that came with its acknowledgement, before the failover began.
    old: RefCell<Vec<(String, String)>>,
    has_begun: Cell<bool>,
    is_over: Cell<bool>,
}

impl Account {
    /// Creates stores and reads each back through another instance, until the failover is over.
    async fn write(&self, writer: usize, instances: &[Shop]) {
        for turn in 0.. {
            let slug = format!("store-{writer}-{turn}");
            let (outcome, token) = create(&instances[turn % instances.len()], &slug).await;
            match outcome {
                Outcome::Acknowledged => &self.acknowledged,
                Outcome::Refused => &self.refused,
                Outcome::Unknown => &self.unknown,
            }
            .borrow_mut()
            .push(slug.clone());
            if outcome == Outcome::Acknowledged {
                if let Some(found) = read(&instances[(turn + 1) % instances.len()], &slug, &token).await {
                    assert_eq!(found.name.as_ref(), Some(&slug), "an own write is not seen: {found:?}");
                }
                if !self.has_begun.get() {
                    self.old.borrow_mut().push((slug, token));
                }
            }
            if self.is_over.get() {
                return;
            }
        }
    }

    /// Reads without a token until the failover is over; how many reads, each of which was answered.
    async fn browse(&self, instances: &[Shop]) -> usize {
        for turn in 0.. {
            let found = read(&instances[turn % instances.len()], "acme", "").await;
            assert!(found.is_some_and(|found| found.name.is_some()), "browsing did not go on");
            if self.is_over.get() {
                return turn;
            }
        }
        unreachable!("it ends when the failover is over")
    }

    async fn until_acknowledged(&self, more: usize) {
        let begin = self.acknowledged.borrow().len();
        until("writes are acknowledged", async || self.acknowledged.borrow().len() >= begin + more).await;
    }
}

/// What an instance takes its servers for, when it takes these for that and the killed primary is away.
fn expected<'a>(fleet: &Fleet, promoted: &Node, other: &'a str) -> [&'a str; 3] {
    let is_first = name_of(fleet.replica(0)) == name_of(promoted);
    if is_first { ["unreachable", "primary", other] } else { ["unreachable", other, "primary"] }
}

#[tokio::test]
async fn with_a_synchronous_standby_a_failover_loses_nothing_that_was_acknowledged() {
    let fleet = Fleet::faulty().await;
    fleet.stack().set_synchronous("ANY 1 (*)").await.unwrap();
    fleet.primary().execute(&fleet.database, &insert_store("acme", "Acme")).await.unwrap();
    fleet.stack().await_replay().await.unwrap();
    let instances = [fleet.instance(&PATIENCE).await, fleet.instance(&PATIENCE).await];
    let account = Account::default();

    let writers = join_all((0..WRITERS).map(|writer| account.write(writer, &instances)));
    let failover = async {
        account.until_acknowledged(40).await;
        account.has_begun.set(true);
        // The replica that is cut off last has what the other one lacks.
        cut_replication(&fleet).await;
        until_waiting(&fleet, "wait_event = 'SyncRep'", WRITERS).await;
        fleet.primary().kill().await.unwrap();
        let (promoted, other) = fleet.by_log().await;
        promoted.promote().await.unwrap();
        account.until_acknowledged(40).await;
        account.is_over.set(true);
        (promoted, other)
    };
    let (_, reads, (promoted, other)) = tokio::join!(writers, account.browse(&instances), failover);

    let [acknowledged, refused, unknown] =
        [account.acknowledged, account.refused, account.unknown].map(RefCell::into_inner);
    let [kept, kept_refused, kept_unknown] =
        [&acknowledged, &refused, &unknown].map(|slugs| count(&fleet, promoted, slugs));
    let (kept, kept_unknown) = (kept.await, kept_unknown.await);
    println!(
        "acknowledged {}, kept {kept}; refused {}; unknown {}, kept {kept_unknown}; reads meanwhile {reads}",
        acknowledged.len(),
        refused.len(),
        unknown.len()
    );
    assert_eq!(kept, acknowledged.len(), "an acknowledged write was lost");
    assert_eq!(kept_refused.await, 0, "a refused write was kept");
    assert!(unknown.len() >= WRITERS, "whose commit waited for a standby is told that nobody knows");

    let old = account.old.into_inner();
    for shop in &instances {
        until_statuses(shop, &expected(&fleet, promoted, "other_timeline")).await;
        for (slug, token) in old.iter().take(10) {
            let found = read(shop, slug, token).await.unwrap();
            assert_eq!((found.name.as_ref(), found.role.as_str()), (Some(slug), "primary"), "{found:?}");
        }
        let (_, token) = create(shop, &format!("after-{}", shop.address.port())).await;
        for token in ["", &token].repeat(5) {
            assert_eq!(read(shop, "acme", token).await.unwrap().host, name_of(promoted), "an old timeline was read");
        }
    }

    other.follow(promoted).await.unwrap();

    for shop in &instances {
        until_statuses(shop, &expected(&fleet, promoted, "replica")).await;
        let slug = format!("followed-{}", shop.address.port());
        let (_, token) = create(shop, &slug).await;
        until("the replica serves a read with a token of the new timeline", async || {
            let found = read(shop, &slug, &token).await.unwrap();
            assert_eq!(found.name.as_ref(), Some(&slug));
            found.host == name_of(other)
        })
        .await;
    }
    for shop in instances {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn a_commit_that_no_standby_has_is_not_acknowledged_when_one_is_asked_for() {
    let fleet = Fleet::faulty().await;
    fleet.stack().set_synchronous("ANY 1 (*)").await.unwrap();
    let shop = fleet.instance(&["--statement-timeout-ms", "100", "--request-timeout-ms", "1000"]).await;
    for replica in fleet.stack().replicas() {
        replica.stop().await.unwrap();
    }

    let (outcome, token) = create(&shop, "alone").await;

    assert_eq!(outcome, Outcome::Unknown);
    for replica in fleet.stack().replicas() {
        replica.start().await.unwrap();
    }
    until("the commit goes on once a standby is there", async || {
        read(&shop, "alone", &token).await.is_some_and(|found| found.name.is_some())
    })
    .await;
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn without_a_synchronous_standby_what_a_failover_loses_is_gone_for_everyone_alike() {
    let fleet = Fleet::faulty().await;
    let short = ["--token-life-ms", "9000", "--max-staleness-ms", "8000"];
    let instances = [fleet.instance(&PATIENCE).await, fleet.instance(&[&PATIENCE[..], &short].concat()).await];
    let (mut written, mut token) = (vec!["kept".to_owned()], String::new());
    assert_eq!(create(&instances[0], "kept").await.0, Outcome::Acknowledged);
    fleet.stack().await_replay().await.unwrap();
    cut_replication(&fleet).await;
    for turn in 0..20 {
        let slug = format!("store-{turn}");
        let (outcome, issued) = create(&instances[turn % 2], &slug).await;
        assert_eq!(outcome, Outcome::Acknowledged);
        written.push(slug);
        token = issued;
    }
    let last = &written[written.len() - 1];

    fleet.primary().kill().await.unwrap();

    for shop in &instances {
        assert!(read(shop, last, &token).await.is_none(), "a replica that lacks the write served its client");
        assert!(read(shop, "kept", "").await.unwrap().name.is_some(), "browsing did not go on");
    }

    let promoted = fleet.replica(0);
    promoted.promote().await.unwrap();
    for shop in &instances {
        until_written(shop, &format!("after-{}", shop.address.port())).await;
    }

    let present = count(&fleet, promoted, &written).await;
    println!("acknowledged {}, lost {}", written.len(), written.len() - present);
    assert_eq!(present, 1, "what was written before the replication was cut is there, and nothing else");
    for shop in &instances {
        for (slug, is_there) in [("kept", true), (last.as_str(), false)] {
            let found = read(shop, slug, &token).await.unwrap();
            assert_eq!(found.name.is_some(), is_there, "{slug}: {found:?}");
            assert_eq!((found.host, found.role.as_str()), (name_of(promoted), "primary"));
        }
    }

    let (outcome, merged) = create_with(&instances[0], last, &token).await;

    assert_eq!(outcome, Outcome::Acknowledged, "what was lost can be written again");
    fleet.replica(1).follow(promoted).await.unwrap();
    for shop in &instances {
        until_statuses(shop, &["unreachable", "primary", "replica"]).await;
    }
    for (slug, token) in [("kept", &token), (last.as_str(), &merged)] {
        let found = read(&instances[0], slug, token).await.unwrap();
        assert_eq!((found.name.as_deref(), found.role.as_str()), (Some(slug), "primary"), "{found:?}");
        assert_eq!(read(&instances[0], "kept", "").await.unwrap().role, "replica");
    }
    until("the token of the lost write has expired where it lives for a short time", async || {
        let found = read(&instances[1], "kept", &token).await.unwrap();
        assert!(found.name.is_some(), "{found:?}");
        found.role == "replica"
    })
    .await;
    for shop in instances {
        shop.stop().await;
    }
    fleet.end().await;
}
