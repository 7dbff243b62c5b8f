//! Own writes through several instances: what one wrote, every other shows at once.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;

use super::client::{Jar, create, read, read_with, rename, until_statuses};
use crate::support::{Fleet, Shop, until};

const LATE: Duration = Duration::from_secs(5);
const CLIENTS: usize = 4;
const ROUNDS: usize = 75;

/// How many reads found what, and who served them.
#[derive(Default, Debug)]
struct Count {
    reads: Cell<usize>,
    late: Cell<usize>,
    on_replicas: Cell<usize>,
}

impl Count {
    fn add(&self, is_late: bool, role: &str) {
        self.reads.set(self.reads.get() + 1);
        self.late.set(self.late.get() + usize::from(is_late));
        self.on_replicas.set(self.on_replicas.get() + usize::from(role == "replica"));
    }
}

/// Renames its store through one instance and reads it back through the other, in turns. An even number carries its tokens in cookies, an odd
/// one in the header.
async fn write_and_read_back(number: usize, id: &str, instances: &[Shop; 2], written: &Cell<usize>, own: &Count) {
    let slug = format!("client-{number}");
    let has_cookies = number.is_multiple_of(2);
    let mut jar = Jar::default();
    for round in 1..=ROUNDS {
        let (one, other) = (&instances[round % 2], &instances[(round + 1) % 2]);
        let cookies = jar.header();
        let sent = if has_cookies { vec![("cookie", cookies.as_str())] } else { vec![] };

        let renamed = rename(one, id, &round.to_string(), &sent).await;
        written.set(round);

        jar.take(&renamed);
        let (token, cookies) = (renamed.headers["x-consistency-token"].to_str().unwrap(), jar.header());
        let carrier = if has_cookies { ("cookie", cookies.as_str()) } else { ("x-consistency-token", token) };
        let found = read_with(other, &slug, &[carrier]).await;
        own.add(found.name != Some(round.to_string()), &found.role);
    }
}

/// Reads the stores without a token until all clients have ended.
async fn browse(instances: &[Shop; 2], written: &[Cell<usize>], others: &Count) {
    let mut turn = 0;
    while written.iter().any(|written| written.get() < ROUNDS) {
        turn += 1;
        let known = written[turn % CLIENTS].get();
        let found = read(&instances[turn % 2], &format!("client-{}", turn % CLIENTS), "").await.unwrap();
        others.add(found.name.unwrap().parse::<usize>().unwrap() < known, &found.role);
    }
}

#[tokio::test]
async fn nobody_reads_behind_their_own_write_through_two_instances_and_replicas_that_are_late() {
    let fleet = Fleet::faulty().await;
    let instances = [fleet.instance(&[]).await, fleet.instance(&[]).await];
    let mut ids = Vec::new();
    for number in 0..CLIENTS {
        let id = instances[0].store(&format!("client-{number}")).await;
        rename(&instances[0], &id, "0", &[]).await;
        ids.push(id);
    }
    fleet.stack().await_replay().await.unwrap();
    for shop in &instances {
        until_statuses(shop, &["primary", "replica", "replica"]).await;
    }
    for replica in fleet.stack().replicas() {
        replica.set_apply_delay(LATE).await.unwrap();
    }
    let written: [Cell<usize>; CLIENTS] = Default::default();
    let (own, others) = (Count::default(), Count::default());

    let clients =
        (0..CLIENTS).map(|number| write_and_read_back(number, &ids[number], &instances, &written[number], &own));
    tokio::join!(join_all(clients), browse(&instances, &written, &others));

    println!("own reads: {own:?}; reads without a token: {others:?}");
    assert_eq!((own.reads.get(), own.late.get()), (CLIENTS * ROUNDS, 0));
    assert_eq!(others.on_replicas.get(), others.reads.get(), "reads without a token left the replicas");
    assert!(others.late.get() > 0, "the replicas were not late: {others:?}");
    for shop in instances {
        shop.stop().await;
    }
    fleet.end().await;
}

#[tokio::test]
async fn an_instance_that_has_not_asked_its_servers_since_a_write_asks_before_it_reads() {
    let fleet = Fleet::shared().await;
    let writer = fleet.instance(&[]).await;
    let rarely = [
        "--health-interval-ms",
        "25000",
        "--max-staleness-ms",
        "30000",
        "--token-life-ms",
        "60000",
        "--token-wait-ms",
        "1000",
    ];
    // While others write, its first checks may find the replicas behind, and the next ones are far away.
    let mut reader = None;
    until("the first checks find the replicas fit", async || {
        let shop = fleet.instance(&rarely).await;
        let is_fit = shop.statuses().await == ["primary", "replica", "replica"];
        if is_fit {
            reader = Some(shop)
        } else {
            shop.stop().await
        }
        is_fit
    })
    .await;
    let reader = reader.unwrap();
    let mut on_replicas = 0;

    for round in 0..30 {
        let slug = format!("store-{round}");
        let (_, token) = create(&writer, &slug).await;
        let found = read(&reader, &slug, &token).await.unwrap();

        assert_eq!(found.name, Some(slug));
        on_replicas += usize::from(found.role == "replica");
    }

    assert!(on_replicas > 0, "no replica was asked how far it has come by now");
    writer.stop().await;
    reader.stop().await;
    fleet.end().await;
}
